"""`/v1/partnerships`: written by the collectivité, found by what one looks for, seen by who is concerned."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.journal import JournalEntry
from app.core.publication import Publication, Tombstone
from app.partnerships.models import PartnershipStage, PartnershipType
from tests import factories
from tests.partnerships.factories import a_contribution, a_partnership, a_review

TOMORROW, YESTERDAY = clock.now() + timedelta(days=1), clock.now() - timedelta(days=1)


async def titles(client, query: str = "") -> list[str]:
    answer = await client.get(f"/v1/partnerships?{query}")
    assert answer.status_code == 200, answer.text
    return [row["title"] for row in answer.json()["items"]]


async def test_a_partnership_is_noted_changed_and_deleted(session, territory, town, ask) -> None:
    theme = await factories.a_theme(session, territory, name="Emploi")
    body = {
        "territory_id": str(territory.id), "title": "Lycée et club", "type": "societal_innovation",
        "theme_id": str(theme.id), "objectives": ["Rapprocher"], "ends_on": "2017-08-31",
    }  # fmt: skip
    made = await town.post("/v1/partnerships", json=body)
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    told = made.json()
    assert (told["stage"], told["publication"], told["parties"]) == ("prospect", "draft", [])
    assert (told["theme"]["name"], told["renewal_due_on"]) == ("Emploi", None)
    path = made.headers["Location"]
    changed = await ask(path, theme_id=None, agreement_reference="DEE-7", agreement_signed_on="2014-09-01")
    assert (changed.status_code, changed.json()["theme"], changed.json()["version"]) == (200, None, 2)
    assert (await town.delete(path, headers={"If-Match": '"2"'})).status_code == 204
    assert (await town.get(path)).status_code == 404
    assert await session.scalar(select(Tombstone)) is None


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"starts_on": "2016-09-01", "ends_on": "2016-08-31"}, "#/ends_on", "dates_reversed"),
        ({"theme_id": "019a0000-0000-7000-8000-000000000000"}, "#/theme_id", "unknown_reference"),
        ({"type": "friendship"}, "#/type", "enum"),
        ({"title": " "}, "#/title", "string_too_short"),
        ({"stage": "active"}, "#/stage", "extra_forbidden"),
    ],
)
async def test_what_does_not_hold_together_is_refused(territory, town, codes, fields, pointer, code) -> None:
    body = {"territory_id": str(territory.id), "title": "Lycée et club", "type": "patronage", **fields}
    refused = await town.post("/v1/partnerships", json=body)
    assert (refused.status_code, codes(refused)) == (422, [(pointer, code)])


async def test_each_filter_narrows_the_list(session, territory, town, school, club) -> None:
    theme = await factories.a_theme(session, territory, slug="handicap")
    await a_partnership(session, territory, title="École", type=PartnershipType.PATRONAGE, theme=theme, published=True)
    await a_partnership(
        session, territory, school, club, title="Stages", stage=PartnershipStage.ACTIVE, ends_on=date(2016, 8, 31)
    )
    ended = {"stage": PartnershipStage.ENDED, "ends_on": date(2016, 8, 31)}
    await a_partnership(session, territory, club, title="Zone", **ended)
    for query, expected in (
        ("", ["École", "Stages", "Zone"]),
        ("territory=marne", ["École", "Stages", "Zone"]),
        ("theme=handicap", ["École"]),
        ("type=patronage", ["École"]),
        ("stage=active&stage=ended", ["Stages", "Zone"]),
        (f"party={school.id}", ["Stages"]),
        (f"party={club.id}", ["Stages", "Zone"]),
        ("renewal_due_before=2016-06-03", ["Stages"]),
        ("renewal_due_before=2016-06-02", []),
        ("publication=published", ["École"]),
        ("q=ecol", ["École"]),
        ("q=%25", []),
        (f"updated_since={TOMORROW:%Y-%m-%dT%H:%M:%SZ}", []),
    ):
        assert await titles(town, query) == expected, query
    running = (await town.get("/v1/partnerships?q=stages")).json()["items"][0]
    assert running["renewal_due_on"] == "2016-06-02"
    assert (await town.get("/v1/partnerships?territory=ailleurs")).status_code == 422


async def test_the_list_is_read_page_by_page(session, territory, town) -> None:
    for title in ("Zèbre", "abeille", "Écureuil"):
        await a_partnership(session, territory, title=title)
    first = await town.get("/v1/partnerships?limit=2", headers={"Prefer": "count=exact"})
    assert ([row["title"] for row in first.json()["items"]], first.json()["count"]) == (["abeille", "Écureuil"], 3)
    assert await titles(town, f"limit=2&cursor={first.json()['next']}") == ["Zèbre"]


STAGES = {
    "draft": {},
    "published": {"published": True},
    "embargoed": {"publication": Publication.PUBLISHED, "published_at": TOMORROW, "publish_at": TOMORROW},
    "withdrawn": {"publication": Publication.WITHDRAWN, "published_at": YESTERDAY, "withdrawn_at": YESTERDAY},
}


async def test_others_see_what_is_published_and_what_they_are_party_to(
    session, territory, school, club, company, client_for
) -> None:
    for name, traits in STAGES.items():
        await a_partnership(session, territory, club, title=name, **traits)
        await a_partnership(session, territory, school, club, title=f"{name} mine", **traits)
    await a_partnership(session, await factories.a_territory(session), title="elsewhere", published=True)
    announced, everything = {"published", "published mine"}, {*STAGES, *(f"{name} mine" for name in STAGES)}
    for caller, expected in (
        (factories.a_collectivite(territory), everything),
        (factories.a_referent(school), {"published", *(f"{name} mine" for name in STAGES)}),
        (factories.a_club_member(company), announced),
        (factories.a_partner(territory), announced),
        (factories.an_operator(), set()),
    ):
        assert set(await titles(client_for(caller))) == expected, caller.role


async def test_one_that_was_reviewed_stays_and_one_that_was_public_leaves_a_tombstone(
    session, territory, town, school, club
) -> None:
    reviewed = await a_partnership(session, territory, school, club, stage=PartnershipStage.ACTIVE)
    await a_review(session, reviewed.parties[0])
    refused = await town.delete(f"/v1/partnerships/{reviewed.id}", headers={"If-Match": "*"})
    assert refused.json()["type"] == "/problems/still-referenced"
    known = await a_partnership(session, territory, school, club, stage=PartnershipStage.ACTIVE, published=True)
    for giver, recipient in ((0, club), (1, school)):
        await a_contribution(session, known.parties[giver], planned=1, recipient=recipient)
    assert (await town.delete(f"/v1/partnerships/{known.id}", headers={"If-Match": "*"})).status_code == 204
    left = (await session.scalars(select(Tombstone))).all()
    assert [(row.resource, row.resource_id) for row in left] == [("partnerships", known.id)]
    gone = select(JournalEntry.resource).where(JournalEntry.action == "delete")
    assert sorted(await session.scalars(gone)) == ["partnership-parties", "partnership-parties", "partnerships"]
