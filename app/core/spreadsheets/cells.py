"""Cells, where they stand, and what every kind of column can do with them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from app.core import i18n

Cell = str | int | float | Decimal | bool | date | datetime | None
DEFAULT_ZONE = ZoneInfo("Europe/Paris")
EXACT_DIGITS = 15
"""What a spreadsheet keeps of a number."""

_ROUNDED = re.compile(r"[0-9]([.,][0-9]+)?E\+[0-9]+", re.IGNORECASE)


class CellFault(Exception):
    """A cell that cannot be read: `code` and `params` of a message of `locales/`."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


class Named(NamedTuple):
    """A row that goes by this name, in its territory; `id` is what others speak of it by."""

    name: str
    id: Any
    territory_id: UUID | None


@dataclass(frozen=True)
class Place:
    """Where a cell stands: the language and time zone it is written in, and the rows it may name.

    `found`: the rows by lookup and name; `names`: how each row is written, by lookup and identifier.
    """

    language: i18n.Language = "fr"
    zone: ZoneInfo = DEFAULT_ZONE
    territory_id: UUID | None = None
    found: Mapping[str, Mapping[str, Sequence[Named]]] = field(default_factory=dict)
    names: Mapping[str, Mapping[UUID, str]] = field(default_factory=dict)


def text_of(cell: Cell) -> str | None:
    """What a cell says as text, whatever a spreadsheet made of it; None for an empty one."""
    if cell is None or isinstance(cell, str):
        return (cell or "").strip() or None
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 10**EXACT_DIGITS else f"{cell:.{EXACT_DIGITS}g}"
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


class Kind:
    """Text, and what all kinds have. `code` names what `cell.<code>` of `locales/` says of the form expected."""

    code: ClassVar[str] = "text"
    width: ClassVar[int] = 24

    def read(self, cell: Cell, place: Place) -> Any:
        """The value of a cell that is not empty. Raises `CellFault`."""
        text = text_of(cell)
        if isinstance(cell, str) and _ROUNDED.fullmatch(text or ""):
            raise CellFault("rounded_number")
        return text

    def write(self, value: Any, place: Place) -> Cell:
        """The cell of a value that is not null."""
        return str(value)

    def is_same(self, one: Any, other: Any) -> bool:
        """Whether two values say the same."""
        return bool(one == other)

    def told(self, language: i18n.Language) -> str:
        """The form expected, in a sentence."""
        return i18n.text(language, f"cell.{self.code}")

    def labels(self, language: i18n.Language) -> Sequence[str]:
        """All a cell may say, where that is a closed list."""
        return ()

    def named(self, cell: Cell) -> Iterable[tuple[str, str]]:
        """The rows a cell names, as (lookup, name)."""
        return ()

    def ids(self, value: Any) -> Iterable[tuple[str, UUID]]:
        """The rows a value stands for, as (lookup, identifier)."""
        return ()
