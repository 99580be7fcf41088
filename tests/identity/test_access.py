"""From grants to a caller: alive today, narrowed, one role, in one statement."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.core import clock
from app.identity import rights
from app.identity.access import Held, caller_from, caller_of, grants_of_account, grants_of_client, held
from app.identity.caller import Role
from app.identity.models import Account, Client, Grant
from tests.factories import a_school, a_territory, an_actor

EVERY = frozenset(rights.SCOPES)


async def an_account(session, **traits):
    row = Account(email=f"a{uuid4().hex}@example.org", display_name="A", **traits)
    session.add(row)
    await session.flush()
    return row


async def grant(session, account, role, territory=None, actor=None, **traits):
    rows = {"territory_id": territory and territory.id, "actor_id": actor and actor.id}
    row = Grant(account_id=account.id, role=role, **rows, **traits)
    session.add(row)
    await session.flush()
    return row


async def test_a_staff_member_acts_in_every_territory_granted(session):
    account, one, two = await an_account(session), await a_territory(session), await a_territory(session)
    for territory in (one, two):
        await grant(session, account, Role.COLLECTIVITE, territory)
    caller = await caller_of(session, account_id=account.id, scopes=EVERY)
    assert caller.id == f"account:{account.id}"
    assert caller.territory_ids == {one.id, two.id}
    assert caller.scopes == rights.ALLOWED[Role.COLLECTIVITE]
    assert not caller.is_admin


async def test_a_referent_answers_for_schools_and_a_club_member_for_organisations(session):
    territory = await a_territory(session)
    school, club = await a_school(session, territory), await an_actor(session, territory)
    referent, member = await an_account(session), await an_account(session)
    await grant(session, referent, Role.REFERENT, territory, school)
    await grant(session, member, Role.CLUB_MEMBER, territory, club)
    one = await caller_of(session, account_id=referent.id, scopes=EVERY)
    two = await caller_of(session, account_id=member.id, scopes=EVERY)
    assert (one.school_ids, one.actor_ids) == ({school.id}, frozenset())
    assert (two.school_ids, two.actor_ids) == (frozenset(), {club.id})


@pytest.mark.parametrize(
    ("traits", "is_alive"),
    [
        ({}, True),
        ({"valid_from": -1}, True),
        ({"valid_from": 2}, False),
        ({"valid_until": 2}, True),
        ({"valid_until": -1}, False),
        ({"revoked_at": 0}, False),
    ],
)
async def test_a_grant_counts_only_on_its_days_and_until_it_is_revoked(session, traits, is_alive):
    account, territory, now = await an_account(session), await a_territory(session), clock.now()
    moved = {name: now + timedelta(days=days) for name, days in traits.items()}
    dated = {name: at if name == "revoked_at" else at.date() for name, at in moved.items()}
    await grant(session, account, Role.COLLECTIVITE, territory, **dated)
    assert (await caller_of(session, account_id=account.id, scopes=EVERY) is not None) is is_alive


async def test_a_grant_begins_at_midnight_in_its_own_territory(session):
    account = await an_account(session)
    east = await a_territory(session, timezone="Pacific/Noumea")
    tomorrow_there = (clock.now() + timedelta(hours=11)).date()
    await grant(session, account, Role.COLLECTIVITE, east, valid_from=tomorrow_there)
    assert await caller_of(session, account_id=account.id, scopes=EVERY) is not None


async def test_a_disabled_account_is_nobody(session):
    account, territory = await an_account(session, disabled_at=clock.now()), await a_territory(session)
    await grant(session, account, Role.COLLECTIVITE, territory)
    assert await caller_of(session, account_id=account.id, scopes=EVERY) is None


@pytest.mark.parametrize(("approved", "disabled"), [(True, False), (False, False), (True, True), (False, True)])
async def test_a_client_acts_when_it_is_approved_and_not_disabled(session, approved, disabled):
    territory = await a_territory(session)
    client = Client(
        client_id=uuid4().hex, name="C", territory_id=territory.id,
        approved_at=clock.now() if approved else None, disabled_at=clock.now() if disabled else None,
    )  # fmt: skip
    session.add(client)
    await session.flush()
    session.add(Grant(client_id=client.id, role=Role.PARTNER, territory_id=territory.id))
    await session.flush()
    caller = await caller_of(session, client_id=client.id, scopes=EVERY, source="logiciel")
    assert (caller is not None) is (approved and not disabled)
    if caller:
        assert (caller.role, caller.source, caller.id) == (Role.PARTNER, "logiciel", f"client:{client.id}")


async def test_an_account_holds_one_role_at_a_time(session):
    account, territory = await an_account(session), await a_territory(session)
    school = await a_school(session, territory)
    first = await grant(session, account, Role.COLLECTIVITE, territory)
    with pytest.raises((IntegrityError, DBAPIError), match="one_role"):
        async with session.begin_nested():
            await grant(session, account, Role.REFERENT, territory, school)
    first.revoked_at = clock.now()
    await session.flush()
    await grant(session, account, Role.REFERENT, territory, school)
    assert (await caller_of(session, account_id=account.id, scopes=EVERY)).role is Role.REFERENT


async def test_a_caller_is_found_in_one_statement(session, database):
    account, territory = await an_account(session), await a_territory(session)
    await grant(session, account, Role.COLLECTIVITE, territory)
    said = []
    engine = database.connection.sync_connection
    event.listen(engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    await caller_of(session, account_id=account.id, scopes=EVERY)
    assert len([line for line in said if "role_grants" in line]) == 1


ONE, TWO, SCHOOL = uuid4(), uuid4(), uuid4()
STAFF = [Held(Role.COLLECTIVITE, ONE, None, is_admin=True), Held(Role.COLLECTIVITE, TWO, None, is_admin=False)]
REFERENT = [Held(Role.REFERENT, ONE, SCHOOL, is_admin=False)]


@pytest.mark.unit
def test_a_narrowing_keeps_only_the_grants_it_names():
    caller = caller_from(STAFF, id="x", scopes=EVERY, narrowing={"territory_ids": [str(TWO)]})
    assert caller.territory_ids == {TWO}
    assert caller_from(STAFF, id="x", scopes=EVERY, narrowing={"territory_ids": [str(uuid4())]}) is None
    assert caller_from(STAFF, id="x", scopes=EVERY, narrowing={"actor_ids": [str(SCHOOL)]}) is None
    assert caller_from(REFERENT, id="x", scopes=EVERY, narrowing={"actor_ids": [str(SCHOOL)]}).school_ids == {SCHOOL}
    assert caller_from(REFERENT, id="x", scopes=EVERY, narrowing={"actor_ids": []}) is None


@pytest.mark.unit
def test_an_admin_of_one_territory_gives_no_rights_in_another():
    assert "accounts:write" not in caller_from(STAFF, id="x", scopes=EVERY).scopes
    narrowed = caller_from(STAFF, id="x", scopes=EVERY, narrowing={"territory_ids": [str(ONE)]})
    assert narrowed.is_admin
    assert "accounts:write" in narrowed.scopes


@pytest.mark.unit
def test_a_token_gives_no_scope_its_role_has_not_and_a_role_none_its_token_has_not():
    assert caller_from(REFERENT, id="x", scopes={"events:read", "events:publish"}).scopes == {"events:read"}
    assert caller_from(REFERENT, id="x", scopes={"events:publish"}) is None
    assert caller_from([], id="x", scopes=EVERY) is None


@pytest.mark.unit
def test_every_scope_of_the_table_exists_and_is_said_in_both_languages():
    for role in Role:
        assert rights.allowed(role, is_admin=True) <= rights.SCOPES.keys()
    assert all(set(told) == {"fr", "en"} and all(told.values()) for told in rights.SCOPES.values())


@pytest.mark.unit
def test_an_operator_has_no_business_scope():
    business = {"actors", "people", "events", "themes", "programmes"}
    assert not {scope.split(":")[0] for scope in rights.ALLOWED[Role.OPERATOR]} & business


async def test_a_list_of_accounts_shows_each_its_own_grants_and_no_other(session):
    territory = await a_territory(session)
    one, two, bare = await an_account(session), await an_account(session), await an_account(session)
    await grant(session, one, Role.COLLECTIVITE, territory, is_admin=True)
    await grant(session, two, Role.COLLECTIVITE, territory)
    rows = (await session.execute(select(Account.id, grants_of_account(Account.id)))).all()
    found = {id_: held(grants) for id_, grants in rows}
    assert [each.is_admin for each in found[one.id]] == [True]
    assert [each.is_admin for each in found[two.id]] == [False]
    assert found[bare.id] == []


async def test_a_list_of_clients_shows_each_its_own_grants_and_no_other(session):
    territory = await a_territory(session)
    clients = [Client(client_id=uuid4().hex, name="C", approved_at=clock.now()) for _ in range(2)]
    session.add_all(clients)
    await session.flush()
    session.add(Grant(client_id=clients[0].id, role=Role.PARTNER, territory_id=territory.id))
    await session.flush()
    rows = (await session.execute(select(Client.id, grants_of_client(Client.id)))).all()
    assert {id_: len(held(grants)) for id_, grants in rows} == {clients[0].id: 1, clients[1].id: 0}
