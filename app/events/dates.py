"""When an event takes place: two instants, or whole days of its own zone.

Stored, and answered, the end is excluded. A caller gives one kind or the other: `starts_at` and `ends_at`
(instants), or `starts_on` and `ends_on` (calendar days of the event's zone, the last one included).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.core.errors import ErrorAt, InvalidInput
from app.events.models import Event

FIRST_YEAR, LAST_YEAR = 1990, 2100
LONGEST_DAYS = 366
DAY = timedelta(days=1)
INSTANTS = ("starts_at", "ends_at")
DAYS = ("starts_on", "ends_on")


@dataclass(frozen=True, slots=True)
class Timing:
    """The instants between which an event takes place, the end excluded; in UTC."""

    starts_at: datetime
    ends_at: datetime
    is_all_day: bool


def resolve(given: Mapping[str, Any], timezone: str, current: Timing | None, current_timezone: str) -> Timing:
    """The dates that follow from those given, of which an absent one stays as it is.

    `current` are the dates of before, in `current_timezone`: whole days stay the same days when only the zone
    changes, instants the same instants. Raises `InvalidInput`.
    """
    days = {name: given[name] for name in DAYS if given.get(name) is not None}
    instants = {name: given[name] for name in INSTANTS if given.get(name) is not None}
    if days and instants:
        raise InvalidInput(ErrorAt("#/starts_on", "one_kind_of_dates"))
    if days or (not instants and current and current.is_all_day):
        first, last = whole_days(current, current_timezone) if current and current.is_all_day else (None, None)
        return _of_days(*_both(DAYS, days, (first, last)), ZoneInfo(timezone))
    known = (current.starts_at, current.ends_at) if current and not current.is_all_day else (None, None)
    return _of_instants(*_both(INSTANTS, instants, known), ZoneInfo(timezone))


def timing_of(event: Event) -> Timing:
    """The dates an event has."""
    return Timing(event.starts_at, event.ends_at, event.is_all_day)


def whole_days(timing: Timing, timezone: str) -> tuple[date, date]:
    """The first and the last calendar day, both included."""
    zone = ZoneInfo(timezone)
    return timing.starts_at.astimezone(zone).date(), (timing.ends_at - timedelta(microseconds=1)).astimezone(
        zone
    ).date()


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant a calendar day begins in a zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def local(instant: datetime, timezone: str) -> datetime:
    """The same instant with the offset its zone has then."""
    return instant.astimezone(ZoneInfo(timezone))


def _both(names: tuple[str, str], given: Mapping[str, Any], known: tuple[Any, Any]) -> tuple[Any, Any]:
    first, last = (given.get(name, value) for name, value in zip(names, known, strict=True))
    missing = [
        ErrorAt(f"#/{name}", "missing") for name, value in zip(names, (first, last), strict=True) if value is None
    ]
    if missing:
        raise InvalidInput(*missing)
    return first, last


def _of_days(first: date, last: date, zone: ZoneInfo) -> Timing:
    _require_years(("#/starts_on", first), ("#/ends_on", last))
    if last < first:
        raise InvalidInput(ErrorAt("#/ends_on", "dates_reversed"))
    if last - first >= LONGEST_DAYS * DAY:
        raise InvalidInput(ErrorAt("#/ends_on", "event_too_long", {"days": LONGEST_DAYS}))
    return Timing(midnight(first, zone), midnight(last + DAY, zone), is_all_day=True)


def _of_instants(start: datetime, end: datetime, zone: ZoneInfo) -> Timing:
    _require_years(("#/starts_at", start.astimezone(zone)), ("#/ends_at", end.astimezone(zone)))
    fractions = [name for name, instant in zip(INSTANTS, (start, end), strict=True) if instant.microsecond]
    if fractions:
        raise InvalidInput(*(ErrorAt(f"#/{name}", "whole_seconds") for name in fractions))
    if end <= start:
        raise InvalidInput(ErrorAt("#/ends_at", "dates_reversed"))
    if end - start > LONGEST_DAYS * DAY:
        raise InvalidInput(ErrorAt("#/ends_at", "event_too_long", {"days": LONGEST_DAYS}))
    return Timing(start, end, is_all_day=False)


def _require_years(*places: tuple[str, date]) -> None:
    bounds = {"first": FIRST_YEAR, "last": LAST_YEAR}
    faults = [ErrorAt(at, "year_out_of_range", bounds) for at, day in places if not FIRST_YEAR <= day.year <= LAST_YEAR]
    if faults:
        raise InvalidInput(*faults)
