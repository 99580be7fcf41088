"""From a question to instants: which stretch of time it asks for, and until when that answer holds.

A bare date is a calendar day in the territory's own zone, twenty-three or twenty-five hours long when the
clocks change. What is over at the start of the current hour never comes unasked.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.core.errors import ErrorAt, InvalidInput
from app.publishing.filters import EventChoice, When

DEFAULT_ZONE = "Europe/Paris"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Events that are not over at `start` and begin before `end` (excluded); None: no bound.

    `until`: when a window relative to now moves on.
    """

    start: datetime | None
    end: datetime | None
    timezone: str
    until: datetime | None = None

    def told(self) -> dict[str, str | None]:
        """The resolved bounds, as the answer echoes them."""
        zone = ZoneInfo(self.timezone)
        start, end = (bound.astimezone(zone).isoformat() if bound else None for bound in (self.start, self.end))
        return {"from": start, "to": end, "timezone": self.timezone}


def resolve(asked: EventChoice, timezone: str, now: datetime) -> Window:
    """The window of a question. Raises `InvalidInput` for one in which nothing can be."""
    zone = ZoneInfo(timezone)
    hour = next_hour(now) - HOUR
    if asked.date:
        return Window(_midnight(asked.date, zone), _midnight(asked.date + DAY, zone), timezone)
    if asked.from_ or asked.to:
        return _explicit(asked.from_, asked.to, zone, hour)
    first, last = _days(asked.when or When.UPCOMING, now.astimezone(zone).date())
    start = max(hour, _midnight(first, zone)) if first else hour
    return Window(start, _midnight(last, zone) if last else None, timezone, hour + HOUR)


def next_hour(now: datetime) -> datetime:
    """The start of the hour after this one."""
    return now.replace(minute=0, second=0, microsecond=0) + HOUR


def _explicit(from_: date | datetime | None, to: date | datetime | None, zone: ZoneInfo, hour: datetime) -> Window:
    end = to if isinstance(to, datetime) or to is None else _midnight(to + DAY, zone)
    if from_ is None:
        if end is not None and end <= hour:
            raise InvalidInput(ErrorAt("?to", "past_needs_from"))
        return Window(hour, end, zone.key, hour + HOUR)
    start = from_ if isinstance(from_, datetime) else _midnight(from_, zone)
    if end is not None and end <= start:
        raise InvalidInput(ErrorAt("?to", "before_from"))
    return Window(start, end, zone.key)


def _days(when: When, today: date) -> tuple[date | None, date | None]:
    """The first day of a relative window, and the day after its last."""
    monday = today - timedelta(days=today.weekday())
    match when:
        case When.TODAY:
            return today, today + DAY
        case When.THIS_WEEK:
            return monday, monday + 7 * DAY
        case When.WEEKEND:
            return monday + 5 * DAY, monday + 7 * DAY
        case When.THIS_MONTH:
            first = today.replace(day=1)
            return first, (first + 31 * DAY).replace(day=1)
        case When.UPCOMING:
            return None, None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
