"""Seats: counted by the database, given to who waits longest, and told to readers."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.core.journal import JournalEntry
from app.events.models import Event, RegistrationMode
from app.events.states import seats_left
from tests import factories
from tests.events.asking import codes
from tests.events.registrations.factories import a_registration, an_open_event


@pytest.fixture
def few(session, territory):
    """Makes an event of few seats, with a waiting list unless told otherwise."""

    async def make(capacity: int = 2, *, has_waitlist: bool = True, **traits) -> Event:
        return await an_open_event(session, territory, capacity=capacity, has_waitlist=has_waitlist, **traits)

    return make


async def states(town, event) -> list[tuple[str, int | None]]:
    """Who has a seat, and who waits where, in the order they came."""
    items = (await town.get(f"/v1/registrations?event={event.id}")).json()["items"]
    return [(row["status"], row["waitlist_position"]) for row in items]


async def test_the_last_seat_is_followed_by_a_refusal_or_by_a_waiting_list(town, few, sign_up) -> None:
    full = await few(1, has_waitlist=False)
    assert (await sign_up(full)).json()["status"] == "registered"
    refused = await sign_up(full)
    assert (refused.status_code, codes(refused)) == (409, [("#/event_id", "event_full")])
    waiting = await few(1)
    told = [(await sign_up(waiting)).json() for _ in range(3)]
    assert [(row["status"], row["waitlist_position"]) for row in told] == [
        ("registered", None), ("waitlisted", 1), ("waitlisted", 2),
    ]  # fmt: skip
    for event, availability in ((full, "full"), (waiting, "waitlist")):
        shown = (await town.get(f"/v1/events/{event.id}")).json()
        assert (shown["availability"], shown["seats_left"]) == (availability, 0)


async def test_a_seat_given_back_goes_to_who_waits_longest(town, few, sign_up, act) -> None:
    event = await few(2)
    rows = [(await sign_up(event)).json() for _ in range(5)]
    await act(rows[3], "cancel")  # a place in the queue, not a seat
    await act(rows[0], "cancel")
    assert await states(town, event) == [
        ("cancelled", None), ("registered", None), ("registered", None), ("cancelled", None), ("waitlisted", 1),
    ]  # fmt: skip
    assert (await town.delete(f"/v1/registrations/{rows[1]['id']}", headers={"If-Match": "*"})).status_code == 204
    assert [status for status, _ in await states(town, event)] == ["cancelled", "registered", "cancelled", "registered"]
    assert (await town.get(f"/v1/events/{event.id}")).json()["seats_left"] == 0


async def test_an_invitation_accepted_late_waits_at_the_end(town, few, sign_up, act) -> None:
    event = await few(1)
    invited = (await sign_up(event, status="invited")).json()
    assert invited["waitlist_position"] is None
    for _ in range(2):
        await sign_up(event)
    accepted = (await act(invited, "register")).json()
    assert (accepted["status"], accepted["waitlist_position"]) == ("waitlisted", 2)


@pytest.mark.parametrize(
    ("registration", "left"),
    [({"capacity": 3}, ["waitlisted"]), ({"capacity": None, "has_waitlist": False}, []), ({"capacity": 9}, [])],
)
async def test_more_seats_go_to_who_waits(town, few, sign_up, change, registration, left) -> None:
    event = await few(1)
    for _ in range(4):
        await sign_up(event)
    shown = (await town.get(f"/v1/events/{event.id}")).json()
    assert (await change(shown, registration=registration)).status_code == 200
    given_now = [status for status, _ in await states(town, event)]
    assert given_now == ["registered"] * (4 - len(left)) + left


async def test_seats_that_are_taken_cannot_be_taken_away(town, few, sign_up, change) -> None:
    event = await few(3)
    for _ in range(2):
        await sign_up(event)
    shown = (await town.get(f"/v1/events/{event.id}")).json()
    refused = await change(shown, registration={"capacity": 1})
    assert (refused.status_code, codes(refused)) == (
        422, [("#/registration/capacity", "capacity_below_registered")],
    )  # fmt: skip
    assert (await change(shown, registration={"capacity": 2})).json()["availability"] == "waitlist"


async def test_no_seat_is_given_to_an_event_that_is_over_or_called_off_until_it_takes_place_after_all(
    session, town, few, sign_up, act, change
) -> None:
    event = await few(1)
    rows = [(await sign_up(event)).json() for _ in range(2)]
    shown = (await town.get(f"/v1/events/{event.id}")).json()
    off = (await change(shown, "cancel")).json()
    await act(rows[0], "cancel")
    assert await states(town, event) == [("cancelled", None), ("waitlisted", 1)]
    assert (await change(off, "reinstate")).status_code == 200
    assert await states(town, event) == [("cancelled", None), ("registered", None)]
    over = await few(1, starts_in=timedelta(hours=-3))
    rows = [(await sign_up(over)).json() for _ in range(2)]
    await act(rows[0], "cancel")
    assert await states(town, over) == [("cancelled", None), ("waitlisted", 1)]


async def test_the_event_gets_a_new_version_when_its_availability_changes_and_only_then(
    session, town, few, sign_up, act, anonymous
) -> None:
    event = await few(2)
    url = f"/v1/public/events/{event.id}"

    async def told() -> tuple[str, str, int]:
        public = (await anonymous.get(url)).json()
        shown = (await town.get(f"/v1/events/{event.id}")).json()
        assert public["availability"] == shown["availability"]
        return public["availability"], public["updated_at"], shown["version"]

    first = await told()
    one = (await sign_up(event)).json()
    assert await told() == first
    await sign_up(event)
    full = await told()
    assert (full[0], full[2]) == ("waitlist", first[2] + 1)
    assert full[1] > first[1]
    waiting = (await sign_up(event)).json()
    await act(waiting, "cancel")
    assert await told() == full
    await act(one, "cancel")
    assert (await told())[0] == "open"
    entries = select(JournalEntry).where(JournalEntry.resource_id == event.id, JournalEntry.action == "update")
    assert len((await session.scalars(entries)).all()) == 2


async def test_a_walk_in_takes_no_seat(session, few, company) -> None:
    event = await few(1, has_waitlist=False, starts_in=timedelta(hours=-1))
    await a_registration(session, event, actor=await factories.an_actor(session, await _territory(session, event)))
    await a_registration(session, event, actor=company, is_walk_in=True, attendance="attended")
    await session.refresh(event, ["seats_taken"])
    assert event.seats_taken == 1


async def _territory(session, event):
    from app.territories.models import Territory

    return await session.get(Territory, event.territory_id)


async def refused_by_the_database(session, statement: str, constraint: str, **params) -> None:
    with pytest.raises(DBAPIError, match=constraint):
        async with session.begin_nested():
            await session.execute(text(statement), params)


async def test_the_database_counts_seats_itself_and_never_past_the_capacity(session, territory, few) -> None:
    event, other = await few(2), await few(2)
    actors = [await factories.an_actor(session, territory) for _ in range(3)]
    for actor in actors[:2]:
        await a_registration(session, event, actor=actor)
    add = """INSERT INTO registrations (id, territory_id, event_id, actor_id, status, is_walk_in, noted_attendance,
        is_demonstration, created_at, updated_at, version)
        SELECT gen_random_uuid(), :territory, :event, id, 'registered', false, 'unknown', false, now(), now(), 1
        FROM actors WHERE id = :actor"""
    third = {"territory": territory.id, "event": event.id, "actor": actors[2].id}
    await refused_by_the_database(session, add, "events_seats_check", **third)
    move = "UPDATE registrations SET event_id = :other WHERE event_id = :event"
    await session.execute(text(move), {"other": other.id, "event": event.id})
    counts = {row.id: row.seats_taken for row in await session.execute(select(Event.id, Event.seats_taken))}
    assert (counts[event.id], counts[other.id]) == (0, 2)
    forged = "UPDATE events SET seats_taken = 0 WHERE id = :id"
    await refused_by_the_database(session, forged, "events_seats_are_counted", id=other.id)
    await session.execute(text("DELETE FROM registrations"))
    assert set(await session.scalars(select(Event.seats_taken))) == {0}


ASKED = st.lists(
    st.tuples(st.sampled_from(["sign up", "invite", "register", "decline", "cancel", "delete", "capacity"]),
              st.integers(0, 7)),
    max_size=25,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=ASKED, capacity=st.integers(1, 3))
async def test_whatever_is_asked_seats_are_true_and_nobody_waits_beside_a_free_one(
    session, territory, town, few, sign_up, act, change, asked, capacity
) -> None:
    event = await few(capacity)
    known: list[str] = []
    queue: list[str] = []  # ids in the order they began to wait
    for what, number in asked:
        rows = {
            row["id"]: row for row in (await town.get(f"/v1/registrations?event={event.id}&limit=200")).json()["items"]
        }
        if what in ("sign up", "invite"):
            made = await sign_up(event, status="registered" if what == "sign up" else "invited")
            known.append(made.json()["id"])
        elif what == "capacity":
            shown = (await town.get(f"/v1/events/{event.id}")).json()
            await change(shown, registration={"capacity": number + 1})
        elif known:
            row = rows.get(known[number % len(known)])
            if row and what == "delete":
                await town.delete(f"/v1/registrations/{row['id']}", headers={"If-Match": "*"})
            elif row:
                await act(row, what)
        told = (await town.get(f"/v1/registrations?event={event.id}&limit=200")).json()["items"]
        shown = (await town.get(f"/v1/events/{event.id}")).json()
        seated = [row for row in told if row["status"] == "registered"]
        waiting = {row["id"]: row["waitlist_position"] for row in told if row["status"] == "waitlisted"}
        queue = [one for one in queue if one in waiting] + sorted(waiting.keys() - set(queue))
        assert shown["seats_left"] == shown["registration"]["capacity"] - len(seated) >= 0
        assert not waiting or shown["seats_left"] == 0
        assert sorted(waiting, key=lambda one: waiting[one]) == queue
        assert sorted(waiting.values()) == list(range(1, len(waiting) + 1))


def test_events_that_do_not_count_seats_here_have_none_left_to_tell() -> None:
    elsewhere = Event(registration_mode=RegistrationMode.EXTERNAL, capacity=5, seats_taken=0)
    assert seats_left(elsewhere) is None
