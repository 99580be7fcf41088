"""Who came: one by one or a whole room at once, and only once the event has begun."""

from datetime import timedelta

import pytest
from sqlalchemy import event as listening
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.journal import JournalEntry
from app.events.models import EventStatus
from app.events.registrations.models import Registration
from tests import factories
from tests.events.asking import codes
from tests.events.registrations.factories import a_registration, an_open_event, some_minutes

HOUR = timedelta(hours=1)
NOBODY = "019a0000-0000-7000-8000-000000000000"


@pytest.fixture
async def begun(session, territory):
    return await an_open_event(session, territory, starts_in=-HOUR)


@pytest.fixture
def note_room(town):
    """Notes who came to an event, by default in the name of the collectivité."""

    async def send(event, client=None, **body):
        return await (client or town).post(
            f"/v1/events/{event.id}:note-attendance", json=body, headers={"If-Match": "*"}
        )

    return send


async def test_attendance_is_noted_corrected_and_taken_back(session, begun, company, town, act) -> None:
    row = await a_registration(session, begun, actor=company)
    told = (await town.get(f"/v1/registrations/{row.id}")).json()
    for attendance in ("attended", "excused", "absent"):
        told = (await act(told, "note-attendance", attendance=attendance)).json()
        assert (told["attendance"], told["noted_attendance"]) == (attendance, attendance)
        assert told["attendance_noted_at"]
    told = (await act(told, "note-attendance", attendance="unknown")).json()
    assert (told["attendance"], told["attendance_noted_at"]) == ("unknown", None)


async def test_no_one_has_come_before_the_event_begins_or_to_one_called_off(
    session, territory, event, company, town, act, note_room
) -> None:
    off = await an_open_event(session, territory, starts_in=-HOUR, status=EventStatus.CANCELLED)
    for one, said in ((event, "commencé"), (off, "annulé")):
        row = await a_registration(session, one, actor=company)
        told = (await town.get(f"/v1/registrations/{row.id}")).json()
        item = {"registration_id": told["id"], "attendance": "attended"}
        for refused in (await act(told, "note-attendance", attendance="attended"), await note_room(one, items=[item])):
            assert refused.status_code == 409
            assert said in refused.json()["detail"]


async def test_a_whole_room_is_noted_in_one_call_with_those_who_came_unannounced(
    session, territory, begun, company, town, note_room
) -> None:
    rows = [
        await a_registration(session, begun, actor=await factories.an_actor(session, territory), status=status, **place)
        for status, place in (
            ("registered", {}), ("invited", {}), ("waitlisted", {"waitlist_place": 1}), ("declined", {}),
        )
    ]  # fmt: skip
    left = await a_registration(session, begun, actor=await factories.an_actor(session, territory))
    person = await factories.a_person(session, territory, actors=(company,))
    items = [{"registration_id": str(row.id), "attendance": "attended"} for row in rows]
    items[1]["attendance"] = "excused"
    walk_ins = [
        {"person_id": str(person.id), "actor_id": str(company.id)},
        {"actor_id": str((await factories.an_actor(session, territory)).id)},
        {"actor_id": str(left.actor_id)},  # on the list after all
    ]
    for _ in range(2):  # twice is once
        noted = await note_room(begun, items=items, walk_ins=walk_ins[:2])
        assert noted.status_code == 200, noted.text
        told = noted.json()["items"]
        assert [row["id"] for row in told[:4]] == [str(row.id) for row in rows]
        assert [row["attendance"] for row in told] == ["attended", "excused", *["attended"] * 4]
        assert [(row["status"], row["is_walk_in"]) for row in told[4:]] == [("registered", True)] * 2
    assert await session.scalar(select(func.count()).select_from(Registration)) == 7
    later = (await note_room(begun, walk_ins=walk_ins[2:])).json()["items"]
    assert [(row["id"], row["is_walk_in"]) for row in later] == [(str(left.id), False)]
    counts = (await town.get(f"/v1/events/{begun.id}/registration-counts")).json()
    assert counts == {
        "event_id": str(begun.id), "invited": 1, "registered": 2, "waitlisted": 1, "declined": 1, "cancelled": 0,
        "walk_ins": 2, "attended": 6, "excused": 1, "absent": 0, "suppressed": False,
    }  # fmt: skip


