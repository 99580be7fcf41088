"""The current season on the territory of today: events by weeks from this one, so that there is always a next one.

A later week's load moves them on; within one week nothing moves.
"""

from datetime import date, datetime, time, timedelta
from enum import IntEnum
from typing import Annotated, Any
from uuid import UUID

import holidays
from pydantic import BeforeValidator

from app.core.publication import Publication
from app.demo.actors import Cast
from app.demo.events import EventEntry, event_id, event_values, instant, timing
from app.demo.rows import Rows
from app.demo.territories import Entry, read
from app.events.models import Event, EventStatus, FormerDates
from app.territories.models import Theme

FILES = ("season-youth", "season-disability", "season-poverty", "season-together")
FIRST_MONDAY = date(2026, 1, 5)  # iCalendar's SEQUENCE grows by one each week the events move on
ANNOUNCED_BEFORE = timedelta(weeks=6)


class Weekday(IntEnum):
    """The days of a week, from Monday."""

    monday, tuesday, wednesday, thursday, friday, saturday, sunday = range(7)


Day = Annotated[Weekday, BeforeValidator(lambda name: Weekday[name])]


class FormerEntry(Entry):
    """When an event was to take place before it was moved."""

    week: int
    day: Day
    start: time
    end: time


class SeasonEntry(EventEntry):
    """An event `week` weeks from this one. `embargo`: weeks from this one until it may be seen.

    `submitted`: a draft that waits for the collectivité.
    """

    week: int
    day: Day
    former: FormerEntry | None = None
    embargo: int | None = None
    submitted: bool = False


def season() -> list[SeasonEntry]:
    """The season's events, as their data files tell them."""
    return [SeasonEntry.model_validate(table) for name in FILES for table in read(name)["event"]]


async def put_season(rows: Rows, cast: Cast, themes: dict[UUID, Theme], *, today: date) -> None:
    """Write the season around `today`."""
    monday = today - timedelta(days=today.weekday())
    wanted = {event_id(entry): _values(entry, n, monday, cast, themes) for n, entry in enumerate(season())}
    await rows.put(Event, wanted, Event.themes, Event.actors, Event.former_dates)


def _values(entry: SeasonEntry, number: int, monday: date, cast: Cast, themes: dict[UUID, Theme]) -> dict[str, Any]:
    day = _open_day(monday, entry.week, entry.day)
    last_week = monday - timedelta(days=7 - number % 5)
    announced = instant(min(day - ANNOUNCED_BEFORE, last_week), time(10))
    changed = instant(min(day - timedelta(days=4), monday - timedelta(days=3)), time(15))
    values = event_values(entry, day, cast, themes, announced=announced)
    values |= {
        "sequence": max(0, (monday - FIRST_MONDAY).days // 7),
        "publish_at": instant(monday + timedelta(weeks=entry.embargo), time(9)) if entry.embargo else None,
        "withdrawn_at": changed if entry.publication is Publication.WITHDRAWN else None,
        "submitted_at": announced if entry.submitted else None,
        "former_dates": _former(entry, monday, changed),
    }
    if entry.status is not EventStatus.SCHEDULED:
        values |= {"sequence": values["sequence"] + 1, "significant_at": changed}
    return values


def _former(entry: SeasonEntry, monday: date, replaced_at: datetime) -> list[FormerDates]:
    if entry.former is None:
        return []
    day = _open_day(monday, entry.former.week, entry.former.day)
    return [FormerDates(replaced_at=replaced_at, **timing(day, entry.former.start, entry.former.end))]


def _open_day(monday: date, week: int, weekday: Weekday) -> date:
    """That day of that week, or the first after it that is no public holiday (nor a weekend, if it was none)."""
    day = monday + timedelta(weeks=week, days=weekday)
    off = holidays.country_holidays("FR", years=(day.year, day.year + 1))
    while day in off or (weekday < Weekday.saturday <= day.weekday()):
        day += timedelta(days=1)
    return day
