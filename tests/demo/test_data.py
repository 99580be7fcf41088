"""The data files and what is made of them, without a database."""

from datetime import date, timedelta

import holidays
import pytest
from pydantic import ValidationError

from app.demo.actors import Cast
from app.demo.history import history
from app.demo.season import SeasonEntry, Weekday, _open_day, season
from app.demo.territories import SUCCESSOR

pytestmark = pytest.mark.unit


def test_every_event_has_a_key_of_its_own() -> None:
    keys = [entry.key for entry in (*history(), *season())]
    assert len(keys) == len(set(keys))


def test_a_misspelt_field_of_a_data_file_is_refused_by_name() -> None:
    table = {**season()[0].model_dump(mode="json"), "day": "monday", "titel": "…"}
    with pytest.raises(ValidationError, match="titel"):
        SeasonEntry.model_validate(table)


def test_a_word_that_names_no_actor_is_refused() -> None:
    with pytest.raises(KeyError, match="clbu"):
        Cast(SUCCESSOR, {}).find("clbu", town="94080", event="x")


@pytest.mark.parametrize("weekday", list(Weekday))
def test_no_week_of_ten_years_puts_an_event_on_a_public_holiday(weekday: Weekday) -> None:
    off = holidays.country_holidays("FR", years=range(2026, 2037))
    for week in range(520):
        day = _open_day(date(2026, 1, 5), week, weekday)
        assert day not in off
        assert weekday >= Weekday.saturday or day.weekday() < Weekday.saturday
        assert timedelta(0) <= day - (date(2026, 1, 5) + timedelta(weeks=week, days=weekday)) <= timedelta(days=4)
