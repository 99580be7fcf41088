"""Who sees which events, and who may change them."""

from datetime import timedelta

import pytest

from app.core import clock
from app.core.publication import Publication
from app.events.models import Audience
from tests import factories
from tests.events.asking import codes

TOMORROW, YESTERDAY = clock.now() + timedelta(days=1), clock.now() - timedelta(days=1)
OUT = {"publication": Publication.PUBLISHED, "published_at": YESTERDAY}
KINDS = {
    "public": OUT,
    "partners": {**OUT, "audience": Audience.PARTNERS},
    "internal": {**OUT, "audience": Audience.INTERNAL},
    "embargo": {**OUT, "published_at": TOMORROW, "publish_at": TOMORROW},
    "out of embargo": {**OUT, "publish_at": YESTERDAY},
    "withdrawn": {"publication": Publication.WITHDRAWN, "published_at": YESTERDAY, "withdrawn_at": YESTERDAY},
    "draft": {},
}
ANNOUNCED = {"public", "partners", "out of embargo"}


@pytest.fixture
async def rows(session, territory):
    """Events of all kinds, organised by nobody, by the school, or helped by it; and one of elsewhere."""
    school = await factories.a_school(session, territory)
    elsewhere = await factories.a_territory(session)
    ties = {"": {}, "organised ": {"organisers": (school,)}, "helped ": {"partners": (school,)}, "sent ": {}}
    events = {
        f"{tie}{kind}": await factories.an_event(
            session, territory, **columns, **traits, sources=("partner-system",) if tie == "sent " else ()
        )
        for tie, traits in ties.items()
        for kind, columns in KINDS.items()
    }
    events["elsewhere"] = await factories.an_event(session, elsewhere, published=True)
    events["by the school, elsewhere"] = await factories.an_event(session, elsewhere, organisers=(school,))
    return school, events


def callers(territory, school):
    return {
        "collectivité": factories.a_collectivite(territory),
        "referent": factories.a_referent(school),
        "club member": factories.a_club_member(school),
        "partner": factories.a_partner(territory),
        "partner of another source": factories.a_partner(territory, source="other"),
        "partner without a source": factories.a_partner(territory, source=None),
        "operator": factories.an_operator(territory_ids=frozenset({territory.id})),
    }


def seen_by(who: str, tie: str, kind: str) -> bool:
    match who:
        case "collectivité":
            return True
        case "operator":
            return False
        case "referent" | "club member":
            return kind in ANNOUNCED or tie in ("organised ", "helped ")
        case "partner":
            return kind in ANNOUNCED or tie == "sent "
        case _:
            return kind in ANNOUNCED


def answers_for(who: str, tie: str) -> bool:
    return (who, tie) in {("referent", "organised "), ("club member", "organised "), ("partner", "sent ")} or (
        who == "collectivité"
    )


@pytest.mark.parametrize(
    "who",
    ["collectivité", "referent", "club member", "partner", "partner of another source", "partner without a source",
     "operator"],
)  # fmt: skip
async def test_every_caller_sees_and_changes_exactly_their_rows(territory, rows, client_for, who: str) -> None:
    school, events = rows
    client = client_for(callers(territory, school)[who])
    listed = {row["id"]: row for row in (await client.get("/v1/events?limit=200")).json()["items"]}
    ties = {f"{tie}{kind}": (tie, kind) for tie in ("", "organised ", "helped ", "sent ") for kind in KINDS}
    expected = {name for name, (tie, kind) in ties.items() if seen_by(who, tie, kind)}
    assert {name for name, event in events.items() if str(event.id) in listed} == expected
    for name, event in events.items():
        read = await client.get(f"/v1/events/{event.id}")
        assert read.status_code == (200 if name in expected else 404), name
        changed = await client.patch(f"/v1/events/{event.id}", json={"title": "Repris"}, headers={"If-Match": '"1"'})
        if name not in expected:
            assert changed.status_code == 404, name
            continue
        tie, kind = ties[name]
        is_theirs, is_open = answers_for(who, tie), who == "collectivité" or kind == "draft"
        assert ("edit" in read.json()["allowed_actions"]) == (is_theirs and is_open), name
        assert changed.status_code == (200 if is_theirs and is_open else 403), name
        if changed.status_code == 403:
            assert codes(changed) == [("#", "publishers_only" if is_theirs else "not_yours")], name


