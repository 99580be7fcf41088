"""Query parameters of the funnel and of its rows, and the bounds they stand for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import ActorKind
from app.core import clock
from app.core.errors import ErrorAt, InvalidInput
from app.core.fields import YEARS, Day, Slug
from app.events.dates import DAY, midnight
from app.territories.filters import TerritorySlug, zones_of
from app.territories.identifiers import InseeCode

FIRST_DAY, LAST_DAY = date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31)


class Lacking(StrEnum):
    """What a fact may have none of: an actor it was on behalf of, a theme, a commune of the actor."""

    KIND = "kind"
    THEME = "theme"
    MUNICIPALITY = "municipality"


@dataclass(frozen=True, slots=True)
class Bounds:
    """A period: days as its territory counts them in its zone, `until` excluded, and the instants they begin at.

    `ends_at` bounds events, also those to come; `until` bounds contributions, which are counted until today at the
    latest; `active_from` begins the last year of these.
    """

    timezone: str
    starts_at: datetime
    ends_at: datetime
    first: date
    until: date
    active_from: date
    active_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What is counted: whose facts, and of when."""

    territory_ids: Sequence[UUID]
    zone: ZoneInfo
    period: Bounds
    kinds: Sequence[ActorKind]
    theme: str | None
    municipality: str | None
    missing: frozenset[Lacking]


class MobilisationFilters(BaseModel):
    """What the figures are narrowed to."""

    territory: TerritorySlug = None
    kind: Annotated[
        list[ActorKind], Field(max_length=20, description="of, or on behalf of, actors of this kind; may be repeated")
    ] = []
    theme: Annotated[Slug | None, Field(description="for what was done on the theme with this slug")] = None
    municipality: Annotated[
        InseeCode | None, Field(description="of, or on behalf of, actors of this commune (INSEE code)")
    ] = None
    missing: Annotated[
        list[Lacking], Field(max_length=3, description="only what has no such thing; may be repeated")
    ] = []
    from_: Annotated[Day | None, Field(alias="from", description="first calendar day of the territory")] = None
    to: Annotated[
        Day | None, Field(description="last calendar day of the territory; without it, until today and all to come")
    ] = None

    async def resolve(self, session: AsyncSession, ids: Collection[UUID]) -> Asked:
        """What is counted, within these territories. Raises `InvalidInput`."""
        zones = await zones_of(session, ids, self.territory)
        names = set(zones.values())
        if len(names) > 1 and (self.from_ or self.to):
            raise InvalidInput(*(ErrorAt(f"?{name}", "territory_needed") for name in ("from", "to") if self._has(name)))
        if self.from_ and self.to and self.to < self.from_:
            raise InvalidInput(ErrorAt("?to", "dates_reversed"))
        zone = ZoneInfo(names.pop()) if len(names) == 1 else ZoneInfo("UTC")
        return Asked(
            list(zones), zone, _bounds(self.from_, self.to, zone), self.kind, self.theme, self.municipality,
            frozenset(self.missing),
        )  # fmt: skip

    def query(self) -> list[tuple[str, str]]:
        """These parameters as they are written in an address."""
        given = {"territory": self.territory, "theme": self.theme, "municipality": self.municipality}
        several = [("kind", str(kind)) for kind in self.kind] + [("missing", str(one)) for one in self.missing]
        days = [("from", self.from_), ("to", self.to)]
        plain = [(name, value) for name, value in given.items() if value]
        return [*plain, *several, *((name, day.isoformat()) for name, day in days if day)]

    def _has(self, name: str) -> bool:
        return bool(self.from_ if name == "from" else self.to)


def _bounds(first: date | None, last: date | None, zone: ZoneInfo) -> Bounds:
    """The period from the first to the last day, both included; null: without a bound on that side."""
    until = min(last, _today(zone)) + DAY if last else _today(zone) + DAY
    active_from = max(_a_year_before(until), first or FIRST_DAY)
    return Bounds(
        timezone=zone.key,
        starts_at=midnight(first or FIRST_DAY, zone),
        ends_at=midnight(last + DAY if last else LAST_DAY, zone),
        first=first or FIRST_DAY,
        until=until,
        active_from=active_from,
        active_at=midnight(active_from, zone),
    )


def _today(zone: ZoneInfo) -> date:
    return clock.now().astimezone(zone).date()


def _a_year_before(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)
