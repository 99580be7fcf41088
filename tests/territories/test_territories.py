"""`/v1/territories`: who sees and changes them, what they must be, and what follows what."""

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.core.journal import JournalEntry
from app.territories.models import Succession
from tests import factories

NEW = {"slug": "paris-est-marne-et-bois", "name": "Paris Est Marne & Bois", "kind": "intermunicipality"}


async def test_the_operator_makes_a_territory_and_it_tells_everything_of_itself(client_for) -> None:
    made = await client_for(factories.an_operator()).post("/v1/territories", json=NEW)
    assert made.status_code == 201
    told = made.json()
    assert made.headers["Location"] == f"/v1/territories/{told['id']}"
    assert made.headers["ETag"] == '"1"'
    assert {name: told[name] for name in told if name not in {"id", "created_at", "updated_at"}} == {
        **NEW, "version": 1, "siren": None, "valid_from": None, "valid_until": None, "timezone": "Europe/Paris",
        "default_locale": "fr", "predecessors": [], "successors": [],
    }  # fmt: skip


async def test_only_the_operator_makes_territories(session, client_for) -> None:
    territory = await factories.a_territory(session)
    school = await factories.a_school(session, territory)
    for caller in (
        factories.a_collectivite(territory, admin=True),
        factories.a_referent(school),
        factories.a_club_member(school),
        factories.a_partner(territory),
    ):
        refused = await client_for(caller).post("/v1/territories", json=NEW)
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-allowed"), caller.role
    assert (await client_for(factories.an_operator()).get("/v1/territories?slug=" + NEW["slug"])).json()["items"] == []


async def test_everyone_sees_the_territories_they_work_in_and_no_other(session, client_for) -> None:
    mine, other = await factories.a_territory(session), await factories.a_territory(session)
    school = await factories.a_school(session, mine)
    for caller in (
        factories.a_collectivite(mine),
        factories.a_referent(school),
        factories.a_club_member(school),
        factories.a_partner(mine),
    ):
        client = client_for(caller)
        listed = (await client.get("/v1/territories")).json()["items"]
        assert [row["id"] for row in listed] == [str(mine.id)], caller.role
        assert (await client.get(f"/v1/territories/{mine.id}")).status_code == 200
        assert (await client.get(f"/v1/territories/{other.id}")).status_code == 404


async def test_a_token_without_the_scope_is_told_which_one_it_misses(session, client_for) -> None:
    territory = await factories.a_territory(session)
    client = client_for(factories.a_collectivite(territory, scopes=frozenset({"territories:read"})))
    refused = await client.patch(f"/v1/territories/{territory.id}", json={"name": "X"}, headers={"If-Match": '"1"'})
    assert refused.status_code == 403
    assert 'scope="territories:write"' in refused.headers["WWW-Authenticate"]


async def test_nobody_comes_in_without_a_token(anonymous) -> None:
    refused = await anonymous.get("/v1/territories")
    assert (refused.status_code, refused.headers["Content-Type"]) == (401, "application/problem+json")


async def test_an_admin_changes_their_territory_and_a_colleague_may_not(session, client_for) -> None:
    territory = await factories.a_territory(session)
    change = {"json": {"name": "Nouveau nom"}, "headers": {"If-Match": '"1"'}}
    refused = await client_for(factories.a_collectivite(territory)).patch(f"/v1/territories/{territory.id}", **change)
    assert refused.status_code == 403
    changed = await client_for(factories.a_collectivite(territory, admin=True)).patch(
        f"/v1/territories/{territory.id}", **change
    )
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert changed.json()["name"] == "Nouveau nom"


async def test_a_change_needs_the_version_that_was_read(session, client_for) -> None:
    territory = await factories.a_territory(session)
    admin = client_for(factories.a_collectivite(territory, admin=True))
    path = f"/v1/territories/{territory.id}"
    assert (await admin.patch(path, json={"name": "X"})).status_code == 428
    stale = await admin.patch(path, json={"name": "X"}, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.headers["ETag"]) == (412, '"1"')
    assert (await admin.get(path)).json()["name"] == territory.name


@pytest.mark.parametrize(
    ("field", "value", "pointer", "code"),
    [
        ("slug", "Pas un slug", "#/slug", "string_pattern_mismatch"),
        ("name", "   ", "#/name", "string_too_short"),
        ("name", None, "#/name", "string_type"),
        ("siren", "123456789", "#/siren", "siren"),
        ("timezone", "Europe/Charenton", "#/timezone", "unknown_timezone"),
        ("valid_until", "1999-01-01", "#/valid_until", "dates_reversed"),
        ("valid_from", 0, "#/valid_from", "date_type"),
        ("kind", "empire", "#/kind", "enum"),
        ("default_locale", "de", "#/default_locale", "literal_error"),
        ("planet", "Terre", "#/planet", "extra_forbidden"),
    ],
)
async def test_a_wrong_field_is_pointed_at(
    session, client_for, field: str, value: object, pointer: str, code: str
) -> None:
    territory = await factories.a_territory(session, valid_from=date(2000, 1, 1))
    changed = await client_for(factories.a_collectivite(territory, admin=True)).patch(
        f"/v1/territories/{territory.id}", json={field: value}, headers={"If-Match": '"1"'}
    )
    assert changed.status_code == 422
    assert [(error["pointer"], error["code"]) for error in changed.json()["errors"]] == [(pointer, code)]


async def test_a_slug_stands_for_one_territory(session, client_for) -> None:
    await factories.a_territory(session, slug=NEW["slug"])
    refused = await client_for(factories.an_operator()).post("/v1/territories", json=NEW)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (409, "#/slug")