async def test_nothing_is_read_or_written_without_the_scope(territory, made, client_for) -> None:
    url = f"/v1/events/{(await made())['id']}"
    reader = client_for(factories.a_collectivite(territory, scopes=frozenset({"events:read"})))
    assert (await reader.get(url)).json()["allowed_actions"] == []
    refused = await reader.patch(url, json={}, headers={"If-Match": '"2"'})
    assert refused.status_code == 403
    assert 'scope="events:write"' in refused.headers["WWW-Authenticate"]
    writer = client_for(factories.a_collectivite(territory, scopes=frozenset({"events:write"})))
    assert (await writer.get(url)).status_code == 403
    assert (await writer.post(f"{url}:publish", headers={"If-Match": '"2"'})).status_code == 403
    assert codes(await writer.patch(url, json={}, headers={"If-Match": '"2"'})) == [("#", "publishers_only")]


async def test_nobody_comes_in_without_a_token(anonymous, made) -> None:
    url = f"/v1/events/{(await made())['id']}"
    for path in ("/v1/events", url):
        answer = await anonymous.get(path)
        assert (answer.status_code, "WWW-Authenticate" in answer.headers) == (401, True)


async def test_a_referent_makes_events_of_their_school_and_hands_them_to_review(
    session, territory, client_for, body
) -> None:
    school = await factories.a_school(session, territory)
    referent = client_for(factories.a_referent(school))
    answer = await referent.post("/v1/events", json=body(organiser_ids=[str(school.id)]))
    event = answer.json()
    assert (answer.status_code, event["allowed_actions"]) == (201, ["edit", "delete", "submit"])
    url, headers = f"/v1/events/{event['id']}", {"If-Match": '"1"'}
    assert (await referent.post(f"{url}:publish", headers=headers)).status_code == 403
    event = (await referent.post(f"{url}:submit", headers=headers)).json()
    assert event["allowed_actions"] == ["edit", "delete"]
    assert (await referent.delete(url, headers={"If-Match": '"2"'})).status_code == 204


@pytest.mark.parametrize("who", ["referent", "club member", "partner", "operator"])
async def test_nobody_makes_events_they_do_not_answer_for(session, territory, client_for, body, who: str) -> None:
    school, other = [await factories.a_school(session, territory) for _ in range(2)]
    client = client_for(callers(territory, school)[who])
    for fields in ({}, {"organiser_ids": [str(other.id)]}, {"partner_ids": [str(school.id)]}):
        answer = await client.post("/v1/events", json=body(**fields))
        assert answer.status_code in (403, 422), fields
        assert who == "operator" or answer.status_code == 403
    seen = client_for(factories.a_collectivite(territory))
    assert (await seen.get("/v1/events")).json()["items"] == []


async def test_a_referent_cannot_give_an_event_away(session, territory, client_for, body) -> None:
    school, other = [await factories.a_school(session, territory) for _ in range(2)]
    referent = client_for(factories.a_referent(school))
    event = (await referent.post("/v1/events", json=body(organiser_ids=[str(school.id)]))).json()
    url, headers = f"/v1/events/{event['id']}", {"If-Match": '"1"'}
    assert (await referent.patch(url, json={"organiser_ids": [str(other.id)]}, headers=headers)).status_code == 403
    assert (await referent.get(url)).json() == event
    both = {"organiser_ids": [str(other.id), str(school.id)]}
    assert (await referent.patch(url, json=both, headers=headers)).status_code == 200


