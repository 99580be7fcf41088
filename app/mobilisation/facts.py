"""What shows that somebody is mobilised: rows of several domains, each told as one kind of fact.

A fact has an actor, a person, or both: a person on behalf of an actor counts for each of them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    cast,
    extract,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import SQLCoreOperations

from app.action_plans.actions.models import Action, ActionActor, action_themes
from app.action_plans.means.models import Means
from app.action_plans.mentorships.models import Mentorship
from app.actors.models import Actor
from app.dialogue.working_groups.models import GroupLead, GroupMember, WorkingGroup
from app.events.models import Event, EventKind, event_themes
from app.events.registrations.models import Attendance, Registration, RegistrationStatus
from app.mobilisation.filters import Asked, Bounds, Lacking
from app.mobilisation.schemas import Breakdown, Counted, Step
from app.territories.models import Theme

Column = SQLCoreOperations[Any]
ONE_DAY = literal(1, Integer)
WHO = aliased(Actor, name="who")
SIGNED_UP = (RegistrationStatus.REGISTERED, RegistrationStatus.WAITLISTED)


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of fact: where its rows are, whom they tell of, when, and which steps they show.

    `begins` is its first day, `year` each calendar year it lies in; `themes` is the table of its themes and how it
    is joined, where there can be several.
    """

    rows: FromClause
    within: ColumnElement[bool]
    territory: Column
    actor: Column
    person: Column | None
    begins: Column
    year: Column
    theme: Column
    steps: Mapping[Step, ColumnElement[bool]]
    themes: tuple[FromClause, ColumnElement[bool]] | None = None

    def counted(self, of: Counted) -> Column | None:
        """Whom a row tells of, among those counted; None where it never does."""
        return self.actor if of is Counted.ACTORS else self.person

    def shows(self, step: Step) -> ColumnElement[bool]:
        """Whether a row shows that somebody reached the step."""
        return self.steps.get(step, false())


def facts(asked: Asked, by: Breakdown | None = None) -> Iterator[tuple[Source, Select[Any]]]:
    """Each kind of fact with the statement of those asked for, to which columns are to be added; `by` what they are
    told apart."""
    needs_actor = asked.kinds or asked.municipality or {Lacking.KIND, Lacking.MUNICIPALITY} & asked.missing
    needs_theme = asked.theme or Lacking.THEME in asked.missing or by is Breakdown.THEME
    for make in SOURCES:
        source = make(asked.period)
        rows = source.rows
        if needs_theme and source.themes:
            rows = rows.outerjoin(*source.themes)
        if needs_actor:
            rows = rows.outerjoin(WHO, WHO.id == source.actor)
        narrowed = [source.within, source.territory.in_(asked.territory_ids), *_narrowed(asked, source)]
        yield source, select().select_from(rows).where(*narrowed)


def part_of(source: Source, by: Breakdown | None) -> Column:
    """The theme or the year a fact is told apart by; a fact of several is several."""
    match by:
        case Breakdown.THEME:
            return source.theme
        case Breakdown.YEAR:
            return source.year
        case _:
            return no_part(by)


def no_part(by: Breakdown | None) -> ColumnElement[Any]:
    """The null of what facts are told apart by."""
    match by:
        case Breakdown.THEME:
            return cast(null(), Uuid)
        case Breakdown.YEAR:
            return cast(null(), Integer)
        case _:
            return cast(null(), Text)


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


