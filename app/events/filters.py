"""Which events are asked for: query parameters, and their SQL."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Select, and_, exists, literal, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core import clock
from app.core.errors import ErrorAt, InvalidInput
from app.core.fields import Day, Instant, Line, Slug
from app.core.filters import matches_words
from app.core.publication import Publication
from app.events.dates import DAY, LONGEST_DAYS, midnight
from app.events.models import (
    Audience,
    Event,
    EventActor,
    EventActorRole,
    EventKind,
    EventStatus,
    event_themes,
)
from app.events.schemas import EventWindow
from app.identity.caller import Caller
from app.territories.filters import TerritorySlug, zones_of
from app.territories.identifiers import InseeCode
from app.territories.models import Theme

LONGEST = timedelta(days=LONGEST_DAYS + 1)
Moment = Annotated[Day | Instant, Field(union_mode="left_to_right")]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What filters stand for once the territories are looked up."""

    territory_id: UUID | None
    window: EventWindow


class EventFilters(BaseModel):
    """What a list of events can be narrowed by. A parameter that may be repeated takes any of its values."""

    territory: TerritorySlug = None
    municipality: Annotated[InseeCode | None, Field(description="in this commune (INSEE code)")] = None
    theme: Annotated[list[Slug], Field(max_length=20, description="on the theme with this slug; may be repeated")] = []
    kind: Annotated[list[EventKind], Field(max_length=20, description="of this kind; may be repeated")] = []
    organiser: Annotated[UUID | None, Field(description="organised by this actor")] = None
    working_group: Annotated[UUID | None, Field(description="of this working group")] = None
    sequence: Annotated[UUID | None, Field(description="session of this sequence of Q2ER")] = None
    publication: Annotated[list[Publication], Field(max_length=20, description="may be repeated")] = []
    status: Annotated[list[EventStatus], Field(max_length=20, description="may be repeated")] = []
    audience: Annotated[list[Audience], Field(max_length=20, description="may be repeated")] = []
    q: Annotated[Line | None, Field(description="words of the title, texts, place or keywords, in French")] = None
    from_: Annotated[
        Moment | None, Field(alias="from", description="not over before this instant or calendar day of the territory")
    ] = None
    to: Annotated[
        Moment | None,
        Field(description="begun before this instant, or on this calendar day of the territory at the latest"),
    ] = None
    updated_since: Annotated[
        Moment | None, Field(description="changed, or come out of embargo, since this instant or calendar day")
    ] = None

    async def resolve(self, session: AsyncSession, caller: Caller) -> Bounds:
        """The territory, and the instants the dates given stand for: a bare date is a day of the territory.

        Raises `InvalidInput`.
        """
        asked = {"from": self.from_, "to": self.to, "updated_since": self.updated_since}
        if not self.territory and not any(asked.values()):
            return Bounds(None, EventWindow(after=None, before=None, updated_since=None))
        territories = await zones_of(session, caller.territory_ids, self.territory)
        zones = set(territories.values())
        zone = ZoneInfo(zones.pop()) if len(zones) == 1 else None
        bare = [name for name, moment in asked.items() if moment and not isinstance(moment, datetime)]
        if bare and zone is None:
            raise InvalidInput(*(ErrorAt(f"?{name}", "territory_needed") for name in bare))
        window = EventWindow(
            after=_instant(self.from_, zone),
            before=_instant(self.to, zone, is_day_included=True),
            updated_since=_instant(self.updated_since, zone),
        )
        if window.after and window.before and window.after >= window.before:
            raise InvalidInput(ErrorAt("?to", "dates_reversed"))
        return Bounds(next(iter(territories)) if self.territory else None, window)

    def apply(self, events: Select[Event], bounds: Bounds) -> Select[Event]:
        """The events asked for, within what `resolve` found."""
        if bounds.territory_id:
            events = events.where(Event.territory_id == bounds.territory_id)
        return events.where(*self._columns(), *self._relations(), *_during(bounds.window))

    def _columns(self) -> Iterator[ColumnElement[bool]]:
        if self.municipality:
            yield Event.insee_code == self.municipality
        if self.working_group:
            yield Event.working_group_id == self.working_group
        if self.sequence:
            yield Event.sequence_id == self.sequence
        several: tuple[tuple[InstrumentedAttribute[Any], list[Any]], ...] = (
            (Event.kind, self.kind),
            (Event.publication, self.publication),
            (Event.status, self.status),
            (Event.audience, self.audience),
        )
        for column, values in several:
            if values:
                yield column.in_(values)
        if self.q:
            yield matches_words(Event.search, self.q)

    def _relations(self) -> Iterator[ColumnElement[bool]]:
        if self.theme:
            yield exists(literal(1)).where(
                event_themes.c.event_id == Event.id, event_themes.c.theme_id == Theme.id, Theme.slug.in_(self.theme)
            )
        if self.organiser:
            yield exists(literal(1)).where(
                EventActor.event_id == Event.id,
                EventActor.actor_id == self.organiser,
                EventActor.role == EventActorRole.ORGANISER,
            )


def _during(window: EventWindow) -> Iterator[ColumnElement[bool]]:
    """Events not over when the window opens, begun before it closes. As none is longer than `LONGEST`, the index
    on their beginning serves for both."""
    if window.after:
        yield and_(Event.ends_at > window.after, Event.starts_at > window.after - LONGEST)
    if window.before:
        yield Event.starts_at < window.before
    if window.updated_since:
        came_out = and_(Event.publish_at >= window.updated_since, Event.publish_at <= clock.now())
        yield or_(Event.updated_at >= window.updated_since, came_out)


def _instant(moment: date | None, zone: ZoneInfo | None, *, is_day_included: bool = False) -> datetime | None:
    if moment is None or isinstance(moment, datetime):
        return moment and moment.astimezone(zone or UTC)
    assert zone
    return midnight(moment + DAY if is_day_included else moment, zone).astimezone(zone)
