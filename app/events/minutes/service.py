"""What is decided of minutes: when they may be written, how a meeting is closed, and how it is put right afterwards."""

from collections.abc import Sequence

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from app.core import clock
from app.core.db import apply, one_or_404, remove, save, touch
from app.core.errors import ErrorAt, InvalidInput
from app.core.journal import change_all
from app.events import policy as events_policy
from app.events.minutes import policy, states
from app.events.minutes.models import Amendment, AttendanceCorrection, Minutes
from app.events.minutes.schemas import MinutesAmend, MinutesCreate, MinutesUpdate
from app.events.minutes.states import Action
from app.events.registrations import attendance
from app.events.registrations.models import Attendance, Registration
from app.events.registrations.service import hold
from app.identity.caller import Caller


async def create(session: AsyncSession, caller: Caller, body: MinutesCreate) -> Minutes:
    """Minutes of an event. Raises `InvalidInput`, `NotAllowed`, `AlreadyExists`."""
    event = await hold(session, body.event_id, among=events_policy.visible_to(caller))
    if event is None:
        raise InvalidInput(ErrorAt("#/event_id", "unknown_reference"))
    minutes = Minutes(territory_id=event.territory_id, amendments=[], **body.model_dump())
    await save(session, minutes, within=policy.editable(caller))
    return await _reloaded(session, caller, minutes)


async def update(session: AsyncSession, caller: Caller, minutes: Minutes, body: MinutesUpdate) -> Minutes:
    """Change the fields given. Raises `IllegalTransition` once they are closed."""
    states.require_allowed(Action.EDIT, minutes, clock.now())
    apply(minutes, body.given())
    return await save(session, minutes, within=policy.editable(caller))


async def delete(session: AsyncSession, minutes: Minutes) -> None:
    """Delete open minutes. Raises `IllegalTransition` once they are closed."""
    states.require_allowed(Action.DELETE, minutes, clock.now())
    await remove(session, minutes)


async def close(session: AsyncSession, caller: Caller, minutes: Minutes) -> Minutes:
    """Let the minutes and the attendance of the meeting stand from now on. Raises `IllegalTransition`."""
    await hold(session, minutes.event_id)  # who notes attendance at this moment comes before, or is refused
    states.require_allowed(Action.CLOSE, minutes, clock.now())
    minutes.closed_at, minutes.closed_by = clock.now(), caller.id
    return await save(session, minutes, within=policy.editable(caller))


async def amend(session: AsyncSession, caller: Caller, minutes: Minutes, body: MinutesAmend) -> Minutes:
    """Say what the closed minutes should have said, and put attendance right.

    Raises `IllegalTransition` while they are open, `InvalidInput` and `Conflict` for those named.
    """
    states.require_allowed(Action.AMEND, minutes, clock.now())
    event = await hold(session, minutes.event_id)
    assert event  # minutes keep their event
    right = [
        (row, item.attendance)
        for row, item in zip(await attendance.listed(session, event, body.items), body.items, strict=True)
    ]
    came = await attendance.walk_ins(session, caller, event, body.walk_ins)
    touch(minutes)
    await save(session, minutes, within=policy.editable(caller))  # of two amendments of one version, one is made
    await _record(session, caller, minutes, body.text, [*right, *((row, Attendance.ATTENDED) for row in came)])
    return await _reloaded(session, caller, minutes)


async def _record(
    session: AsyncSession, caller: Caller, minutes: Minutes, text: str, said: Sequence[tuple[Registration, Attendance]]
) -> None:
    """Write the amendment with its corrections, then what holds from now on: the database asks for this order."""
    amendment = Amendment(
        id=uuid7(), minutes_id=minutes.id, number=len(minutes.amendments) + 1, text=text, author=caller.id,
        made_at=clock.now(),
    )  # fmt: skip
    corrections = []
    for registration, holds in said:
        before = registration.corrected_attendance or registration.noted_attendance
        corrections.append(
            AttendanceCorrection(registration_id=registration.id, attendance_before=before, attendance=holds)
        )
    amendment.corrections = corrections
    session.add(amendment)
    await session.flush()
    for registration, holds in said:
        if inspect(registration).transient:
            registration.corrected_attendance = holds
            session.add(registration)
    for holds in Attendance:
        ids = [row.id for row, right in said if right is holds and row.corrected_attendance is not holds]
        await change_all(session, Registration, ids, {"corrected_attendance": holds})


async def _reloaded(session: AsyncSession, caller: Caller, minutes: Minutes) -> Minutes:
    """The minutes as they now stand in the database."""
    rows = policy.visible_to(caller).where(Minutes.id == minutes.id)
    return await one_or_404(session, rows.execution_options(populate_existing=True))
