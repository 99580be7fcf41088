"""Where a session goes in another school year: the same school week and weekday, or the next week that is free."""

from collections.abc import Iterator
from datetime import date, timedelta

from app.events.days_off import DAY, day_off

WEEK = timedelta(days=7)
SATURDAY = 5


def first_day(school_year: str) -> date:
    """1 September of its first year."""
    return date(int(school_year[:4]), 9, 1)


def last_day(school_year: str) -> date:
    """31 August of its second year."""
    return date(int(school_year[5:]), 8, 31)


def same_school_week(day: date, source: str, target: str) -> date:
    """The day in the same week of the target year, counted from the week of 1 September, on the same weekday.

    At either end of the year, the nearest such weekday within it.
    """
    moved = _monday(first_day(target)) + (day - _monday(first_day(source)))
    while moved < first_day(target):
        moved += WEEK
    while moved > last_day(target):
        moved -= WEEK
    return moved


def free_span(first: date, length: int, school_year: str, insee_code: str | None) -> date:
    """The first day of `length` days, in the week asked for or else in the next one, or the one before, of whose
    working days none is a day off. Where no week is free, the one asked for."""
    for begin in _weeks(first, school_year):
        days = [begin + n * DAY for n in range(length)]
        fits = first_day(school_year) <= days[0] and days[-1] <= last_day(school_year)
        working = [day for day in days if length == 1 or day.weekday() < SATURDAY]
        if fits and not any(day_off(day, insee_code) for day in working):
            return begin
    return min(first, last_day(school_year) - (length - 1) * DAY)


def _weeks(first: date, school_year: str) -> Iterator[date]:
    """The same weekday: later weeks first, then earlier ones."""
    day = first
    while day <= last_day(school_year):
        yield day
        day += WEEK
    day = first - WEEK
    while day >= first_day(school_year):
        yield day
        day -= WEEK


def _monday(day: date) -> date:
    return day - day.weekday() * DAY