def _registrations(period: Bounds) -> Source:
    """Who stands on the list of an event that begins within the period."""
    day = cast(func.timezone(period.timezone, Event.starts_at), Date)
    came = Registration.attendance == Attendance.ATTENDED
    contributed = and_(came, Event.kind == EventKind.WORKING_GROUP_SESSION)
    return Source(
        rows=_join(Registration, Event, Event.id == Registration.event_id),
        within=and_(
            Event.starts_at >= period.starts_at,
            Event.starts_at < period.ends_at,
            Event.territory_id == Registration.territory_id,
        ),
        territory=Registration.territory_id,
        actor=Registration.actor_id,
        person=Registration.person_id,
        begins=day,
        year=_year(day),
        theme=event_themes.c.theme_id,
        themes=(event_themes, event_themes.c.event_id == Event.id),
        steps={
            Step.INVITED: ~Registration.is_walk_in,
            Step.REGISTERED: and_(~Registration.is_walk_in, Registration.status.in_(SIGNED_UP)),
            Step.ATTENDED: came,
            Step.CONTRIBUTED: contributed,
            Step.ACTIVE: and_(contributed, Event.starts_at >= period.active_at),
        },
    )


def _members(period: Bounds) -> Source:
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


def _leads(period: Bounds) -> Source:
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


def _actions(period: Bounds) -> Source:
    """Who leads or helps an action that is under way on a day of the period, or was until it ended."""
    return _contribution(
        period,
        rows=_join(ActionActor, Action, Action.id == ActionActor.action_id),
        territory=Action.territory_id,
        actor=ActionActor.actor_id,
        lasts=(Action.started_on, Action.ended_on + ONE_DAY),
        is_so=Action.started_on.is_not(None),
        theme=action_themes.c.theme_id,
        themes=(action_themes, action_themes.c.action_id == Action.id),
    )


def _mentorships(period: Bounds) -> Source:
    """Who mentors on a day of the period, once the mentorship has begun."""
    return _contribution(
        period,
        rows=Mentorship.__table__,
        territory=Mentorship.territory_id,
        actor=Mentorship.actor_id,
        person=Mentorship.mentor_id,
        lasts=(Mentorship.started_on, Mentorship.ended_on + ONE_DAY),
        is_so=Mentorship.started_on.is_not(None),
        theme=action_themes.c.theme_id,
        themes=(action_themes, action_themes.c.action_id == Mentorship.action_id),
    )


def _means(period: Bounds) -> Source:
    """Who gives means for a day of the period: a real amount, not only a planned one."""
    return _contribution(
        period,
        rows=Means.__table__,
        territory=Means.territory_id,
        actor=Means.provider_id,
        lasts=(Means.starts_on, Means.ends_on + ONE_DAY),
        is_so=Means.real_amount > 0,
        theme=action_themes.c.theme_id,
        themes=(action_themes, action_themes.c.action_id == Means.action_id),
    )


def _contribution(
    period: Bounds,
    *,
    rows: FromClause,
    territory: Column,
    actor: Column,
    lasts: tuple[Column, Column],
    theme: Column,
    person: Column | None = None,
    is_so: ColumnElement[bool] | None = None,
    themes: tuple[FromClause, ColumnElement[bool]] | None = None,
) -> Source:
    """A fact that lasts from a day to another, excluded; null: without a bound on that side.

    Among years, one whose first day is not known lies in its last.
    """
    begins, until = lasts
    last = func.least(until, period.until) - ONE_DAY
    first = func.greatest(func.coalesce(begins, last), period.first)
    overlaps = and_(
        literal(period.first < period.until),
        or_(begins.is_(None), begins < period.until),
        or_(until.is_(None), until > period.first),
    )
    return Source(
        rows=rows,
        within=overlaps if is_so is None else and_(is_so, overlaps),
        territory=territory,
        actor=actor,
        person=person,
        begins=begins,
        year=func.generate_series(_year(first), _year(last)),
        theme=theme,
        themes=themes,
        steps={
            Step.CONTRIBUTED: true(),
            Step.ACTIVE: or_(until.is_(None), until > period.active_from),
        },
    )


def _year(day: Column) -> ColumnElement[int]:
    return cast(extract("year", day), Integer)


def _join(left: type[Any], right: type[Any], on: ColumnElement[bool]) -> FromClause:
    joined: FromClause = left.__table__.join(right.__table__, on)
    return joined


SOURCES: tuple[Callable[[Bounds], Source], ...] = (
    _registrations, _members, _leads, _actions, _mentorships, _means,
)  # fmt: skip