async def test_a_partner_writes_rows_of_its_own_source_only(session, territory, client_for, body) -> None:
    partner = client_for(factories.a_partner(territory, source="agenda"))
    sent = body(external_ids=[{"source": "agenda", "id": "1"}])
    event = (await partner.post("/v1/events", json=sent)).json()
    assert event["allowed_actions"] == ["edit", "delete", "submit"]
    url, headers = f"/v1/events/{event['id']}", {"If-Match": '"1"'}
    foreign = {"external_ids": [{"source": "agenda", "id": "1"}, {"source": "other", "id": "1"}]}
    refused = await partner.patch(url, json=foreign, headers=headers)
    assert codes(refused) == [("#/external_ids/1/source", "foreign_source")]
    assert (await partner.patch(url, json={"external_ids": []}, headers=headers)).status_code == 403
    twice = await partner.post("/v1/events", json=sent)
    assert (twice.status_code, codes(twice)) == (409, [("#/external_ids", "already_exists")])


async def test_names_of_other_systems_stay_when_one_system_changes_its_own(
    session, territory, town, client_for, body
) -> None:
    partner = client_for(factories.a_partner(territory, source="agenda"))
    names = [{"source": "agenda", "id": "1"}, {"source": "ville", "id": "9"}]
    event = (await town.post("/v1/events", json=body(external_ids=names))).json()
    url = f"/v1/events/{event['id']}"
    sent = {"external_ids": [{"source": "agenda", "id": "2"}]}
    changed = await partner.patch(url, json=sent, headers={"If-Match": '"1"'})
    assert changed.json()["external_ids"] == [{"source": "agenda", "id": "2"}, {"source": "ville", "id": "9"}]
    echoed = {"external_ids": changed.json()["external_ids"], "title": "Repris"}
    assert (await partner.patch(url, json=echoed, headers={"If-Match": '"2"'})).status_code == 200


async def test_a_referent_gives_no_name_of_another_system(session, territory, client_for, body) -> None:
    school = await factories.a_school(session, territory)
    referent = client_for(factories.a_referent(school))
    sent = body(organiser_ids=[str(school.id)], external_ids=[{"source": "agenda", "id": "1"}])
    assert codes(await referent.post("/v1/events", json=sent)) == [("#/external_ids/0/source", "foreign_source")]


@pytest.mark.parametrize("who", ["collectivité", "referent"])
async def test_what_lies_elsewhere_is_as_if_it_did_not_exist(session, territory, client_for, body, who: str) -> None:
    elsewhere = await factories.a_territory(session, municipalities=("75056",))
    actor, theme = await factories.an_actor(session, elsewhere), await factories.a_theme(session, elsewhere)
    school = await factories.a_school(session, territory)
    client, own = client_for(callers(territory, school)[who]), [str(school.id)]
    nothing = "01936f6e-5c1a-7d3e-9b52-2f6c8f0a4d17"
    for fields, pointer in (
        ({"organiser_ids": [*own, str(actor.id)]}, "#/organiser_ids/1"),
        ({"organiser_ids": [*own, nothing]}, "#/organiser_ids/1"),
        ({"organiser_ids": own, "partner_ids": [str(actor.id)]}, "#/partner_ids/0"),
        ({"organiser_ids": own, "theme_ids": [str(theme.id)]}, "#/theme_ids/0"),
        ({"organiser_ids": own, "theme_ids": [nothing]}, "#/theme_ids/0"),
        ({"organiser_ids": own, "insee_code": "75056"}, "#/insee_code"),
        ({"organiser_ids": own, "insee_code": "99999"}, "#/insee_code"),
        ({"organiser_ids": own, "territory_id": str(elsewhere.id)}, "#/territory_id"),
        ({"organiser_ids": own, "territory_id": nothing}, "#/territory_id"),
    ):
        answer = await client.post(
            "/v1/events", json=body(**fields) if "territory_id" not in fields else body() | fields
        )
        assert (answer.status_code, codes(answer)) == (422, [(pointer, "unknown_reference")]), fields


async def test_a_collectivite_of_two_territories_does_not_mix_them(session, territory, client_for, body) -> None:
    second = await factories.a_territory(session)
    actor = await factories.an_actor(session, second)
    client = client_for(factories.a_collectivite(territory, second))
    answer = await client.post("/v1/events", json=body(organiser_ids=[str(actor.id)]))
    assert codes(answer) == [("#/organiser_ids/0", "unknown_reference")]
