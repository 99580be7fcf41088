"""A time zone as iCalendar carries it along (VTIMEZONE, RFC 5545, 3.6.5): the changes of the years shown.

Made here because `icalendar` writes the onset of each change with the offset that follows it, where the
RFC asks for the one before: readers without zones of their own would be an hour late on those days.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@lru_cache(maxsize=256)
def vtimezone(tzid: str, first_year: int, last_year: int) -> Timezone:
    """The zone from 1 January of the first year to 31 December of the last."""
    zone = ZoneInfo(tzid)
    begin, end = datetime(first_year, 1, 1, tzinfo=UTC) - DAY, datetime(last_year + 1, 1, 1, tzinfo=UTC) + DAY
    component = Timezone()
    component.add("tzid", tzid)
    component.add_component(_observance(begin, begin, zone))
    for change in _changes(begin, end, zone):
        component.add_component(_observance(change - SECOND, change, zone))
    return component


def _observance(before: datetime, onset: datetime, zone: ZoneInfo) -> TimezoneStandard | TimezoneDaylight:
    then, now = before.astimezone(zone), onset.astimezone(zone)
    offset, former = now.utcoffset(), then.utcoffset()
    assert offset is not None
    assert former is not None
    observance = TimezoneDaylight() if now.dst() else TimezoneStandard()
    observance.add("dtstart", (onset + former).replace(tzinfo=None))
    observance.add("tzoffsetfrom", former)
    observance.add("tzoffsetto", offset)
    observance.add("tzname", now.tzname())
    return observance


def _changes(begin: datetime, end: datetime, zone: ZoneInfo) -> list[datetime]:
    """The instants at which the offset changes."""
    days = [begin + n * DAY for n in range((end - begin).days + 1)]
    return [
        _between(one, next_, zone)
        for one, next_ in pairwise(days)
        if one.astimezone(zone).utcoffset() != next_.astimezone(zone).utcoffset()
    ]


def _between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second of the change that lies between two instants a whole number of seconds apart."""
    former = before.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + timedelta(seconds=(after - before).total_seconds() // 2)
        if middle.astimezone(zone).utcoffset() == former:
            before = middle
        else:
            after = middle
    return after
