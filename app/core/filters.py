"""Conditions that filters of several domains share."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.orm import InstrumentedAttribute

MOST_WORDS = 10


def holds_on(
    day: date, valid_from: InstrumentedAttribute[date | None], valid_until: InstrumentedAttribute[date | None]
) -> ColumnElement[bool]:
    """Rows that hold on this day: begun, and not yet ended."""
    begun = or_(valid_from.is_(None), valid_from <= day)
    return and_(begun, or_(valid_until.is_(None), valid_until > day))


def has_words(column: InstrumentedAttribute[Any], q: str) -> ColumnElement[bool]:
    """Rows whose `column`, kept as searchable() text, has each word of `q`, whatever its case and accents."""
    return and_(*(column.like(_anywhere(word)) for word in q.split()[:MOST_WORDS]))


def matches_words(column: InstrumentedAttribute[Any], q: str) -> ColumnElement[bool]:
    """Rows whose `column`, a French text search vector of searchable() text, answers `q`."""
    return column.op("@@")(func.websearch_to_tsquery("french", func.searchable(q)))


def _anywhere(word: str) -> ColumnElement[str]:
    literal = func.regexp_replace(func.searchable(word), r"([\\%_])", r"\\\1", "g")
    return func.concat("%", literal, "%")
