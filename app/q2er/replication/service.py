"""An edition made after another: its sequences and their sessions, in another school year or territory."""

from collections.abc import Sequence as Several
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.actors.models import Actor
from app.core import clock
from app.core.bulk import save_all
from app.core.db import one_or_404
from app.core.errors import AlreadyExists, ErrorAt, NotAllowed
from app.core.references import all_referred, referred
from app.events.days_off import DAY, days_off
from app.events.models import Event, EventActor, RegistrationMode
from app.events.policy import editable as events_editable
from app.events.policy import visible_to as events_visible_to
from app.identity.caller import Caller
from app.q2er.editions import policy
from app.q2er.editions.conditions import is_session
from app.q2er.editions.models import Edition, EditionState
from app.q2er.editions.service import hold, saved
from app.q2er.replication.calendar import free_span, same_school_week
from app.q2er.replication.schemas import (
    EditionReplicate,
    ReplicatedSequence,
    ReplicatedSession,
    ReplicationOut,
    ReplicationOutcome,
)
from app.q2er.sequences.models import Sequence
from app.q2er.sequences.policy import editable as sequences_editable
from app.territories.models import Programme, Territory, TerritoryMunicipality
from app.territories.policy import visible_to as owned_visible_to

ANYWHERE = (
    "kind", "title", "summary", "description", "is_all_day", "attendance_mode", "online_url", "keywords",
    "accessibility", "audience",
)  # fmt: skip
IN_PLACE = (
    "insee_code", "place_name", "place_address", "latitude", "longitude", "acceslibre_id",
)  # fmt: skip
SEATS = ("registration_mode", "capacity", "has_waitlist")


@dataclass
class Goal:
    """Where the new edition is to be. `insee_code`: of its school, whose holidays are avoided."""

    programme: Programme
    school_year: str
    schools: Several[Actor]
    timezone: str
    insee_code: str | None


@dataclass
class Copy:
    """A sequence to be made, and its sessions, each after its source."""

    source: Sequence
    made: Sequence
    sessions: list[tuple[Event, Event, ReplicatedSession]] = field(default_factory=list)


async def replicate(session: AsyncSession, caller: Caller, source: Edition, body: EditionReplicate) -> ReplicationOut:
    """Say, or do, what would be made. Done again it changes nothing.

    Raises `InvalidInput` for a programme or a school out of sight, `AlreadyExists` where the programme has another
    edition in that school year, `NotAllowed`.
    """
    if not policy.may_replicate(caller):
        raise NotAllowed(ErrorAt("#", "not_yours"))
    await hold(session, source.id)
    goal = await _goal(session, caller, source, body)
    there = await _there(session, caller, goal)
    if there:
        if there.replicated_from_id != source.id:
            raise AlreadyExists(ErrorAt("#/school_year", "edition_exists"))
        return _answer(goal, [], ReplicationOutcome.ALREADY_THERE, there.id)
    copies = await _copies(session, caller, source, goal)
    if body.dry_run:
        return _answer(goal, copies, ReplicationOutcome.PREVIEW, None)
    edition = await _write(session, caller, source, goal, copies)
    return _answer(goal, copies, ReplicationOutcome.MADE, edition.id)


async def _goal(session: AsyncSession, caller: Caller, source: Edition, body: EditionReplicate) -> Goal:
    programmes = owned_visible_to(caller, Programme)
    programme = await referred(session, programmes, Programme, "programme_id", body.programme_id or source.programme_id)
    is_here = programme.territory_id == source.territory_id
    schools: Several[Actor] = source.schools if is_here else []
    if body.school_ids is not None:
        known = policy.schools_in(caller, programme.territory_id)
        schools = await all_referred(session, known, Actor, "school_ids", body.school_ids)
    territory = await one_or_404(session, select(Territory).where(Territory.id == programme.territory_id))
    insee_code = next((school.insee_code for school in schools if school.insee_code), None)
    if insee_code is None:
        communes = select(TerritoryMunicipality.insee_code).where(TerritoryMunicipality.territory_id == territory.id)
        insee_code = await session.scalar(communes.order_by(TerritoryMunicipality.insee_code).limit(1))
    return Goal(programme, body.school_year, schools, territory.timezone, insee_code)


async def _there(session: AsyncSession, caller: Caller, goal: Goal) -> Edition | None:
    """The edition the programme has in that school year."""
    editions = policy.visible_to(caller).where(Edition.programme_id == goal.programme.id)
    found: Edition | None = await session.scalar(editions.where(Edition.school_year == goal.school_year))
    return found


