"""Who came: noted one by one, or for a whole room at once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, inspect, or_
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from app.core import clock
from app.core.db import apply, save
from app.core.errors import Conflict, ErrorAt, IllegalTransition, InvalidInput, NotAllowed, pointer
from app.core.journal import change_all
from app.events.models import Event
from app.events.registrations import participants, policy, service, states
from app.events.registrations.models import Attendance, Registration, RegistrationStatus
from app.events.registrations.schemas import AttendanceOf, Participant, RoomNote
from app.events.registrations.states import Action
from app.identity.caller import Caller


async def note(
    session: AsyncSession, caller: Caller, registration: Registration, attendance: Attendance
) -> Registration:
    """Note whether one came. Raises `IllegalTransition`, `NotAllowed`."""
    async with service.changing(session, caller, registration, Action.NOTE_ATTENDANCE):
        if registration.noted_attendance is not attendance:
            apply(registration, _noted(attendance))
        await save(session, registration, within=policy.editable(caller))
    return await service.reloaded(session, caller, registration)


async def note_room(session: AsyncSession, caller: Caller, event: Event, body: RoomNote) -> list[Registration]:
    """Note who came to an event, walk-ins last.

    Raises `NotAllowed` for who does not keep the list, `IllegalTransition` before the event has begun or once its
    meeting is closed, `InvalidInput` and `Conflict` for those named.
    """
    if not policy.is_host(caller):
        raise NotAllowed(ErrorAt("#", "hosts_only"))
    await service.hold(session, event.id)
    is_closed = await service.is_closed(session, event)
    blocker = "meeting_closed" if is_closed else states.attendance_blocker(event, clock.now())
    if blocker:
        raise IllegalTransition(Attendance.UNKNOWN, Attendance.ATTENDED, blocker)
    noted = list(zip(await listed(session, event, body.items), (item.attendance for item in body.items), strict=True))
    for registration in await walk_ins(session, caller, event, body.walk_ins):
        noted.append((registration, Attendance.ATTENDED))
        if inspect(registration).transient:
            apply(registration, _noted(Attendance.ATTENDED))
            session.add(registration)
    for attendance in Attendance:
        ids = [row.id for row, said in noted if said is attendance and row.noted_attendance is not attendance]
        await change_all(session, Registration, ids, _noted(attendance))
    return await _reloaded_all(session, caller, [row for row, _ in noted])


async def listed(session: AsyncSession, event: Event, items: Sequence[AttendanceOf]) -> list[Registration]:
    """The registrations named, in this order. Raises `InvalidInput` for one of another event, `Conflict` for one that
    was cancelled."""
    ids = [item.registration_id for item in items]
    rows = policy.on_list_of(event).where(Registration.id.in_(ids))
    found = {row.id: row for row in await session.scalars(rows)} if ids else {}
    places = {id_: pointer("items", place, "registration_id") for place, id_ in enumerate(ids)}
    unknown = [ErrorAt(at, "unknown_reference") for id_, at in places.items() if id_ not in found]
    if unknown:
        raise InvalidInput(*unknown)
    cancelled = [
        ErrorAt(places[row.id], "registration_cancelled")
        for row in found.values()
        if row.status is RegistrationStatus.CANCELLED
    ]
    if cancelled:
        raise Conflict(*cancelled)
    return [found[id_] for id_ in ids]


async def walk_ins(
    session: AsyncSession, caller: Caller, event: Event, given: Sequence[Participant]
) -> list[Registration]:
    """Registrations of those who came without one: new, or the one they have after all. Raises `InvalidInput`."""
    if not given:
        return []
    places = [(who, pointer("walk_ins", place)) for place, who in enumerate(given)]
    await participants.require(session, caller, event.territory_id, places)
    live = policy.on_list_of(event).where(
        Registration.status != RegistrationStatus.CANCELLED,
        or_(
            Registration.person_id.in_([who.person_id for who in given if who.person_id]),
            and_(
                Registration.person_id.is_(None),
                Registration.actor_id.in_([who.actor_id for who in given if not who.person_id]),
            ),
        ),
    )
    known = {_who(row.person_id, row.actor_id): row for row in await session.scalars(live)}
    return [known.get(_who(who.person_id, who.actor_id)) or _walk_in(event, who) for who in given]


def _walk_in(event: Event, who: Participant) -> Registration:
    return Registration(
        id=uuid7(), territory_id=event.territory_id, event_id=event.id, person_id=who.person_id, actor_id=who.actor_id,
        status=RegistrationStatus.REGISTERED, is_walk_in=True, noted_attendance=Attendance.UNKNOWN,
        external_ids=[],
    )  # fmt: skip


def _who(person_id: UUID | None, actor_id: UUID | None) -> tuple[str, UUID | None]:
    return ("person", person_id) if person_id else ("actor", actor_id)


def _noted(attendance: Attendance) -> dict[str, Any]:
    """The columns of a note: what, and when."""
    noted_at = None if attendance is Attendance.UNKNOWN else clock.now()
    return {"noted_attendance": attendance, "attendance_noted_at": noted_at}


async def _reloaded_all(
    session: AsyncSession, caller: Caller, registrations: Sequence[Registration]
) -> list[Registration]:
    ids = list(dict.fromkeys(row.id for row in registrations))
    rows = policy.in_full(policy.visible_to(caller)).where(Registration.id.in_(ids))
    found = {row.id: row for row in await session.scalars(rows.execution_options(populate_existing=True))}
    return [found[id_] for id_ in ids]
