"""The parties of a partnership: who joins, what each gives, and who sees it."""

import pytest

from app.partnerships.models import ContributionKind, PartnershipStage
from tests import factories
from tests.partnerships.factories import a_contribution, a_partnership, a_review


@pytest.fixture
async def partnership(session, territory, school, club):
    return await a_partnership(session, territory, school, club, stage=PartnershipStage.ACTIVE)


@pytest.fixture
def parties(partnership):
    return f"/v1/partnerships/{partnership.id}/parties"


async def test_an_actor_joins_gives_and_leaves(session, partnership, parties, town, company, school, ask) -> None:
    body = {
        "actor_id": str(company.id), "role": "Entreprise d’accueil", "benefit_sought": "Recruter",
        "contributions": [
            {"kind": "money", "planned_amount": 1500.5, "description": "Prix du concours"},
            {"kind": "hours", "planned_amount": 40, "real_amount": 12.25, "recipient_id": str(school.id)},
        ],
    }  # fmt: skip
    made = await town.post(parties, json=body)
    assert made.status_code == 201, made.text
    told, path = made.json(), made.headers["Location"]
    assert (told["actor"]["name"], told["benefit_sought"]) == ("Entreprise", "Recruter")
    assert [(c["kind"], c["unit"], c["planned_amount"], c["real_amount"]) for c in told["contributions"]] == [
        ("money", "EUR", 1500.5, None),
        ("hours", "hour", 40, 12.25),
    ]
    seen = await town.get(f"/v1/partnerships/{partnership.id}")
    assert [(p["actor"]["name"], p["role"]) for p in seen.json()["parties"]][-1] == ("Entreprise", body["role"])
    assert seen.headers["ETag"] == '"2"'
    changed = await ask(path, contributions=[{"kind": "skills", "real_amount": 8}])
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert [(c["kind"], c["unit"]) for c in changed.json()["contributions"]] == [("skills", "hour")]
    assert (await ask(path, role="Hôte")).json()["contributions"] == changed.json()["contributions"]
    assert (await town.get(parties)).json()["items"][-1]["role"] == "Hôte"
    assert (await town.delete(path, headers={"If-Match": '"3"'})).status_code == 204
    assert len((await town.get(parties)).json()["items"]) == 2


@pytest.mark.parametrize(
    ("contribution", "pointer", "code"),
    [
        ({}, "#/contributions/0", "amount_needed"),
        ({"planned_amount": -1}, "#/contributions/0/planned_amount", "greater_than_equal"),
        ({"planned_amount": 0.001}, "#/contributions/0/planned_amount", "decimal_max_places"),
        ({"planned_amount": 1e13}, "#/contributions/0/planned_amount", "decimal_whole_digits"),
        ({"planned_amount": 1, "recipient_id": "own"}, "#/contributions/0/recipient_id", "unknown_reference"),
        ({"planned_amount": 1, "recipient_id": "stranger"}, "#/contributions/0/recipient_id", "unknown_reference"),
    ],
)
async def test_what_nobody_can_give_is_refused(
    parties, town, company, session, territory, codes, contribution, pointer, code
) -> None:
    stranger = await factories.an_actor(session, territory)
    ids = {"own": str(company.id), "stranger": str(stranger.id)}
    given = {name: ids.get(value, value) for name, value in contribution.items()}
    body = {"actor_id": str(company.id), "role": "Hôte", "contributions": [{"kind": "money", **given}]}
    refused = await town.post(parties, json=body)
    assert (refused.status_code, codes(refused)) == (422, [(pointer, code)])


async def test_an_actor_is_party_to_it_once(parties, town, school, codes) -> None:
    refused = await town.post(parties, json={"actor_id": str(school.id), "role": "Encore"})
    assert (refused.status_code, codes(refused)) == (409, [("#/actor_id", "already_exists")])


async def test_who_is_needed_does_not_leave(session, territory, partnership, town, company, school, codes) -> None:
    async def leave(party) -> object:
        return await town.delete(f"/v1/partnership-parties/{party.id}", headers={"If-Match": "*"})

    first, second = partnership.parties
    refused = await leave(first)
    assert (refused.status_code, codes(refused)) == (409, [("#", "two_parties_needed")])
    prospect = await a_partnership(session, territory, school, company)
    await a_contribution(session, prospect.parties[1], ContributionKind.HOURS, planned=3, recipient=school)
    assert (await leave(prospect.parties[0])).json()["type"] == "/problems/still-referenced"
    await a_review(session, second)
    await town.post(f"/v1/partnerships/{partnership.id}/parties", json={"actor_id": str(company.id), "role": "Hôte"})
    assert (await leave(second)).json()["type"] == "/problems/still-referenced"
    assert (await leave(first)).status_code == 204


async def test_what_each_gives_stays_among_the_parties(
    session, territory, town, school, club, company, client_for, ask, codes
) -> None:
    row = await a_partnership(session, territory, school, club, published=True)
    path = f"/v1/partnerships/{row.id}"
    for caller, status in (
        (factories.a_collectivite(territory), 200),
        (factories.a_referent(school), 200),
        (factories.a_club_member(company), 403),
        (factories.a_partner(territory), 403),
    ):
        client = client_for(caller)
        assert (await client.get(path)).status_code == 200
        for part in ("parties", "reviews", "balance"):
            answer = await client.get(f"{path}/{part}")
            assert answer.status_code == status, (caller.role, part)
            if status == 403:
                assert codes(answer) == [("path:partnership_id", "not_a_party")]