async def _copies(session: AsyncSession, caller: Caller, source: Edition, goal: Goal) -> list[Copy]:
    rows = select(Sequence).where(Sequence.edition_id == source.id).order_by(Sequence.position)
    copies = {sequence.id: Copy(sequence, _sequence(sequence, goal)) for sequence in await session.scalars(rows)}
    seen = events_visible_to(caller).where(Event.sequence_id.in_(copies), is_session())
    with_all = seen.options(selectinload(Event.themes), selectinload(Event.actors))
    for event in await session.scalars(with_all.order_by(Event.starts_at, Event.id)):
        assert event.sequence_id
        copy = copies[event.sequence_id]
        copy.sessions.append(_session(event, copy.source, goal))
    return list(copies.values())


def _sequence(source: Sequence, goal: Goal) -> Sequence:
    def moved(day: date | None) -> date | None:
        return day and same_school_week(day, source.school_year, goal.school_year)

    starts_on, ends_on = moved(source.starts_on), moved(source.ends_on)
    if starts_on and ends_on and ends_on < starts_on:
        ends_on = starts_on
    return Sequence(
        territory_id=goal.programme.territory_id, school_year=goal.school_year, position=source.position,
        kind=source.kind, title=source.title, objectives=list(source.objectives), audience=list(source.audience),
        starts_on=starts_on, ends_on=ends_on,
    )  # fmt: skip


def _session(source: Event, sequence: Sequence, goal: Goal) -> tuple[Event, Event, ReplicatedSession]:
    zone = ZoneInfo(source.timezone)
    begin, end = source.starts_at.astimezone(zone), source.ends_at.astimezone(zone)
    last = (source.ends_at - timedelta(microseconds=1)).astimezone(zone).date()
    length = (last - begin.date()).days + 1
    asked = same_school_week(begin.date(), sequence.school_year, goal.school_year)
    day = free_span(asked, length, goal.school_year, goal.insee_code)
    starts_at = _at(day, begin, goal.timezone)
    ends_at = _at(day + (end.date() - begin.date()), end, goal.timezone)
    is_here = goal.programme.territory_id == source.territory_id
    made = Event(
        territory_id=goal.programme.territory_id, timezone=goal.timezone, starts_at=starts_at, ends_at=ends_at,
        significant_at=clock.now(), former_dates=[], external_ids=[],
        themes=list(source.themes) if is_here else [],
        actors=[_tie(tie) for tie in source.actors] if is_here else [],
        **{name: getattr(source, name) for name in (*ANYWHERE, *(IN_PLACE if is_here else ()))},
        **({} if source.registration_mode is RegistrationMode.EXTERNAL else _seats(source)),
    )  # fmt: skip
    off = [found for found in days_off(day, day + (length - 1) * DAY, goal.insee_code) if found.day.weekday() < 5]
    told = ReplicatedSession(
        source_id=source.id, id=None, kind=made.kind, title=made.title, starts_at=starts_at, ends_at=ends_at,
        is_displaced=day != asked, is_on_day_off=bool(off),
    )  # fmt: skip
    return source, made, told


def _at(day: date, like: datetime, timezone: str) -> datetime:
    """The same time of day, on another day, in another zone."""
    return datetime.combine(day, like.time(), ZoneInfo(timezone))


def _tie(source: EventActor) -> EventActor:
    return EventActor(actor_id=source.actor_id, role=source.role, position=source.position)


def _seats(source: Event) -> dict[str, object]:
    return {name: getattr(source, name) for name in SEATS}


async def _write(session: AsyncSession, caller: Caller, source: Edition, goal: Goal, copies: Several[Copy]) -> Edition:
    edition = Edition(
        territory_id=goal.programme.territory_id, programme_id=goal.programme.id, school_year=goal.school_year,
        theme=None, summary=source.summary, state=EditionState.PREPARING, schools=list(goal.schools),
        replicated_from_id=source.id,
    )  # fmt: skip
    await saved(session, caller, edition)
    for copy in copies:
        copy.made.edition_id = edition.id
    await save_all(session, [copy.made for copy in copies], within=sequences_editable(caller))
    events = []
    for copy in copies:
        for _, made, _told in copy.sessions:
            made.sequence_id = copy.made.id
            events.append(made)
    await save_all(session, events, within=events_editable(caller))
    return edition


def _answer(goal: Goal, copies: Several[Copy], outcome: ReplicationOutcome, edition_id: UUID | None) -> ReplicationOut:
    is_made = outcome is ReplicationOutcome.MADE
    told = [
        ReplicatedSequence(
            source_id=copy.source.id, id=copy.made.id if is_made else None,
            sessions=[
                session.model_copy(update={"id": made.id if is_made else None}) for _, made, session in copy.sessions
            ],
            **{name: getattr(copy.made, name) for name in ("position", "kind", "title", "starts_on", "ends_on")},
        )
        for copy in copies
    ]  # fmt: skip
    return ReplicationOut(
        outcome=outcome, edition_id=edition_id, territory_id=goal.programme.territory_id,
        programme_id=goal.programme.id, school_year=goal.school_year, sequences=told,
    )  # fmt: skip
