"""Types of fields that belong to no business: each with its bounds, its form, and what it says in the OpenAPI."""

import re
from collections.abc import Callable, Hashable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    HttpUrl,
    StringConstraints,
    TypeAdapter,
    ValidationInfo,
)
from pydantic import ValidationError as Invalid

from app.core.errors import invalid
from app.core.schemas import Body

LONGEST_URL = 2000
YEARS = range(1500, 3000)
"""Years a date may lie in: every instant of them exists in every zone and in PostgreSQL."""

SCHOOL_YEARS = range(1990, 2100)
"""First years of the school years there are."""

_ADDRESS = TypeAdapter(HttpUrl)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROLS_BUT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}.*", re.ASCII)
_LOST_PLUS = re.compile(r" (?=\d{2}:\d{2}$)", re.ASCII)


def _one_line(text: str) -> str:
    if _CONTROLS.search(text):
        raise invalid("forbidden_character")
    return text


def _lines(text: str) -> str:
    if _CONTROLS_BUT_LINES.search(text):
        raise invalid("forbidden_character")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _written_as(form: re.Pattern[str], code: str) -> BeforeValidator:
    """Take only text of this form: pydantic alone would read a bare number as seconds since 1970."""

    def check(value: Any) -> Any:
        if not isinstance(value, date) and not (isinstance(value, str) and form.fullmatch(value)):
            raise invalid(code)
        return _LOST_PLUS.sub("+", value) if form is _INSTANT and isinstance(value, str) else value

    return BeforeValidator(check)


def _in_our_years(value: Any) -> Any:
    if value.year not in YEARS:
        raise invalid("year_out_of_range", first=YEARS[0], last=YEARS[-1])
    return value


def _in_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


def _after_it_begins(until: date | None, info: ValidationInfo) -> date | None:
    begins = info.data.get("valid_from")
    if until and begins and until <= begins:
        raise invalid("dates_reversed")
    return until


def distinct(by: Callable[[Any], Hashable] = lambda item: item) -> AfterValidator:
    """Refuse a list in which two items are the same `by` this key."""

    def check(items: list[Any]) -> list[Any]:
        if len({by(item) for item in items}) < len(items):
            raise invalid("repeated_item")
        return items

    return AfterValidator(check)


def _web_address(text: str) -> str:
    try:
        address = str(_ADDRESS.validate_python(_one_line(text)))
    except Invalid as error:
        raise invalid("url_parsing") from error
    if len(address) > LONGEST_URL:
        raise invalid("url_too_long", max_length=LONGEST_URL)
    return address


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")) | {"UTC"}


def _two_years(text: str) -> str:
    first, second = int(text[:4]), int(text[5:])
    if second != first + 1 or first not in SCHOOL_YEARS:
        raise invalid("school_year")
    return text


def _zone(name: str) -> str:
    if name not in _zones():
        raise invalid("unknown_timezone")
    return name


_TRIMMED_LINE = StringConstraints(strip_whitespace=True, min_length=1, max_length=200)
_TRIMMED_WORD = StringConstraints(strip_whitespace=True, min_length=1, max_length=50)
_TRIMMED_TEXT = StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)
_NOT_BLANK = Field(json_schema_extra={"pattern": r"\S"})

Line = Annotated[str, _TRIMMED_LINE, AfterValidator(_one_line), _NOT_BLANK]
"""A name or title: one line of 1 to 200 characters, without spaces around it."""

Word = Annotated[str, _TRIMMED_WORD, AfterValidator(_one_line), _NOT_BLANK]
"""A keyword: one line of 1 to 50 characters, without spaces around it."""

Prose = Annotated[str, _TRIMMED_TEXT, AfterValidator(_lines), _NOT_BLANK]
"""Text of several lines, up to 20,000 characters."""

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80, examples=["insertion-des-jeunes"])]
"""A readable name for addresses: lower-case letters, digits and single hyphens."""

HttpUrlText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=LONGEST_URL),
    AfterValidator(_web_address),
    Field(json_schema_extra={"format": "uri", "pattern": "^https?://"}, examples=["https://www.example.fr/"]),
]
"""A web address (http or https), kept in ASCII as the URL standard writes it."""

IanaZone = Annotated[str, Field(max_length=60, examples=["Europe/Paris"]), AfterValidator(_zone)]
"""A time zone by its IANA name, of the form Area/City, or UTC."""

Day = Annotated[date, _written_as(_DAY, "date_type"), AfterValidator(_in_our_years), Field(examples=["2016-01-01"])]
"""A calendar day, YYYY-MM-DD."""

SchoolYear = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}-[0-9]{4}$"),
    AfterValidator(_two_years),
    Field(examples=["2016-2017"]),
]
"""A school year by its two years: from 1 September of the first until 31 August of the second, included."""

ValidFrom = Annotated[Day | None, Field(description="first day; null: always was", examples=["2016-01-01"])]
ValidUntil = Annotated[
    Day | None,
    AfterValidator(_after_it_begins),
    Field(description="first day it is no longer so, after `valid_from`; null: not over", examples=["2026-01-01"]),
]
"""The two ends of a period. The fields are named `valid_from` and `valid_until`, in this order."""

Instant = Annotated[
    AwareDatetime,
    _written_as(_INSTANT, "datetime_type"),
    AfterValidator(_in_our_years),
    AfterValidator(_in_utc),
    Field(examples=["2026-03-12T18:30:00+01:00"]),
]
"""An instant with its offset (RFC 3339)."""

Ids = Annotated[list[UUID], Field(max_length=50), distinct()]
"""Identifiers of other rows, each once."""

Amount = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2, examples=[1500])]
"""Euros or hours, to the hundredth."""

YesNo = Annotated[bool, Field(strict=True)]
"""true or false, and nothing that merely looks like it."""


class ExternalId(Body):
    """The name another system gives a row."""

    source: Annotated[Slug, Field(description="the other system", examples=["annuaire-cci"])]
    id: Annotated[Line, Field(description="its identifier there", examples=["C-1024"])]


ExternalIds = Annotated[
    list[ExternalId],
    Field(max_length=20, description="names other systems give it, one a system"),
    distinct(lambda external: external.source),
]