async def test_the_list_says_which_territories_exist_on_a_day(session, client_for) -> None:
    ended = await factories.a_territory(session, slug="avant", valid_until=date(2016, 1, 1))
    begun = await factories.a_territory(session, slug="ensuite", valid_from=date(2016, 1, 1))
    client = client_for(factories.a_collectivite(ended, begun))
    for day, slugs in (("2015-12-31", ["avant"]), ("2016-01-01", ["ensuite"])):
        assert [row["slug"] for row in (await client.get(f"/v1/territories?on={day}")).json()["items"]] == slugs


async def test_a_territory_tells_those_it_follows_and_those_that_follow_it(session, client_for) -> None:
    before = await factories.a_territory(session, valid_until=date(2016, 1, 1))
    after = await factories.a_territory(session, valid_from=date(2016, 1, 1))
    admin = client_for(factories.a_collectivite(before, after, admin=True))
    items = [{"predecessor_id": str(before.id), "succeeds_on": "2016-01-01"}]
    said = await admin.put(
        f"/v1/territories/{after.id}/predecessors", json={"items": items}, headers={"If-Match": '"1"'}
    )
    assert (said.status_code, said.headers["ETag"]) == (200, '"2"')
    assert said.json()["predecessors"] == items
    assert (await admin.get(f"/v1/territories/{before.id}")).json()["successors"] == [
        {"successor_id": str(after.id), "succeeds_on": "2016-01-01"}
    ]
    emptied = await admin.put(
        f"/v1/territories/{after.id}/predecessors", json={"items": []}, headers={"If-Match": '"2"'}
    )
    assert emptied.json()["predecessors"] == []


async def test_a_predecessor_out_of_sight_is_unknown(session, client_for) -> None:
    mine, other = await factories.a_territory(session), await factories.a_territory(session)
    refused = await client_for(factories.a_collectivite(mine, admin=True)).put(
        f"/v1/territories/{mine.id}/predecessors",
        json={"items": [{"predecessor_id": str(other.id), "succeeds_on": "2016-01-01"}]},
        headers={"If-Match": '"1"'},
    )
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "#/items/0/predecessor_id"


@pytest.mark.parametrize(
    ("before", "after", "is_sound"),
    [
        ({"valid_until": date(2016, 1, 1)}, {"valid_from": date(2016, 1, 1)}, True),
        ({}, {}, True),
        ({"valid_until": date(2015, 1, 1)}, {"valid_from": date(2015, 6, 1)}, True),
        ({"valid_until": date(2016, 1, 2)}, {}, False),
        ({"valid_from": date(2016, 1, 1)}, {}, False),
        ({}, {"valid_from": date(2016, 1, 2)}, False),
        ({}, {"valid_until": date(2016, 1, 1)}, False),
    ],
)
async def test_a_territory_takes_over_once_the_other_has_ended(
    session, client_for, before: dict, after: dict, is_sound: bool
) -> None:
    first, second = await factories.a_territory(session, **before), await factories.a_territory(session, **after)
    answer = await client_for(factories.an_operator()).put(
        f"/v1/territories/{second.id}/predecessors",
        json={"items": [{"predecessor_id": str(first.id), "succeeds_on": "2016-01-01"}]},
        headers={"If-Match": '"1"'},
    )
    assert answer.status_code == (200 if is_sound else 422)
    if not is_sound:
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("#/items", "succession_dates")]


async def test_dates_cannot_move_from_under_a_succession(session, client_for) -> None:
    before = await factories.a_territory(session, valid_until=date(2016, 1, 1))
    after = await factories.a_territory(session, valid_from=date(2016, 1, 1))
    session.add(Succession(predecessor_id=before.id, successor_id=after.id, succeeds_on=date(2016, 1, 1)))
    await session.commit()
    operator = client_for(factories.an_operator())
    for territory, change in ((before, {"valid_until": "2017-01-01"}), (after, {"valid_from": "2016-02-01"})):
        refused = await operator.patch(f"/v1/territories/{territory.id}", json=change, headers={"If-Match": '"1"'})
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "succession_dates")


async def test_no_territory_ends_up_succeeding_itself(session, client_for) -> None:
    one, two, three = [await factories.a_territory(session) for _ in range(3)]
    operator = client_for(factories.an_operator())

    async def follow(successor, predecessor):
        return await operator.put(
            f"/v1/territories/{successor.id}/predecessors",
            json={"items": [{"predecessor_id": str(predecessor.id), "succeeds_on": "2016-01-01"}]},
            headers={"If-Match": '"1"'},
        )

    assert (await follow(two, one)).status_code == 200
    assert (await follow(three, two)).status_code == 200
    for predecessor in (three, one):
        refused = await follow(one, predecessor)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "succession_circle")


async def test_the_database_itself_refuses_a_circle(session) -> None:
    one, two = await factories.a_territory(session), await factories.a_territory(session)
    insert = text("INSERT INTO territory_successions VALUES (:before, :after, '2016-01-01')")
    await session.execute(insert, {"before": one.id, "after": two.id})
    with pytest.raises(DBAPIError, match="succeeding itself"):
        await session.execute(insert, {"before": two.id, "after": one.id})


async def test_the_journal_names_the_fields_and_never_their_values(session, client_for) -> None:
    territory = await factories.a_territory(session)
    caller = factories.a_collectivite(territory, admin=True)
    changed = await client_for(caller).patch(
        f"/v1/territories/{territory.id}", json={"name": "Secret", "siren": None}, headers={"If-Match": '"1"'}
    )
    assert changed.status_code == 200
    entries = (await session.scalars(select(JournalEntry).where(JournalEntry.resource_id == territory.id))).all()
    assert [(e.action, e.caller, e.version, e.fields, e.territory_id) for e in entries] == [
        ("insert", "test", 1, [], territory.id),
        ("update", caller.id, 2, ["name"], territory.id),
    ]
