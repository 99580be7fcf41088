"""What is decided when someone is invited, signs up, waits, or gives their seat back. Whatever changes seats holds the
event's row first: of all who ask for the last seat at once, one gets it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from app.core import clock
from app.core.db import one_or_404, remove, save, touch
from app.core.errors import Conflict, ErrorAt, InvalidInput, NotAllowed
from app.core.journal import change_all
from app.events import policy as events_policy
from app.events.minutes.models import Minutes
from app.events.models import Event
from app.events.registrations import participants, policy, states
from app.events.registrations.models import Registration, RegistrationExternalId, RegistrationStatus
from app.events.registrations.schemas import FirstStatus, RegistrationCounts, RegistrationCreate
from app.events.registrations.states import Action
from app.events.states import availability, seats_left
from app.identity.caller import Caller

SMALLEST_TOLD = 5
"""A count of fewer people is not told to those who do not keep the list."""


async def create(session: AsyncSession, caller: Caller, body: RegistrationCreate) -> Registration:
    """Someone more on the list of an event. Raises `InvalidInput`, `NotAllowed`, `Conflict` when one cannot sign up."""
    if body.status is FirstStatus.INVITED and not policy.is_host(caller):
        raise NotAllowed(ErrorAt("#/status", "hosts_only"))
    event = await hold(session, body.event_id, among=events_policy.visible_to(caller))
    if event is None:
        raise InvalidInput(ErrorAt("#/event_id", "unknown_reference"))
    await participants.require(session, caller, event.territory_id, [(body, "#")])
    registration = Registration(
        territory_id=event.territory_id, event_id=event.id, person_id=body.person_id, actor_id=body.actor_id,
        status=RegistrationStatus.INVITED, external_ids=_names(caller, event, body),
    )  # fmt: skip
    async with seats_of(session, event):
        blocker = await _blocker(session, caller, event, body.status)
        if blocker:
            raise Conflict(ErrorAt("#/event_id", blocker), reason=blocker)
        if body.status is FirstStatus.REGISTERED:
            await _seat(session, event, registration)
        await save(session, registration, within=policy.editable(caller))
    return await reloaded(session, caller, registration)


async def move(session: AsyncSession, caller: Caller, registration: Registration, action: Action) -> Registration:
    """Register, decline or cancel. Raises `IllegalTransition`, `NotAllowed`."""
    async with changing(session, caller, registration, action) as event:
        if action is Action.REGISTER:
            await _seat(session, event, registration)
        else:
            registration.status = states.MOVES[action][registration.status]
            registration.waitlist_place = None
        await save(session, registration, within=policy.editable(caller))
    return await reloaded(session, caller, registration)


async def delete(session: AsyncSession, caller: Caller, registration: Registration) -> None:
    """Take away what should never have been on the list. Raises `IllegalTransition`, `NotAllowed`."""
    async with changing(session, caller, registration, Action.DELETE):
        await remove(session, registration)


async def counts(session: AsyncSession, caller: Caller, event: Event) -> RegistrationCounts:
    """How many stand where on an event, as far as the caller is told."""
    is_seated = ~Registration.is_walk_in
    told: dict[str, Any] = {
        status.value: func.count().filter(Registration.status == status, is_seated) for status in RegistrationStatus
    }
    told |= {name: func.count().filter(Registration.attendance == name) for name in ("attended", "excused", "absent")}
    told["walk_ins"] = func.count().filter(Registration.is_walk_in)
    columns = [column.label(name) for name, column in told.items()]
    row = (await session.execute(select(*columns).where(Registration.event_id == event.id))).one()
    found: dict[str, int | None] = dict(row._mapping)
    if policy.is_host(caller):
        return RegistrationCounts(event_id=event.id, suppressed=False, **found)
    for name, number in found.items():
        is_told = name in ("registered", "waitlisted", "attended") and number is not None and number >= SMALLEST_TOLD
        found[name] = number if is_told else None
    return RegistrationCounts(event_id=event.id, suppressed=True, **found)


async def hold(session: AsyncSession, event_id: UUID, *, among: Select[Event] | None = None) -> Event | None:
    """The event as it stands, kept from other changes until the request ends; None when it is not `among` these."""
    events = select(Event) if among is None else among
    held = events.where(Event.id == event_id).with_for_update(key_share=True, of=Event)
    event: Event | None = await session.scalar(held.execution_options(populate_existing=True))
    return event


async def is_closed(session: AsyncSession, event: Event) -> bool:
    """Whether the meeting is closed: its list stands."""
    closed = exists().where(Minutes.event_id == event.id, Minutes.closed_at.is_not(None))
    return bool(await session.scalar(select(closed)))


@asynccontextmanager
async def changing(
    session: AsyncSession, caller: Caller, registration: Registration, action: Action
) -> AsyncIterator[Event]:
    """Do `action` if it may be done, with the event held and its seats in order afterwards."""
    event = await hold(session, registration.event_id)
    assert event  # a registration keeps its event
    set_committed_value(registration, "is_meeting_closed", await is_closed(session, event))
    states.require_allowed(action, registration, clock.now(), is_host=policy.is_host(caller))
    async with seats_of(session, event):
        yield event


@asynccontextmanager
async def seats_of(session: AsyncSession, event: Event) -> AsyncIterator[None]:
    """Whatever changes seats of the held event: those freed go to who waits, and readers learn of another availability.

    The event gets a new version when its availability changes, so that copies of it are brought up to date.
    """
    now = clock.now()
    before = availability(event, now)
    yield
    await session.flush()
    await session.refresh(event, ["seats_taken"])
    await give_seats(session, event, now)
    if availability(event, now) is not before:
        touch(event)
        await session.flush()


async def give_seats(session: AsyncSession, event: Event, now: datetime) -> None:
    """Give the seats that are left on the held event to those who wait, first come first served."""
    left = seats_left(event)
    if left == 0 or not states.gives_seats(event, now):
        return
    waiting = (
        select(Registration.id)
        .where(Registration.event_id == event.id, Registration.status == RegistrationStatus.WAITLISTED)
        .order_by(Registration.waitlist_place)
        .limit(left)
    )
    seated = (await session.scalars(waiting)).all()
    await change_all(session, Registration, seated, {"status": RegistrationStatus.REGISTERED, "waitlist_place": None})
    await session.refresh(event, ["seats_taken"])


async def reloaded(session: AsyncSession, caller: Caller, registration: Registration) -> Registration:
    """The registration as it now stands in the database, with all that is shown of it."""
    rows = policy.in_full(policy.visible_to(caller)).where(Registration.id == registration.id)
    return await one_or_404(session, rows.execution_options(populate_existing=True))


async def _blocker(session: AsyncSession, caller: Caller, event: Event, status: FirstStatus) -> str | None:
    """Why nobody can be added to the list now; None when one can."""
    if await is_closed(session, event):
        return "meeting_closed"
    if status is FirstStatus.INVITED:
        return None
    return states.sign_up_blocker(event, clock.now(), is_host=policy.is_host(caller))


async def _seat(session: AsyncSession, event: Event, registration: Registration) -> None:
    """A seat of the held event, or the last place among those who wait for one."""
    if seats_left(event) != 0:
        registration.status = RegistrationStatus.REGISTERED
        return
    last = await session.scalar(select(func.max(Registration.waitlist_place)).where(Registration.event_id == event.id))
    registration.status, registration.waitlist_place = RegistrationStatus.WAITLISTED, (last or 0) + 1


def _names(caller: Caller, event: Event, body: RegistrationCreate) -> list[RegistrationExternalId]:
    """The names other systems give it. Raises `InvalidInput` for a system that is not the caller's."""
    faults = [
        ErrorAt(f"#/external_ids/{place}/source", "foreign_source")
        for place, name in enumerate(body.external_ids)
        if not events_policy.writes_source(caller, name.source)
    ]
    if faults:
        raise InvalidInput(*faults)
    return [
        RegistrationExternalId(territory_id=event.territory_id, source=name.source, id=name.id)
        for name in body.external_ids
    ]
