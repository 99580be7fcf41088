"""The list of an event as a spreadsheet: who is on it, and who came. Ticked in the room, it comes back."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.people.spreadsheet import people_named
from app.actors.spreadsheet import actors_named
from app.core.bulk import among
from app.core.errors import ErrorAt, InvalidInput
from app.core.spreadsheets.kinds import Choice, Identifier, Instant, Reference
from app.core.spreadsheets.sheet import ID, VERSION, Change, Column, Record, Sheet, Writing
from app.events import policy as events_policy
from app.events.registrations import attendance, policy, service
from app.events.registrations.models import Attendance, Registration, RegistrationStatus
from app.events.registrations.schemas import AttendanceNote, AttendanceOf, Participant, RegistrationCreate, RoomNote
from app.identity.caller import Caller
from app.territories.spreadsheet import TERRITORY, ground

COLUMNS: Sequence[Column[Registration]] = (
    ID,
    VERSION,
    TERRITORY,
    Column("event_id", Identifier()),
    Column("event", get=lambda row: row.event.title, is_shown_only=True),
    Column("starts_at", Instant(), get=lambda row: row.event.starts_at, is_shown_only=True),
    Column("person", Reference("people"), "person_id", lambda row: row.person and row.person.id),
    Column("actor", Reference("actors"), "actor_id", lambda row: row.actor_id),
    Column("status", Choice("registration_status", RegistrationStatus)),
    Column("attendance", Choice("attendance", Attendance)),
)


class RegistrationRow(RegistrationCreate):
    """Someone to put on the list; who came without being on it is on it from then on."""

    attendance: Annotated[Attendance, Field(description="attended: they came unannounced")] = Attendance.UNKNOWN


async def sheet(session: AsyncSession, caller: Caller) -> Sheet[Registration]:
    """The registrations a caller sees; a file can add some, and say who came."""
    where = await ground(session, caller)

    async def write(changes: Sequence[Change[Registration]]) -> Sequence[Registration]:
        return await _write(session, caller, changes)

    return Sheet(
        name="registrations",
        model=Registration,
        columns=COLUMNS,
        rows=policy.in_full(policy.visible_to(caller)),
        order=(Registration.id,),
        lookups={**where.lookups, "actors": actors_named(caller), "people": people_named(caller)},
        zones=where.zones,
        writing=Writing(
            create=RegistrationRow,
            update=AttendanceNote,
            editable=policy.editable(caller),
            keys=[_by_who],
            candidates=_candidates,
            write=write,
            defaults=where.defaults,
        ),
    )


def _by_who(record: Record) -> Iterable[Hashable]:
    """One live registration for each person, or each actor that names nobody, on an event."""
    if record.get("status") is RegistrationStatus.CANCELLED:
        return []
    person, actor = record.get("person"), record.get("actor")
    return [(record.get("event_id"), "person" if person else "actor", person or actor)]


def _candidates(records: Sequence[Record]) -> ColumnElement[bool]:
    def said(column: str) -> set[UUID]:
        return {record[column] for record in records if record.get(column)}

    is_one = or_(among(Registration.person_id, said("person")), among(Registration.actor_id, said("actor")))
    return and_(among(Registration.event_id, said("event_id")), is_one)


async def _write(session: AsyncSession, caller: Caller, changes: Sequence[Change[Registration]]) -> list[Registration]:
    """New rows one by one, as seats are given in the order of the file; attendance of an event in one call."""
    made: dict[int, Registration] = {}
    rooms: dict[UUID, list[tuple[int, Change[Registration]]]] = {}
    for place, change in enumerate(changes):
        if change.row is not None:
            rooms.setdefault(change.row.event_id, []).append((place, change))
        elif change.values["attendance"] is Attendance.UNKNOWN:
            fields = {name: change.values[name] for name in RegistrationCreate.model_fields}
            made[place] = await service.create(session, caller, RegistrationCreate.model_construct(**fields))
        elif change.values["attendance"] is Attendance.ATTENDED:
            rooms.setdefault(change.values["event_id"], []).append((place, change))
        else:
            raise InvalidInput(ErrorAt("#/attendance", "not_on_the_list"))
    for event_id, room in rooms.items():
        made |= await _note(session, caller, event_id, room)
    return [made[place] for place in range(len(changes))]


async def _note(
    session: AsyncSession, caller: Caller, event_id: UUID, room: Sequence[tuple[int, Change[Registration]]]
) -> dict[int, Registration]:
    """Note who came to an event: those on its list, and those who came without being on it."""
    event = await service.hold(session, event_id, among=events_policy.visible_to(caller))
    if event is None:
        raise InvalidInput(ErrorAt("#/event_id", "unknown_reference"))
    listed = [(place, change.row, change.values["attendance"]) for place, change in room if change.row is not None]
    walk_ins = [(place, change.values) for place, change in room if change.row is None]
    body = RoomNote.model_construct(
        items=[AttendanceOf(registration_id=row.id, attendance=said) for _, row, said in listed],
        walk_ins=[Participant(person_id=who["person_id"], actor_id=who["actor_id"]) for _, who in walk_ins],
    )
    noted = await attendance.note_room(session, caller, event, body)
    return dict(zip([*(place for place, *_ in listed), *(place for place, _ in walk_ins)], noted, strict=True))
