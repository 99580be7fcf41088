"""The demonstration's contacts: invented, marked so, and out of anybody's reach."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.actors.people.models import Affiliation, Person
from app.core.db import Database, let_see
from app.demo.load import load
from app.demo.rows import demo_id
from app.demo.territories import FIRST, SUCCESSOR, territory_id
from tests import factories


async def test_contacts_are_invented_and_say_so(database: Database, session: AsyncSession) -> None:
    summary = await load(database)
    await let_see(session, territory_ids=[territory_id(FIRST), territory_id(SUCCESSOR)], actor_ids=None)
    people = list(await session.scalars(select(Person)))
    assert len(people) == summary.counts["people"] == summary.counts["affiliations"]
    assert len(people) >= 200
    assert all(person.is_demonstration for person in people)
    assert all(person.email.endswith("@demo.example") for person in people)
    assert all(person.phone.startswith("+3363998") for person in people)
    assert {person.agreed_how is None for person in people} == {True, False}


async def test_each_organisation_with_an_account_has_contacts_its_account_sees(
    database: Database, session: AsyncSession, client_for
) -> None:
    await load(database)
    for territory, key, number in ((SUCCESSOR, "school", 4), (SUCCESSOR, "club", 3), (FIRST, "dee", 2)):
        actor = await session.get_one(Actor, demo_id("actor", territory, key))
        make = factories.a_referent if key == "school" else factories.a_club_member
        assert len((await client_for(make(actor)).get("/v1/people")).json()["items"]) == number, key


async def test_a_contact_somebody_deleted_stays_away(database: Database, session: AsyncSession, client_for) -> None:
    await load(database)
    school = await session.get_one(Actor, demo_id("actor", SUCCESSOR, "school"))
    client = client_for(factories.a_referent(school))
    gone = (await client.get("/v1/people")).json()["items"][0]["id"]
    assert (await client.delete(f"/v1/people/{gone}", headers={"If-Match": "*"})).status_code == 204
    await load(database)
    await let_see(session, territory_ids=[territory_id(SUCCESSOR)], actor_ids=None)
    assert await session.scalar(select(func.count()).where(Person.id == gone)) == 0
    assert await session.scalar(select(func.count()).where(Affiliation.person_id == gone)) == 0
