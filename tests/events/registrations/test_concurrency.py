"""Many sign up, cancel and close at the same moment."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core.journal import attribute_to
from app.events.models import Event
from tests import factories
from tests.events.registrations.factories import a_registration, an_open_event, some_minutes

CALLERS = 50


@pytest.fixture
async def open_house(committed):
    """Makes a committed event, `CALLERS` actors, and a client of the collectivité."""
    async with committed.database.session() as session:
        attribute_to(session, "test")
        territory = await factories.a_territory(session)
        actors = [await factories.an_actor(session, territory) for _ in range(CALLERS)]
        async with committed.client(factories.a_collectivite(territory)) as client:

            async def make(**traits):
                return await an_open_event(session, territory, **traits)

            yield session, make, actors, client, committed


async def sign_up(client, event, actor):
    return await client.post("/v1/registrations", json={"event_id": str(event.id), "actor_id": str(actor.id)})


async def seats_taken(house, event) -> int:
    async with house.database.session(read_only=True) as session:
        return await session.scalar(select(Event.seats_taken).where(Event.id == event.id))


@pytest.mark.parametrize(("taken", "has_waitlist"), [(0, False), (4, False), (4, True)])
async def test_of_fifty_at_once_exactly_as_many_get_in_as_there_are_seats(open_house, taken, has_waitlist) -> None:
    session, make, actors, client, house = open_house
    event = await make(capacity=5, has_waitlist=has_waitlist)
    for actor in actors[:taken]:
        await a_registration(session, event, actor=actor)
    answers = await asyncio.gather(*(sign_up(client, event, actor) for actor in actors[taken:]))
    told = Counter(answer.json().get("status") for answer in answers)
    assert told["registered"] == 5 - taken
    assert {answer.status_code for answer in answers} == ({201} if has_waitlist else {201, 409})
    waiting = sorted(answer.json()["waitlist_position"] or 0 for answer in answers if answer.status_code == 201)
    assert waiting == [0] * (5 - taken) + (list(range(1, CALLERS - 4)) if has_waitlist else [])
    assert await seats_taken(house, event) == 5


async def test_the_same_actor_signed_up_by_many_at_once_is_on_the_list_once(open_house) -> None:
    _, make, actors, client, house = open_house
    event = await make(capacity=5)
    answers = await asyncio.gather(*(sign_up(client, event, actors[0]) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]
    assert await seats_taken(house, event) == 1


async def test_seats_freed_and_asked_for_at_once_are_neither_lost_nor_given_twice(open_house) -> None:
    _, make, actors, client, house = open_house
    event = await make(capacity=5, has_waitlist=True)
    rows = [(await sign_up(client, event, actor)).json() for actor in actors[:12]]
    free = [client.post(f"/v1/registrations/{row['id']}:cancel", headers={"If-Match": '"1"'}) for row in rows[:4]]
    answers = await asyncio.gather(*free, *(sign_up(client, event, actor) for actor in actors[12:20]))
    assert {answer.status_code for answer in answers} == {200, 201}
    items = (await client.get(f"/v1/registrations?event={event.id}&limit=200")).json()["items"]
    assert Counter(row["status"] for row in items) == {"cancelled": 4, "registered": 5, "waitlisted": 11}
    seated = {row["id"] for row in items if row["status"] == "registered"}
    assert seated == {row["id"] for row in rows[4:9]}  # those who waited longest
    assert await seats_taken(house, event) == 5


async def test_capacity_lowered_while_people_sign_up_is_never_passed(open_house) -> None:
    _, make, actors, client, house = open_house
    event = await make(capacity=20)
    lower = client.patch(f"/v1/events/{event.id}", json={"registration": {"capacity": 10}}, headers={"If-Match": "*"})
    answers = await asyncio.gather(*(sign_up(client, event, actor) for actor in actors[:15]), lower)
    shown = (await client.get(f"/v1/events/{event.id}")).json()
    taken = await seats_taken(house, event)
    assert taken == sum(answer.status_code == 201 for answer in answers) <= shown["registration"]["capacity"]
    assert answers[-1].status_code in (200, 412, 422)


async def test_attendance_noted_while_the_meeting_closes_is_before_or_refused(open_house) -> None:
    session, make, actors, client, _ = open_house
    event = await make(starts_in=timedelta(hours=-1))
    rows = [await a_registration(session, event, actor=actor) for actor in actors[:10]]
    minutes = await some_minutes(session, event)
    note = [
        client.post(
            f"/v1/registrations/{row.id}:note-attendance", json={"attendance": "attended"}, headers={"If-Match": '"1"'}
        )
        for row in rows
    ]
    close = client.post(f"/v1/minutes/{minutes.id}:close", headers={"If-Match": '"1"'})
    *noted, closed = await asyncio.gather(*note, close)
    assert closed.status_code == 200
    assert {answer.status_code for answer in noted} <= {200, 409}
    items = (await client.get(f"/v1/registrations?event={event.id}")).json()["items"]
    came = {row["id"] for row in items if row["attendance"] == "attended"}
    assert came == {str(row.id) for row, answer in zip(rows, noted, strict=True) if answer.status_code == 200}
