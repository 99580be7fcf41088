"""What shows that somebody is mobilised: rows of several domains, each told as one kind of fact.

A fact has an actor, a person, or both: a person on behalf of an actor counts for each of them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Integer,
    Select,
    Text,
    Uuid,
    Values,
    and_,
    cast,
    column,
    false,
    literal,
    null,
    or_,
    select,
    values,
)
from sqlalchemy.orm import aliased

from app.actors.models import Actor
from app.dialogue.working_groups.models import GroupLead, GroupMember, WorkingGroup
from app.events.models import Event, EventKind, event_themes
from app.events.registrations.models import Attendance, Registration, RegistrationStatus
from app.mobilisation.filters import Asked, Bounds, Lacking
from app.mobilisation.schemas import Breakdown, Step
from app.territories.models import Theme

Column = ColumnElement[Any]
SIGNED_UP = (RegistrationStatus.REGISTERED, RegistrationStatus.WAITLISTED)


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of fact: where its rows are, whom they tell of, and which steps they show.

    `themes` is the table of its themes and how it is joined, where there can be several.
    """

    rows: FromClause
    within: ColumnElement[bool]
    territory: Column
    actor: Column
    person: Column
    begins: Column
    theme: Column
    steps: Mapping[Step, ColumnElement[bool]]
    themes: tuple[FromClause, ColumnElement[bool]] | None = None


def periods_of(asked: Asked) -> Values:
    """The periods as a relation: the whole is number 0."""
    names = ("starts_at", "ends_at", "first", "until", "active_from", "active_at")
    types = (DateTime(timezone=True), DateTime(timezone=True), Date, Date, Date, DateTime(timezone=True))
    columns = [column(name, kind) for name, kind in zip(names, types, strict=True)]
    rows = [(number, *(getattr(one, name) for name in names)) for number, one in enumerate(asked.periods)]
    return values(column("number", Integer), *columns, name="period").data(rows)


def facts(asked: Asked, period: Values, by: Breakdown | None = None) -> Iterator[tuple[Source, Select[Any]]]:
    """Each kind of fact with the statement of those asked for, to which columns are to be added.

    The statement also has the actor as `WHO`, where it is narrowed by it or told apart `by` it.
    """
    needs_actor = bool(asked.kinds or asked.municipality or {Lacking.KIND, Lacking.MUNICIPALITY} & asked.missing)
    needs_actor |= by in (Breakdown.KIND, Breakdown.MUNICIPALITY)
    needs_theme = bool(asked.theme or Lacking.THEME in asked.missing or by is Breakdown.THEME)
    for make in SOURCES:
        source = make(period)
        rows = source.rows
        if needs_theme and source.themes:
            rows = rows.outerjoin(*source.themes)
        if needs_actor:
            rows = rows.outerjoin(WHO, WHO.id == source.actor)
        narrowed = [source.within, source.territory.in_(asked.territory_ids), *_narrowed(asked, source)]
        yield source, select().select_from(rows.join(period, literal(True))).where(*narrowed)


def group_of(source: Source, by: Breakdown | None) -> Column:
    """What a fact is told apart by, as text; null where it has none, and where years are told apart by periods."""
    match by:
        case Breakdown.KIND:
            return cast(WHO.kind, Text)
        case Breakdown.MUNICIPALITY:
            return WHO.insee_code
        case Breakdown.THEME:
            return cast(source.theme, Text)
        case _:
            return cast(null(), Text)


WHO = aliased(Actor, name="who")


def _narrowed(asked: Asked, source: Source) -> Iterator[ColumnElement[bool]]:
    if asked.kinds:
        yield WHO.kind.in_(asked.kinds)
    if asked.municipality:
        yield WHO.insee_code == asked.municipality
    if asked.theme:
        named = select(Theme.id).where(Theme.slug == asked.theme, Theme.territory_id.in_(asked.territory_ids))
        yield source.theme.in_(named)
    lacking = {Lacking.KIND: source.actor, Lacking.MUNICIPALITY: WHO.insee_code, Lacking.THEME: source.theme}
    for what in sorted(asked.missing):
        yield lacking[what].is_(None)


def _registrations(period: Values) -> Source:
    """Who stands on the list of an event that begins within the period."""
    came = Registration.attendance == Attendance.ATTENDED
    contributed = and_(came, Event.kind == EventKind.WORKING_GROUP_SESSION)
    return Source(
        rows=_join(Registration, Event, Event.id == Registration.event_id),
        within=and_(
            Event.starts_at >= period.c.starts_at,
            Event.starts_at < period.c.ends_at,
            Event.territory_id == Registration.territory_id,
        ),
        territory=Registration.territory_id,
        actor=Registration.actor_id,
        person=Registration.person_id,
        begins=cast(Event.starts_at, Date),
        theme=event_themes.c.theme_id,
        themes=(event_themes, event_themes.c.event_id == Event.id),
        steps={
            Step.INVITED: ~Registration.is_walk_in,
            Step.REGISTERED: and_(~Registration.is_walk_in, Registration.status.in_(SIGNED_UP)),
            Step.ATTENDED: came,
            Step.CONTRIBUTED: contributed,
            Step.ACTIVE: and_(contributed, Event.starts_at >= period.c.active_at),
        },
    )


def _members(period: Values) -> Source:
    """Who belongs to a working group on a day of the period."""
    return _contribution(
        period,
        rows=_join(GroupMember, WorkingGroup, WorkingGroup.id == GroupMember.working_group_id),
        territory=WorkingGroup.territory_id,
        actor=GroupMember.actor_id,
        person=GroupMember.person_id,
        lasts=(GroupMember.valid_from, GroupMember.valid_until),
        theme=WorkingGroup.theme_id,
    )


def _leads(period: Values) -> Source:
    """Who leads a working group, as one of its pair or its facilitator, on a day of the period."""
    return _contribution(
        period,
        rows=_join(GroupLead, WorkingGroup, WorkingGroup.id == GroupLead.working_group_id),
        territory=WorkingGroup.territory_id,
        actor=GroupLead.actor_id,
        person=GroupLead.person_id,
        lasts=(GroupLead.valid_from, GroupLead.valid_until),
        theme=WorkingGroup.theme_id,
    )


SOURCES: tuple[Callable[[Values], Source], ...] = (_registrations, _members, _leads)
