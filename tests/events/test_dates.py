"""Whole days and instants, on ordinary days and on those the clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInput
from app.events.dates import DAY, Timing, local, midnight, resolve, whole_days

pytestmark = pytest.mark.unit

PARIS = "Europe/Paris"
ZONES = st.sampled_from([PARIS, "America/Guadeloupe", "Indian/Reunion", "America/Miquelon", "Pacific/Marquesas", "UTC"])
DAYS = st.dates(date(1990, 1, 2), date(2100, 12, 30))
CLOCK_CHANGES = st.sampled_from(
    [date(year, month, day) for year in (2026, 2027, 2028) for month, days in ((3, range(24, 32)), (10, range(24, 32)))
     for day in days]
)  # fmt: skip
LENGTHS = st.integers(0, 365)


def faults(given_, current=None, timezone=PARIS) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refused:
        resolve(given_, timezone, current, timezone)
    return [(fault.pointer, fault.code) for fault in refused.value.errors]


@given(ZONES, DAYS | CLOCK_CHANGES, LENGTHS)
def test_days_given_are_the_days_read_back(zone: str, first: date, more: int) -> None:
    last = min(first + more * DAY, date(2100, 12, 31))
    timing = resolve({"starts_on": first, "ends_on": last}, zone, None, zone)
    assert timing.is_all_day
    assert whole_days(timing, zone) == (first, last)
    for instant in (timing.starts_at, timing.ends_at):
        assert local(instant, zone).strftime("%H:%M:%S.%f") == "00:00:00.000000"


@given(ZONES, DAYS | CLOCK_CHANGES, LENGTHS)
def test_a_day_begins_where_the_one_before_ends(zone: str, day: date, more: int) -> None:
    one = resolve({"starts_on": day, "ends_on": day}, zone, None, zone)
    next_one = resolve({"starts_on": day + DAY, "ends_on": day + DAY}, zone, None, zone)
    assert one.ends_at == next_one.starts_at
    assert timedelta(hours=23) <= one.ends_at - one.starts_at <= timedelta(hours=25)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (PARIS, date(2026, 3, 29), 23),
        (PARIS, date(2026, 10, 25), 25),
        ("America/Guadeloupe", date(2026, 3, 29), 24),
        ("Indian/Reunion", date(2026, 10, 25), 24),
        ("America/Miquelon", date(2026, 3, 8), 23),
    ],
)
def test_the_day_of_a_clock_change_has_its_own_length(zone: str, day: date, hours: int) -> None:
    timing = resolve({"starts_on": day, "ends_on": day}, zone, None, zone)
    assert timing.ends_at - timing.starts_at == timedelta(hours=hours)


@given(ZONES, DAYS | CLOCK_CHANGES, st.timedeltas(timedelta(0), timedelta(hours=23)), st.integers(1, 366 * 24 * 3600))
def test_instants_stay_the_same_instants_and_are_told_with_their_own_offset(zone, day, hour, seconds) -> None:
    start = datetime.combine(day, datetime.min.time(), UTC) + timedelta(seconds=int(hour.total_seconds()))
    end = min(start + timedelta(seconds=seconds), datetime(2100, 12, 30, 23, tzinfo=UTC) + timedelta(hours=1))
    if end <= start:
        return
    timing = resolve({"starts_at": start, "ends_at": end}, zone, None, zone)
    assert (timing.starts_at, timing.ends_at, timing.is_all_day) == (start, end, False)
    told = local(timing.starts_at, zone)
    assert datetime.fromisoformat(told.isoformat()) == start
    assert told.utcoffset() == ZoneInfo(zone).utcoffset(start.astimezone(ZoneInfo(zone)))


def test_the_hour_that_comes_twice_is_told_apart_by_its_offset() -> None:
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert local(first, PARIS).isoformat() == "2026-10-25T02:30:00+02:00"
    assert local(second, PARIS).isoformat() == "2026-10-25T02:30:00+01:00"


@given(DAYS | CLOCK_CHANGES, st.integers(0, 30), ZONES, ZONES)
def test_whole_days_stay_the_same_days_in_another_zone(day: date, more: int, before: str, after: str) -> None:
    last = min(day + more * DAY, date(2100, 12, 31))
    timing = resolve({"starts_on": day, "ends_on": last}, before, None, before)
    moved = resolve({}, after, timing, before)
    assert whole_days(moved, after) == (day, last)


def test_instants_stay_the_same_instants_in_another_zone() -> None:
    timing = Timing(datetime(2026, 3, 12, 17, tzinfo=UTC), datetime(2026, 3, 12, 19, tzinfo=UTC), is_all_day=False)
    assert resolve({}, "Indian/Reunion", timing, PARIS) == timing


def test_one_end_may_be_changed_alone() -> None:
    days = resolve({"starts_on": date(2026, 3, 12), "ends_on": date(2026, 3, 14)}, PARIS, None, PARIS)
    assert whole_days(resolve({"ends_on": date(2026, 3, 15)}, PARIS, days, PARIS), PARIS) == (
        date(2026, 3, 12),
        date(2026, 3, 15),
    )
    timed = Timing(datetime(2026, 3, 12, 17, tzinfo=UTC), datetime(2026, 3, 12, 19, tzinfo=UTC), is_all_day=False)
    later = datetime(2026, 3, 12, 18, tzinfo=UTC)
    assert resolve({"starts_at": later}, PARIS, timed, PARIS).starts_at == later


def test_instants_become_whole_days_only_with_both_ends() -> None:
    timed = Timing(datetime(2026, 3, 12, 17, tzinfo=UTC), datetime(2026, 3, 12, 19, tzinfo=UTC), is_all_day=False)
    assert faults({"starts_on": date(2026, 3, 12)}, timed) == [("#/ends_on", "missing")]
    days = resolve({"starts_on": date(2026, 3, 12), "ends_on": date(2026, 3, 12)}, PARIS, timed, PARIS)
    assert days.is_all_day
    assert faults({"ends_at": timed.ends_at}, days) == [("#/starts_at", "missing")]


def test_an_event_has_dates_of_one_kind() -> None:
    start = datetime(2026, 3, 12, 17, tzinfo=UTC)
    assert faults({"starts_on": date(2026, 3, 12), "ends_at": start}) == [("#/starts_on", "one_kind_of_dates")]
    assert faults({}) == [("#/starts_at", "missing"), ("#/ends_at", "missing")]


@pytest.mark.parametrize(
    ("start", "end", "fault"),
    [
        ("2026-03-12T18:00+01:00", "2026-03-12T18:00+01:00", ("#/ends_at", "dates_reversed")),
        ("2026-03-12T18:00+01:00", "2026-03-12T17:00+01:00", ("#/ends_at", "dates_reversed")),
        ("2026-10-25T02:30+01:00", "2026-10-25T02:45+02:00", ("#/ends_at", "dates_reversed")),
        ("2026-03-12T18:00:00.5+01:00", "2026-03-12T19:00+01:00", ("#/starts_at", "whole_seconds")),
        ("1989-12-31T22:59:59+00:00", "1990-01-02T00:00+00:00", ("#/starts_at", "year_out_of_range")),
        ("2100-12-31T18:00+00:00", "2100-12-31T23:00+00:00", ("#/ends_at", "year_out_of_range")),
        ("2026-03-12T18:00+01:00", "2027-03-13T18:00:01+01:00", ("#/ends_at", "event_too_long")),
    ],
)
def test_instants_that_make_no_event_are_refused(start: str, end: str, fault: tuple[str, str]) -> None:
    assert faults({"starts_at": datetime.fromisoformat(start), "ends_at": datetime.fromisoformat(end)}) == [fault]


@pytest.mark.parametrize(
    ("first", "last", "fault"),
    [
        (date(2026, 3, 12), date(2026, 3, 11), ("#/ends_on", "dates_reversed")),
        (date(1989, 12, 31), date(1990, 1, 1), ("#/starts_on", "year_out_of_range")),
        (date(2100, 12, 31), date(2101, 1, 1), ("#/ends_on", "year_out_of_range")),
        (date(2026, 3, 12), date(2027, 3, 13), ("#/ends_on", "event_too_long")),
    ],
)
def test_days_that_make_no_event_are_refused(first: date, last: date, fault: tuple[str, str]) -> None:
    assert faults({"starts_on": first, "ends_on": last}) == [fault]


def test_the_longest_event_lasts_a_leap_year() -> None:
    days = resolve({"starts_on": date(2028, 1, 1), "ends_on": date(2028, 12, 31)}, PARIS, None, PARIS)
    assert days.ends_at - days.starts_at == 366 * DAY
    assert midnight(date(2028, 1, 1), ZoneInfo(PARIS)) == days.starts_at
