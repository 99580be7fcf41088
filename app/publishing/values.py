"""How the values of the public filters are written, and what is refused."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from app.core.errors import invalid
from app.core.geography import numbers

FIRST_YEAR, LAST_YEAR = 1990, 2100
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[ +-]\d{2}:\d{2})", re.ASCII)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
Box = tuple[float, float, float, float]


def _day(value: Any) -> date:
    try:
        day = date.fromisoformat(value) if _DAY.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None:
        raise invalid("date_type")
    return _in_range(day)


def _moment(value: Any) -> date | datetime:
    if _DAY.fullmatch(value):
        return _day(value)
    try:  # a + that was not encoded arrives as a space
        moment = datetime.fromisoformat(value.replace(" ", "+")) if _INSTANT.fullmatch(value) else None
    except ValueError:
        moment = None
    if moment is None:
        raise invalid("datetime_from_date_parsing")
    _in_range(moment)
    return moment.astimezone(UTC)


def _in_range(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise invalid("year_out_of_range", first=FIRST_YEAR, last=LAST_YEAR)
    return day


def _box(value: Any) -> Box:
    west, south, east, north = numbers(value, 4, "bbox_form")
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise invalid("bbox_form")
    return west, south, east, north


def _one_line(value: str) -> str:
    if _CONTROLS.search(value):
        raise invalid("forbidden_character")
    return value


Insee = Annotated[str, Field(pattern=r"^([0-9]{2}|2A|2B)[0-9]{3}$")]
Days = Annotated[date, BeforeValidator(_day), Field(json_schema_extra={"format": "date", "type": "string"})]
Moment = Annotated[
    date | datetime,
    BeforeValidator(_moment, json_schema_input_type=str),
]
Words = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S"), AfterValidator(_one_line)]
BoxText = Annotated[Box, BeforeValidator(_box, json_schema_input_type=str)]
