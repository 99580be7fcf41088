"""Fields: what each takes, in which form it is kept, and what is refused with which code."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import ARRAY, Text, cast, func, select

from app.core.fields import Day, ExternalIds, HttpUrlText, IanaZone, Instant, Line, Prose, Slug, YesNo

unit = pytest.mark.unit


def fault(kind: Any, value: object) -> str | None:
    """The code of the first fault, None when there is none."""
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        return error.errors()[0]["type"]
    return None


@unit
@pytest.mark.parametrize(
    ("kind", "given_as", "kept_as"),
    [
        (Line, "  Une ligne\u00a0! ", "Une ligne\u00a0!"),
        (Prose, "\na\r\nb\rc\td\n", "a\nb\nc\td"),
        (HttpUrlText, " HTTPS://Élan.example/à b?q=é#f ", "https://xn--lan-9la.example/%C3%A0%20b?q=%C3%A9#f"),
        (HttpUrlText, "http://example.fr", "http://example.fr/"),
        (Instant, "2026-03-12T18:30:00+01:00", datetime(2026, 3, 12, 17, 30, tzinfo=UTC)),
        (Instant, "2026-03-12T18:30:00 01:00", datetime(2026, 3, 12, 17, 30, tzinfo=UTC)),
        (Instant, "2026-03-12t18:30Z", datetime(2026, 3, 12, 18, 30, tzinfo=UTC)),
    ],
)
def test_a_value_is_kept_in_one_form(kind: Any, given_as: str, kept_as: object) -> None:
    assert TypeAdapter(kind).validate_python(given_as) == kept_as


@unit
@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        (Line, "", "string_too_short"),
        (Line, " \t\u00a0", "string_too_short"),
        (Line, "a" * 201, "string_too_long"),
        (Line, "a\nb", "forbidden_character"),
        (Line, "a\x00b", "forbidden_character"),
        (Line, "a\u2028b", "forbidden_character"),
        (Line, 3, "string_type"),
        (Prose, "a\x1bb", "forbidden_character"),
        (Prose, "a" * 20_001, "string_too_long"),
        (Slug, "Handicap", "string_pattern_mismatch"),
        (Slug, "a--b", "string_pattern_mismatch"),
        (Slug, "a\n", "string_pattern_mismatch"),
        (HttpUrlText, "javascript:alert(1)", "url_parsing"),
        (HttpUrlText, "//example.fr", "url_parsing"),
        (HttpUrlText, "https://exa\nmple.fr", "forbidden_character"),
        (HttpUrlText, "https://example.fr/" + "é" * 400, "url_too_long"),
        (IanaZone, "Europe/Lutece", "unknown_timezone"),
        (IanaZone, "Etc/GMT+1", "unknown_timezone"),
        (IanaZone, "../../etc/passwd", "unknown_timezone"),
        (Day, "2026-3-1", "date_type"),
        (Day, "2026-03-01T00:00:00", "date_type"),
        (Day, 1_700_000_000, "date_type"),
        (Day, True, "date_type"),
        (Day, "2026-02-29", "date_from_datetime_parsing"),
        (Day, "1499-12-31", "year_out_of_range"),
        (Day, "3000-01-01", "year_out_of_range"),
        (Instant, "2026-03-01", "datetime_type"),
        (Instant, "1700000000", "datetime_type"),
        (Instant, 1_700_000_000, "datetime_type"),
        (Instant, "2026-03-01T00:00", "timezone_aware"),
        (Instant, "0001-01-01T00:00+14:00", "year_out_of_range"),
        (YesNo, 1, "bool_type"),
        (YesNo, "true", "bool_type"),
        (ExternalIds, [{"source": "a", "id": "1"}, {"source": "a", "id": "2"}], "repeated_item"),
    ],
)
def test_what_has_not_the_form_is_refused_under_a_code(kind: Any, value: object, code: str) -> None:
    assert fault(kind, value) == code


@unit
@given(st.text(max_size=300))
def test_a_line_that_is_kept_is_one_line_and_kept_again_unchanged(text: str) -> None:
    if fault(Line, text) is None:
        kept = TypeAdapter(Line).validate_python(text)
        assert kept.splitlines() == [kept]
        assert TypeAdapter(Line).validate_python(kept) == kept


@unit
@given(st.from_regex(r"\Ahttps?://[a-zé.]{1,20}/[^\x00-\x1f]{0,40}\Z"))
def test_an_address_that_is_kept_is_ascii_and_kept_again_unchanged(text: str) -> None:
    if fault(HttpUrlText, text) is None:
        kept = TypeAdapter(HttpUrlText).validate_python(text)
        assert kept.isascii()
        assert kept.startswith(("http://", "https://"))
        assert not set(kept) & set(' <>"')
        assert TypeAdapter(HttpUrlText).validate_python(kept) == kept


@unit
@given(
    st.datetimes(datetime(1501, 1, 1), datetime(2998, 12, 31)),  # noqa: DTZ001  (the offset is added)
    st.integers(-14 * 60, 14 * 60),
)
def test_an_instant_is_the_same_whatever_its_offset(at: datetime, minutes: int) -> None:
    written = f"{at.isoformat()}{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    assert TypeAdapter(Instant).validate_python(written) == at.replace(tzinfo=UTC) - timedelta(minutes=minutes)


async def test_the_database_knows_every_zone_that_is_accepted(session) -> None:
    accepted = [name for name in available_timezones() if fault(IanaZone, name) is None]
    assert {"Europe/Paris", "Indian/Reunion", "America/Guadeloupe", "UTC"} <= set(accepted)
    known = select(func.unnest(cast(accepted, ARRAY(Text))).label("name")).subquery()
    refused = select(known.c.name).where(~func.timezone_is_known(known.c.name))
    assert (await session.scalars(refused)).all() == []
