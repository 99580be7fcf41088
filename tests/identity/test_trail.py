"""The audit trail: one order for changes and lines, each reader's part of it, and nothing taken out of it."""

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from app.identity import audit, rights
from app.identity.caller import Role
from app.identity.models import AuditEntry
from tests.factories import a_club_member, a_collectivite, a_referent, a_school, a_territory, an_actor, an_operator
from tests.identity.people import an_account, enrolled, grant, sign_in

SCOPES = frozenset(rights.SCOPES)


async def lines(client, **filters):
    answer = await client.get("/v1/audit", params=filters)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_changes_and_lines_are_one_trail_latest_first(session, client_for):
    territory = await a_territory(session)
    actor = await an_actor(session, territory)
    session.add(audit.entry("test", "read", resource="people", territory_id=territory.id))
    await session.flush()
    actor.name = "Nouveau nom"
    await session.commit()
    trail = await lines(client_for(a_collectivite(territory, admin=True, scopes=SCOPES)))
    assert [(line["action"], line["resource"]) for line in trail] == [
        ("update", "actors"), ("read", "people"), ("insert", "actors"), ("insert", "territories"),
    ]  # fmt: skip
    assert trail[0]["fields"] == ["name"]
    assert [line["seq"] for line in trail] == sorted((line["seq"] for line in trail), reverse=True)


async def test_a_sign_in_is_read_by_the_admin_and_by_the_referent_of_the_school(session, client_for, anonymous):
    territory = await a_territory(session)
    school, other = await a_school(session, territory), await a_school(session, territory)
    account = await an_account(session)
    await grant(session, account, Role.REFERENT, territory, school)
    await sign_in(anonymous, account, await enrolled(session, account))
    for caller in (a_collectivite(territory, admin=True, scopes=SCOPES), a_referent(school, scopes=SCOPES)):
        told = await lines(client_for(caller), caller=f"account:{account.id}")
        assert [line["action"] for line in told] == ["second-factor", "sign-in"]
        assert account.email not in str(told)
    assert await lines(client_for(a_referent(other, scopes=SCOPES)), caller=f"account:{account.id}") == []


async def test_each_reads_only_their_part(session, client_for):
    here, there = await a_territory(session), await a_territory(session)
    session.add_all(audit.entry("test", "x", territory_id=territory.id) for territory in (here, there))
    session.add(audit.entry("test", "y"))
    await session.commit()
    admin = await lines(client_for(a_collectivite(here, admin=True, scopes=SCOPES)), caller="test", action="x")
    operator = await lines(client_for(an_operator(scopes=SCOPES)), caller="test", outcome="allowed")
    assert [line["territory_id"] for line in admin] == [str(here.id)]
    assert {line["territory_id"] for line in operator} == {None}
    assert "y" in [line["action"] for line in operator]
    for caller in (a_collectivite(here, scopes=SCOPES), a_club_member(await an_actor(session, here), scopes=SCOPES)):
        assert await lines(client_for(caller)) == []
    assert (await client_for(a_collectivite(here, admin=True, scopes=frozenset())).get("/v1/audit")).status_code == 403


async def test_pages_of_the_trail_follow_each_other(session, client_for):
    territory = await a_territory(session)
    session.add_all(audit.entry("test", f"n{number}", territory_id=territory.id) for number in range(7))
    await session.commit()
    client = client_for(a_collectivite(territory, admin=True, scopes=SCOPES))
    found, cursor = [], None
    while True:
        asked = {"limit": 3, "caller": "test"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/audit", params=asked)).json()
        found += [line["action"] for line in page["items"] if line["action"].startswith("n")]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(found) == [f"n{number}" for number in range(7)]


@pytest.mark.parametrize(
    "statement", [update(AuditEntry).values(caller="x"), delete(AuditEntry), text("truncate audit")]
)
async def test_the_application_can_take_nothing_out_of_the_trail(session, statement):
    session.add(audit.entry("test", "x"))
    await session.commit()
    with pytest.raises(DBAPIError, match="permission denied"):
        async with session.begin_nested():
            await session.execute(statement)