async def test_a_room_is_noted_as_a_whole_or_not_at_all(session, territory, begun, event, company, note_room) -> None:
    here = await a_registration(session, begun, actor=company)
    gone = await a_registration(session, begun, actor=company, status="cancelled")
    elsewhere = await a_registration(session, event, actor=company)

    def items(*rows):
        return [{"registration_id": str(row.id), "attendance": "attended"} for row in rows]

    refused = await note_room(begun, items=items(here, elsewhere))
    assert (refused.status_code, codes(refused)) == (422, [("#/items/1/registration_id", "unknown_reference")])
    refused = await note_room(begun, items=items(here, gone))
    assert (refused.status_code, codes(refused)) == (409, [("#/items/1/registration_id", "registration_cancelled")])
    refused = await note_room(begun, items=items(here), walk_ins=[{"person_id": NOBODY}])
    assert (refused.status_code, codes(refused)) == (422, [("#/walk_ins/0/person_id", "unknown_reference")])
    refused = await note_room(begun, items=items(here, here))
    assert codes(refused) == [("#/items", "repeated_item")]
    refused = await note_room(begun, walk_ins=[{"actor_id": str(company.id)}, {"actor_id": str(company.id)}])
    assert codes(refused) == [("#/walk_ins", "repeated_item")]
    await session.refresh(here)
    assert here.attendance == "unknown"


async def test_only_the_collectivite_notes_who_came(session, begun, company, club, act, note_room) -> None:
    row = await a_registration(session, begun, actor=company)
    told = (await club.get(f"/v1/registrations/{row.id}")).json()
    assert "note-attendance" not in told["allowed_actions"]
    refused = await act(told, "note-attendance", club, attendance="attended")
    assert (refused.status_code, codes(refused)) == (403, [("#", "hosts_only")])
    item = {"registration_id": str(row.id), "attendance": "attended"}
    refused = await note_room(begun, club, items=[item])
    assert (refused.status_code, codes(refused)) == (403, [("#", "hosts_only")])


async def test_who_has_come_neither_cancels_nor_declines(session, begun, company, town, act) -> None:
    row = await a_registration(session, begun, actor=company, attendance="attended")
    told = (await town.get(f"/v1/registrations/{row.id}")).json()
    assert set(told["allowed_actions"]) == {"note-attendance", "delete"}
    refused = await act(told, "cancel")
    assert refused.status_code == 409
    assert "présence est déjà notée" in refused.json()["detail"]


async def test_an_event_at_which_attendance_was_noted_is_not_put_off(session, begun, company, town, change) -> None:
    await a_registration(session, begun, actor=company, attendance="attended")
    shown = (await town.get(f"/v1/events/{begun.id}")).json()
    later, end = ((clock.now() + n * HOUR).replace(microsecond=0).isoformat() for n in (24, 25))
    refused = await change(shown, "reschedule", starts_at=later, ends_at=end)
    assert (refused.status_code, codes(refused)) == (422, [("#/starts_at", "attendance_was_noted")])
    early = (clock.now() - 5 * HOUR).replace(microsecond=0).isoformat()
    assert (await change(shown, starts_at=early)).status_code == 200


async def test_the_database_refuses_attendance_noted_before_the_event_begins(session, event, company) -> None:
    row = await a_registration(session, event, actor=company)
    early = "UPDATE registrations SET noted_attendance = 'attended', attendance_noted_at = now() WHERE id = :id"
    with pytest.raises(DBAPIError, match="registrations_begun_check"):
        async with session.begin_nested():
            await session.execute(text(early), {"id": row.id})


async def test_a_room_of_many_is_noted_in_few_statements(session, territory, begun, town, note_room, database) -> None:
    rows = [await a_registration(session, begun, actor=await factories.an_actor(session, territory)) for _ in range(60)]
    items = [{"registration_id": str(row.id), "attendance": "attended"} for row in rows]
    walk_ins = [{"actor_id": str((await factories.an_actor(session, territory)).id)} for _ in range(20)]
    sent = []

    def count(_c, _cursor, statement, _p, _ctx, executemany) -> None:
        sent.append(statement)

    engine = database.connection.sync_connection
    listening.listen(engine, "before_cursor_execute", count)
    noted = await note_room(begun, items=items, walk_ins=walk_ins)
    listening.remove(engine, "before_cursor_execute", count)
    assert noted.status_code == 200
    assert len(sent) < 30
    entries = select(func.count()).where(JournalEntry.resource == "registrations", JournalEntry.action == "update")
    assert await session.scalar(entries) == 60


async def test_a_closed_list_is_not_noted_any_more(session, begun, company, note_room) -> None:
    row = await a_registration(session, begun, actor=company)
    await some_minutes(session, begun, closed=True)
    refused = await note_room(begun, items=[{"registration_id": str(row.id), "attendance": "attended"}])
    assert refused.status_code == 409
    assert "avenant" in refused.json()["detail"]
