from datetime import UTC, date, datetime, timedelta

import pytest

from app.core.errors import InvalidInput
from app.publishing.filters import EventChoice, When
from app.publishing.window import resolve

pytestmark = pytest.mark.unit

THURSDAY = datetime(2026, 3, 12, 14, 40, tzinfo=UTC)  # 15:40 in Paris


def of(now: datetime = THURSDAY, zone: str = "Europe/Paris", **asked):
    return resolve(EventChoice.model_validate(asked), zone, now)


def test_what_is_asked_without_a_date_begins_with_the_current_hour_and_holds_until_the_next() -> None:
    window = of()
    assert (window.start, window.end) == (datetime(2026, 3, 12, 14, tzinfo=UTC), None)
    assert window.until == datetime(2026, 3, 12, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "end"),
    [(When.TODAY, "2026-03-13"), (When.THIS_WEEK, "2026-03-16"), (When.WEEKEND, "2026-03-16"),
     (When.THIS_MONTH, "2026-04-01")],
)  # fmt: skip
def test_a_relative_window_ends_at_a_midnight_of_the_territory(when: When, end: str) -> None:
    told = of(when=when).told()
    assert told["to"] is not None
    assert told["to"].startswith(f"{end}T00:00:00+0")


def test_what_is_over_this_week_is_left_out() -> None:
    assert of(when="this-week").start == datetime(2026, 3, 12, 14, tzinfo=UTC)


def test_the_weekend_begins_on_saturday() -> None:
    assert of(when="weekend").told()["from"] == "2026-03-14T00:00:00+01:00"
    assert of(datetime(2026, 3, 15, 9, tzinfo=UTC), when="weekend").told()["from"] == "2026-03-15T10:00:00+01:00"


@pytest.mark.parametrize(
    ("zone", "day", "hours", "first"),
    [
        ("Europe/Paris", "2026-03-29", 23, "2026-03-29T00:00:00+01:00"),
        ("Europe/Paris", "2026-10-25", 25, "2026-10-25T00:00:00+02:00"),
        ("America/Guadeloupe", "2026-03-29", 24, "2026-03-29T00:00:00-04:00"),
        ("Indian/Reunion", "2026-10-25", 24, "2026-10-25T00:00:00+04:00"),
        ("America/Miquelon", "2026-03-08", 23, "2026-03-08T00:00:00-03:00"),
    ],
)
def test_a_day_is_the_territorys_own_also_when_clocks_change(zone: str, day: str, hours: int, first: str) -> None:
    window = of(zone=zone, date=day)
    assert window.start is not None
    assert window.end is not None
    assert window.end - window.start == timedelta(hours=hours)
    assert window.told()["from"] == first
    assert window.until is None


def test_the_last_day_asked_for_is_included() -> None:
    window = of(**{"from": "2026-03-01", "to": "2026-03-31"})
    assert window.told() == {
        "from": "2026-03-01T00:00:00+01:00", "to": "2026-04-01T00:00:00+02:00", "timezone": "Europe/Paris"
    }  # fmt: skip


def test_an_instant_is_taken_as_it_is_even_when_its_plus_was_not_encoded() -> None:
    assert of(**{"from": "2026-03-01T10:00:00 01:00"}).start == datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_without_from_the_past_does_not_come() -> None:
    assert of(to="2026-03-31").start == datetime(2026, 3, 12, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "pointer", "code"),
    [
        ({"to": "2025-01-01"}, "?to", "past_needs_from"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "?to", "before_from"),
        ({"when": "today", "date": "2026-03-01"}, "?when", "contradicts"),
        ({"date": "2026-03-01", "from": "2026-03-01"}, "?date", "contradicts"),
        ({"radius": 500}, "?radius", "needs"),
    ],
)
def test_a_question_that_undoes_itself_is_refused(asked: dict, pointer: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        of(**asked)
    assert [(error.pointer, error.code) for error in refusal.value.errors] == [(pointer, code)]


def test_the_month_of_december_ends_with_the_year() -> None:
    assert of(datetime(2026, 12, 31, 12, tzinfo=UTC), when="this-month").told()["to"] == "2027-01-01T00:00:00+01:00"
    assert date(2027, 1, 1).isoformat() in str(of(datetime(2026, 12, 31, 12, tzinfo=UTC), when="today").told()["to"])
