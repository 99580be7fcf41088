"""The second wall: what PostgreSQL itself shows the app role of people, whatever the code asks."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.actors.people import policy
from app.actors.people.models import Affiliation, Person
from app.core.db import let_see
from tests import factories

TABLES = ("people", "affiliations")


@pytest.fixture
async def two(session):
    """A person in each of two territories, of an actor each."""
    found = []
    for _ in range(2):
        territory = await factories.a_territory(session)
        actor = await factories.an_actor(session, territory)
        found.append((territory, actor, await factories.a_person(session, territory, actors=(actor,))))
    await session.execute(
        text("SELECT set_config('aet.territory_ids', '', true), set_config('aet.actor_ids', '', true)")
    )
    session.expunge_all()
    return found


async def counts(session) -> list[int]:
    return [await session.scalar(text(f"SELECT count(*) FROM {table}")) for table in TABLES]


async def test_the_app_role_stands_behind_the_wall(session) -> None:
    mine = "SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user"
    assert await session.scalar(text(mine)) is False
    walled = (
        "SELECT relrowsecurity AND relowner <> current_user::regrole FROM pg_class WHERE oid = CAST(:t AS regclass)"
    )
    for table in TABLES:
        assert await session.scalar(text(walled), {"t": table}) is True


async def test_a_transaction_that_says_nothing_of_its_sight_sees_no_one(own_database) -> None:
    async with own_database.session() as session:
        session.info["caller"] = "test"
        territory = await factories.a_territory(session)
        await factories.a_person(session, territory, actors=(await factories.an_actor(session, territory),))
    async with own_database.session() as session:
        assert await counts(session) == [0, 0]
        await let_see(session, territory_ids=[territory.id], actor_ids=None)
        assert await counts(session) == [1, 1]
        await session.commit()
        assert await counts(session) == [0, 0]


async def test_without_sight_nothing_is_read_changed_or_added(session, two) -> None:
    assert await counts(session) == [0, 0]
    for table in TABLES:
        for statement in (f"UPDATE {table} SET version = 9", f"DELETE FROM {table}"):
            assert (await session.execute(text(statement))).rowcount == 0
    territory, actor, person = two[0]
    for row in (
        Person(territory_id=territory.id, first_name="A", last_name="B"),
        Affiliation(territory_id=territory.id, person_id=person.id, actor_id=actor.id, role="Autre"),
    ):
        with pytest.raises(DBAPIError, match="row-level security"):
            async with session.begin_nested():
                session.add(row)


async def test_sight_is_of_the_territory_or_of_the_organisation_in_it(session, two) -> None:
    (here, own, _), (abroad, stranger, _) = two
    neighbour = await factories.an_actor(session, here)
    await factories.a_person(session, here, actors=(neighbour,))

    async def seen(territories: list[UUID], actors: list[UUID] | None) -> list[int]:
        await let_see(session, territory_ids=territories, actor_ids=actors)
        return await counts(session)

    assert await seen([here.id], None) == [2, 2]
    assert await seen([here.id, abroad.id], None) == [3, 3]
    assert await seen([here.id], [own.id]) == [1, 1]
    assert await seen([here.id], [stranger.id]) == [0, 0]
    assert await seen([here.id], []) == [0, 0]
    assert await seen([uuid4()], None) == [0, 0]


async def test_no_row_is_moved_out_of_sight(session, two) -> None:
    (here, own, _), (abroad, stranger, _) = two
    await let_see(session, territory_ids=[here.id], actor_ids=[own.id])
    for statement, params in (
        ("UPDATE people SET territory_id = :id", {"id": abroad.id}),
        ("UPDATE affiliations SET territory_id = :id", {"id": abroad.id}),
        ("UPDATE affiliations SET actor_id = :id", {"id": stranger.id}),
    ):
        with pytest.raises(DBAPIError, match="row-level security"):
            async with session.begin_nested():
                await session.execute(text(statement), params)


@pytest.fixture
def forgotten_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a careless change would do: everyone with the scope is meant to see everyone."""
    monkeypatch.setattr(policy, "visible_to", lambda caller: select(Person))
    monkeypatch.setattr(policy, "affiliations_visible_to", lambda caller: select(Affiliation))


@pytest.mark.usefixtures("forgotten_filter")
async def test_a_forgotten_filter_still_shows_no_one_out_of_sight(session, client_for, two) -> None:
    (here, own, mine), (abroad, _, other) = two
    neighbour = await factories.a_person(session, here, actors=(await factories.an_actor(session, here),))
    await let_see(session, territory_ids=[here.id, abroad.id], actor_ids=None)
    affiliations = {row.person_id: row.id for row in await session.scalars(select(Affiliation))}
    callers = (
        (factories.a_collectivite(here), {mine.id, neighbour.id}),
        (factories.a_club_member(own), {mine.id}),
        (factories.a_referent(own), {mine.id}),
        (factories.a_partner(here), set()),
        (factories.an_operator(), set()),
    )
    for caller, seen in callers:
        client = client_for(caller)
        listed = {UUID(row["id"]) for row in (await client.get("/v1/people")).json()["items"]}
        assert listed == seen, caller.role
        for person in (mine, neighbour, other):
            expected = 200 if person.id in seen else 404
            for path in (f"/v1/people/{person.id}", f"/v1/affiliations/{affiliations[person.id]}"):
                assert (await client.get(path)).status_code == expected, (caller.role, path)
                if person.id not in seen:
                    assert (await client.delete(path, headers={"If-Match": "*"})).status_code == 404
