"""What a cell can hold: how it is read, whoever wrote it, and how it is written.

A kind reads what French and English spreadsheets make of a value; what it writes, it reads back as the same value.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from app.core import i18n
from app.core.spreadsheets.cells import Cell, CellFault, Kind, Place, text_of
from app.core.spreadsheets.words import plain

_SPACES = re.compile(r"[\s\u00a0\u202f]")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_EXACT = re.compile(r"[+-]?[0-9]{1,15}([.,][0-9]{1,15})?")
_FRENCH_DAY = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_HOUR = re.compile(r"([0-9]{1,2})[:h]([0-9]{2})?(?::([0-9]{2}))?", re.IGNORECASE)
_YES = frozenset({"oui", "o", "vrai", "yes", "y", "true", "x", "1"})
_NO = frozenset({"non", "n", "faux", "no", "false", "0"})


class Prose(Kind):
    """Text of several lines."""

    code, width = "prose", 50

    def read(self, cell: Cell, place: Place) -> Any:
        text = text_of(cell)
        return text.replace("\r\n", "\n").replace("\r", "\n") if text else text


@dataclass(frozen=True)
class Digits(Kind):
    """A number that is a name (SIRET, postal code): spreadsheets drop its first zeros, which come back here."""

    length: int
    code: ClassVar[str] = "digits"
    width: ClassVar[int] = 18

    def read(self, cell: Cell, place: Place) -> Any:
        text = _SPACES.sub("", super().read(cell, place))
        return text.zfill(self.length) if text.isdecimal() and text.isascii() else text

    def told(self, language: i18n.Language) -> str:
        return i18n.text(language, "cell.digits", length=self.length)


class Identifier(Kind):
    """The identifier the platform gave."""

    code, width = "identifier", 38

    def read(self, cell: Cell, place: Place) -> Any:
        try:
            return UUID(text_of(cell) or "")
        except ValueError as error:
            raise CellFault("uuid_parsing") from error


class Whole(Kind):
    """A whole number."""

    code, width = "whole", 12

    def read(self, cell: Cell, place: Place) -> Any:
        text = _SPACES.sub("", text_of(cell) or "")
        if isinstance(cell, bool) or not _WHOLE.fullmatch(text):
            raise CellFault("int_parsing")
        return int(text)

    def write(self, value: Any, place: Place) -> Cell:
        return int(value)


class Exact(Kind):
    """A number with decimals, kept exactly: an amount, a share."""

    code, width = "exact", 14

    def read(self, cell: Cell, place: Place) -> Any:
        text = _SPACES.sub("", text_of(cell) or "")
        if isinstance(cell, bool) or not _EXACT.fullmatch(text):
            raise CellFault("decimal_parsing")
        return Decimal(text.replace(",", "."))

    def write(self, value: Any, place: Place) -> Cell:
        return Decimal(value)


class Day(Kind):
    """A calendar day."""

    code, width = "day", 12

    def read(self, cell: Cell, place: Place) -> Any:
        if isinstance(cell, datetime):
            if cell.time() != time():
                raise CellFault("date_from_datetime_inexact")
            return cell.date()
        return cell if isinstance(cell, date) else _day(text_of(cell) or "")

    def write(self, value: Any, place: Place) -> Cell:
        day: date = value
        return day


class Instant(Kind):
    """An instant, in the time of its territory, to the second."""

    code, width = "instant", 18

    def read(self, cell: Cell, place: Place) -> Any:
        if isinstance(cell, datetime):
            nearest = cell + timedelta(milliseconds=500)
            read = nearest.replace(microsecond=0)
        elif isinstance(cell, date):
            raise CellFault("datetime_type")
        else:
            read = _instant(text_of(cell) or "")
        return (read if read.tzinfo else read.replace(tzinfo=place.zone)).astimezone(UTC)

    def write(self, value: Any, place: Place) -> Cell:
        instant: datetime = value
        return instant.astimezone(place.zone).replace(tzinfo=None, microsecond=0)


class YesNo(Kind):
    """Yes or no."""

    code, width = "yes_no", 10

    def read(self, cell: Cell, place: Place) -> Any:
        if isinstance(cell, bool):
            return cell
        said = plain(text_of(cell) or "")
        if said not in _YES | _NO:
            raise CellFault("yes_no")
        return said in _YES

    def write(self, value: Any, place: Place) -> Cell:
        return i18n.text(place.language, "cell.yes" if value else "cell.no")

    def labels(self, language: i18n.Language) -> Sequence[str]:
        return [i18n.text(language, "cell.yes"), i18n.text(language, "cell.no")]


class Choice(Kind):
    """One of the values of an enumeration, by its label `label.<what>.<value>` in either language, or by itself."""

    code, width = "choice", 22

    def __init__(self, what: str, values: type[StrEnum]) -> None:
        self.what, self.values = what, values
        self._read = {plain(label): value for value in values for label in (value, *self._told(value))}

    def read(self, cell: Cell, place: Place) -> Any:
        value = self._read.get(plain(text_of(cell) or ""))
        if value is None:
            raise CellFault("enum", expected=", ".join(self.labels(place.language)))
        return value

    def write(self, value: Any, place: Place) -> Cell:
        return self._label(place.language, value)

    def told(self, language: i18n.Language) -> str:
        return i18n.text(language, "cell.choice", expected=", ".join(self.labels(language)))

    def labels(self, language: i18n.Language) -> Sequence[str]:
        return [self._label(language, value) for value in self.values]

    def _told(self, value: str) -> list[str]:
        return [self._label(language, value) for language in i18n.LANGUAGES]

    def _label(self, language: i18n.Language, value: str) -> str:
        return i18n.text(language, f"label.{self.what}.{value}")


class Reference(Kind):
    """Another row, by one of its names; `lookup` finds it."""

    code, width = "reference", 36

    def __init__(self, lookup: str) -> None:
        self.lookup = lookup

    def read(self, cell: Cell, place: Place) -> Any:
        asked = place.found.get(self.lookup, {}).get(text_of(cell) or "", ())
        here = {row.id for row in asked if place.territory_id in (None, row.territory_id) or row.territory_id is None}
        if len(here) != 1:
            raise CellFault("ambiguous_reference" if here else "unknown_reference")
        return here.pop()

    def write(self, value: Any, place: Place) -> Cell:
        return place.names.get(self.lookup, {}).get(value, str(value))

    def told(self, language: i18n.Language) -> str:
        return i18n.text(language, f"cell.reference-{self.lookup}")

    def named(self, cell: Cell) -> Iterable[tuple[str, str]]:
        name = text_of(cell)
        return [(self.lookup, name)] if name else []

    def ids(self, value: Any) -> Iterable[tuple[str, UUID]]:
        return [(self.lookup, value)]


class Pair(Kind):
    """Two words joined by a colon, as a mapping: the name another system gives, `source:name`."""

    code = "pair"

    def __init__(self, first: str, second: str) -> None:
        self.first, self.second = first, second

    def read(self, cell: Cell, place: Place) -> Any:
        one, colon, other = (text_of(cell) or "").partition(":")
        if not colon:
            raise CellFault("pair")
        return {self.first: one.strip(), self.second: other.strip()}

    def write(self, value: Any, place: Place) -> Cell:
        return f"{value[self.first]}:{value[self.second]}"


class Many(Kind):
    """Several in one cell, between semicolons, or each on a line of its own; their order does not matter."""

    code, width = "many", 36

    def __init__(self, of: Kind) -> None:
        self.of = of

    def read(self, cell: Cell, place: Place) -> Any:
        return [self.of.read(item, place) for item in _items(cell)]

    def write(self, value: Any, place: Place) -> Cell:
        items = [str(self.of.write(item, place)) for item in value]
        if any(";" in item for item in items):
            return "\n".join(items) + "\n"
        return "; ".join(items) or None

    def is_same(self, one: Collection[Any], other: Collection[Any]) -> bool:
        return sorted(map(_form, one)) == sorted(map(_form, other))

    def told(self, language: i18n.Language) -> str:
        return f"{self.of.told(language)} {i18n.text(language, 'cell.many')}"

    def named(self, cell: Cell) -> Iterable[tuple[str, str]]:
        return [name for item in _items(cell) for name in self.of.named(item)]

    def ids(self, value: Any) -> Iterable[tuple[str, UUID]]:
        return [id_ for item in value for id_ in self.of.ids(item)]


def _form(item: Any) -> str:
    """The same text for the same value."""
    return repr(sorted(item.items()) if isinstance(item, Mapping) else item)


def _items(cell: Cell) -> list[str]:
    whole = cell if isinstance(cell, str) else text_of(cell) or ""
    return [item.strip() for item in whole.split("\n" if "\n" in whole else ";") if item.strip()]


def _day(text: str) -> date:
    """A day as people write it: 12/06/2027, or 2027-06-12. Raises `CellFault`."""
    french = _FRENCH_DAY.fullmatch(text)
    try:
        return date(*map(int, reversed(french.groups()))) if french else date.fromisoformat(text)
    except ValueError as error:
        raise CellFault("date_parsing") from error


def _instant(text: str) -> datetime:
    """A day and an hour: 12/06/2027 18:30, 12/06/2027 18h30, or as RFC 3339. Raises `CellFault`."""
    day, _, hour = text.partition(" ")
    told = _HOUR.fullmatch(hour)
    try:
        if told is None:
            return datetime.fromisoformat(text)
        hours, minutes, seconds = (int(part or 0) for part in told.groups())
        return datetime.combine(_day(day), time(hours, minutes, seconds))
    except ValueError as error:
        raise CellFault("datetime_parsing") from error
