"""What is decided when events change: their dates, where they stand, and what readers must be told."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, publication
from app.core.db import apply, one_or_404, remove, save
from app.core.errors import ErrorAt, InvalidInput
from app.core.journal import give_reason
from app.core.publication import Publication, Publish, Withdraw
from app.events import dates, policy, references, states
from app.events.dates import Timing
from app.events.models import AttendanceMode, Audience, Event, EventStatus, FormerDates
from app.events.registrations.service import give_seats, hold
from app.events.registrations.states import gives_seats
from app.events.schemas import (
    EventCreate,
    EventFields,
    EventMoveOnline,
    EventNote,
    EventReschedule,
    EventUpdate,
)
from app.events.states import Action, Stage
from app.identity.caller import Caller
from app.territories.models import Territory

DATES = ("starts_at", "ends_at", "is_all_day", "timezone")
PLACE = (
    "insee_code", "place_name", "place_address", "latitude", "longitude", "acceslibre_id", "attendance_mode",
    "online_url",
)  # fmt: skip
TEXTS = ("title", "summary", "description", "status_note")
SEQUENCED = (*DATES, *PLACE, "status")
SIGNIFICANT = (*SEQUENCED, *TEXTS)
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "place": {
        "name": "place_name",
        "address": "place_address",
        "latitude": "latitude",
        "longitude": "longitude",
        "acceslibre_id": "acceslibre_id",
    },
    "image": {
        "url": "image_url",
        "alt": "image_alt",
        "credit": "image_credit",
        "licence": "image_licence",
        "rights_until": "image_rights_until",
    },
    "registration": {
        "mode": "registration_mode",
        "url": "registration_url",
        "capacity": "capacity",
        "has_waitlist": "has_waitlist",
    },
}
AS_GIVEN = (
    "kind", "title", "summary", "description", "insee_code", "attendance_mode", "online_url", "keywords",
    "accessibility", "audience",
)  # fmt: skip


async def create(session: AsyncSession, caller: Caller, body: EventCreate) -> Event:
    """A draft. Raises `InvalidInput`, and `NotAllowed` for one its maker would not answer for."""
    territory = await references.territory_of(session, caller, body.territory_id)
    event = Event(
        territory_id=territory.id, timezone=territory.timezone, significant_at=clock.now(),
        actors=[], themes=[], former_dates=[], external_ids=[],
    )  # fmt: skip
    await _fill(session, caller, event, body, territory, None)
    await save(session, event, within=policy.editable(caller))
    return await _reloaded(session, caller, event)


async def update(session: AsyncSession, caller: Caller, event: Event, body: EventUpdate) -> Event:
    """The fields given. Other dates reschedule an announced event, and `attendance_mode` online moves it online,
    as their verbs would. Raises `InvalidInput`, `NotAllowed`."""
    territory = await references.territory_of(session, caller, event.territory_id)
    async with _revision(session, caller, event, Action.EDIT):
        if "status_note" in body.model_fields_set:
            event.status_note = body.status_note
        await _fill(session, caller, event, body, territory, dates.timing_of(event))
    return await _reloaded(session, caller, event)


async def delete(session: AsyncSession, caller: Caller, event: Event) -> None:
    """Leave nothing, or a tombstone of what anyone could see. Raises `NotAllowed`."""
    now = clock.now()
    states.require_allowed(Action.DELETE, event, now, is_publisher=policy.is_publisher(caller))
    if _is_known_to_all(event, now):
        await publication.bury(session, event, event.territory_id, now)
    await remove(session, event)


async def submit(session: AsyncSession, caller: Caller, event: Event) -> Event:
    """Hand the draft to review. Raises `IllegalTransition`."""
    async with _revision(session, caller, event, Action.SUBMIT) as now:
        event.submitted_at = now
    return await _reloaded(session, caller, event)


async def publish(session: AsyncSession, caller: Caller, event: Event, body: Publish) -> Event:
    """Announce it, now or at `publish_at`; a withdrawn event comes back at once. Raises `IllegalTransition`."""
    async with _revision(session, caller, event, Action.PUBLISH) as now:
        publication.publish(event, body.publish_at, now)
        event.significant_at = event.publish_at or now
    return await _reloaded(session, caller, event)


async def withdraw(session: AsyncSession, caller: Caller, event: Event, body: Withdraw) -> Event:
    """Take it back from its readers; under embargo it had none and is a draft again. Raises `IllegalTransition`."""
    async with _revision(session, caller, event, Action.WITHDRAW) as now:
        give_reason(session, body.reason)
        publication.withdraw(event, now)
        if event.publication is Publication.DRAFT:
            event.submitted_at = None
    return await _reloaded(session, caller, event)


async def restate(session: AsyncSession, caller: Caller, event: Event, action: Action, body: EventNote) -> Event:
    """Say publicly that it is cancelled, postponed, or takes place after all. Raises `IllegalTransition`."""
    async with _revision(session, caller, event, action):
        states.announce(action, event)
        event.status_note = None if event.status is EventStatus.SCHEDULED else body.status_note
    return await _reloaded(session, caller, event)


async def reschedule(session: AsyncSession, caller: Caller, event: Event, body: EventReschedule) -> Event:
    """Give it other dates, and keep those it had. Raises `IllegalTransition`, `InvalidInput` for the same dates."""
    async with _revision(session, caller, event, Action.RESCHEDULE):
        timing = dates.resolve(body.given(), event.timezone, None, event.timezone)
        if timing == dates.timing_of(event):
            raise InvalidInput(ErrorAt("#/starts_on" if timing.is_all_day else "#/starts_at", "same_dates"))
        _set_dates(event, timing)
        states.announce(Action.RESCHEDULE, event)
        event.status_note = body.status_note
    return await _reloaded(session, caller, event)


async def move_online(session: AsyncSession, caller: Caller, event: Event, body: EventMoveOnline) -> Event:
    """Hold it online instead of where it was announced. Raises `IllegalTransition`."""
    async with _revision(session, caller, event, Action.MOVE_ONLINE):
        event.attendance_mode, event.online_url = AttendanceMode.ONLINE, body.online_url
        event.status_note = body.status_note
    return await _reloaded(session, caller, event)


@asynccontextmanager
async def _revision(session: AsyncSession, caller: Caller, event: Event, action: Action) -> AsyncIterator[datetime]:
    """Do `action` if it may be done, draw what follows from it, and write it."""
    now = clock.now()
    states.require_allowed(action, event, now, is_publisher=policy.is_publisher(caller))
    before, was_known = {name: getattr(event, name) for name in SIGNIFICANT}, _is_known_to_all(event, now)
    with session.no_autoflush:  # one change, one version
        yield now
        _draw_consequences(event, before, now)
        await _keep_tombstone(session, event, now, was_known=was_known)
    await save(session, event, within=policy.editable(caller))
    if gives_seats(event, now) and await hold(session, event.id):
        await give_seats(session, event, now)


def _draw_consequences(event: Event, before: Mapping[str, Any], now: datetime) -> None:
    """Keep dates that were announced, count what calendars count, and date what readers care about."""
    if states.stage_of(event, now) in (Stage.PUBLISHED, Stage.WITHDRAWN):
        _tell_readers(event, before, now)
    changed = {name for name, value in before.items() if getattr(event, name) != value}
    if changed & set(SEQUENCED):
        event.sequence += 1
    if changed:
        event.significant_at = max(now, event.publish_at or now)


def _tell_readers(event: Event, before: Mapping[str, Any], now: datetime) -> None:
    """What those who knew the event must learn from its status when its dates or its place are other ones."""
    if (event.starts_at, event.ends_at) != (before["starts_at"], before["ends_at"]):
        event.former_dates.append(
            FormerDates(replaced_at=now, starts_at=before["starts_at"], ends_at=before["ends_at"])
        )
        states.announce(Action.RESCHEDULE, event)
    is_online = event.attendance_mode is AttendanceMode.ONLINE
    if is_online and before["attendance_mode"] is not AttendanceMode.ONLINE:
        states.announce(Action.MOVE_ONLINE, event)
    elif not is_online and event.status is EventStatus.MOVED_ONLINE:
        event.status, event.status_note = EventStatus.SCHEDULED, None
        if event.former_dates:
            event.status = EventStatus.RESCHEDULED


async def _fill(
    session: AsyncSession, caller: Caller, event: Event, body: EventFields, territory: Territory, before: Timing | None
) -> None:
    """Set what the body says, and leave the rest. `before` are the dates it has, if it is not new."""
    given = body.given()
    timezone = (given["timezone"] or territory.timezone) if "timezone" in given else event.timezone
    if before is None or given.keys() & {*dates.INSTANTS, *dates.DAYS, "timezone"}:
        _set_dates(event, dates.resolve(given, timezone, before, event.timezone))
        event.timezone = timezone
    apply(event, _columns(given))
    await references.attach(session, caller, event, body, territory)


def _set_dates(event: Event, timing: Timing) -> None:
    event.starts_at, event.ends_at, event.is_all_day = timing.starts_at, timing.ends_at, timing.is_all_day


def _columns(given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that the fields given stand in. A null object empties all of its columns."""
    found = {name: value for name, value in given.items() if name in AS_GIVEN}
    for name, columns in COLUMNS.items():
        if name in given:
            inner = given[name].given() if given[name] else dict.fromkeys(columns)
            found |= {columns[field]: value for field, value in inner.items()}
    return found


def _is_known_to_all(event: Event, now: datetime) -> bool:
    """Whether anyone may see it, or is told that it was withdrawn."""
    return event.audience is Audience.PUBLIC and publication.was_public(event, now)


async def _keep_tombstone(session: AsyncSession, event: Event, now: datetime, *, was_known: bool) -> None:
    """What the public knew and is no longer meant for it leaves a tombstone, which goes if the event comes back."""
    is_known = _is_known_to_all(event, now)
    if was_known and not is_known:
        await publication.bury(session, event, event.territory_id, now)
    elif is_known and not was_known:
        await publication.unbury(session, event)


async def _reloaded(session: AsyncSession, caller: Caller, event: Event) -> Event:
    """The event as it now stands in the database, with all that is shown of it."""
    rows = policy.in_full(policy.visible_to(caller), caller).where(Event.id == event.id)
    return await one_or_404(session, rows.execution_options(populate_existing=True))
