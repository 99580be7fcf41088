"""What a resource declares to be a spreadsheet: its columns, and how rows are found and written.

A domain has one short `spreadsheet.py` that makes a `Sheet` for a caller; everything else is here.
"""

from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core import i18n
from app.core.db import R
from app.core.schemas import Body
from app.core.spreadsheets.cells import DEFAULT_ZONE, Kind, Named, Place
from app.core.spreadsheets.kinds import Identifier, Whole
from app.core.spreadsheets.words import plain

Record = Mapping[str, Any]
"""The values of one row, by the names of its columns."""
Key = Callable[[Record], Iterable[Hashable]]
"""The names a row goes by in one way, to be recognised by; none when it has no such name."""


TEXT = Kind()


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column. Its headings are `column.<name>` of `locales/`; `column-also.<name>` are others it is known by.

    `field`: what it is called in the bodies, where that differs. `get`: how it is had from a row. A column that is
    only shown is not read from a file.
    """

    name: str
    kind: Kind = TEXT
    field: str | None = None
    get: Callable[[R], Any] | None = None
    is_shown_only: bool = False

    @property
    def said(self) -> str:
        """What it is called in the bodies."""
        return self.field or self.name

    @property
    def is_field(self) -> bool:
        """Whether what it says is written."""
        return not self.is_shown_only

    def of(self, row: R) -> Any:
        """Its value in a row."""
        return self.get(row) if self.get else getattr(row, self.name)

    def heading(self, language: i18n.Language) -> str:
        """What stands above it."""
        return i18n.text(language, f"column.{self.name}")

    def known_as(self) -> set[str]:
        """All headings it is recognised by, as `plain` words."""
        told = [self.name, *(self.heading(language) for language in i18n.LANGUAGES)]
        also = f"column-also.{self.name}"
        if i18n.has(also):
            told += [name for language in i18n.LANGUAGES for name in i18n.text(language, also).split(";")]
        return {plain(name) for name in told}


@dataclass(frozen=True)
class Lookup:
    """How rows that others speak of are found by name, and what each is called; within the caller's sight.

    `named` gives the rows for the names asked (a name may stand for several), `names` the name of each identifier.
    """

    named: Callable[[AsyncSession, Collection[str]], Awaitable[Iterable[Named]]]
    names: Callable[[AsyncSession, Collection[UUID]], Awaitable[Mapping[UUID, str]]]


@dataclass(frozen=True)
class Change(Generic[R]):
    """What to write: the fields that change of a row that is there, or all fields of a new one."""

    row: R | None
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Notice:
    """Something to say of a file that refuses nothing: a message of `error.*`, and what fills it in."""

    code: str
    params: Mapping[str, object]


@dataclass(frozen=True)
class Writing(Generic[R]):
    """How the rows of a file become rows of the database.

    `keys`: the ways a row without an identifier is recognised, the surest first. `candidates`: the rows that could be
    meant by the records of a file. `write` is a verb of the service. `complete` fills in
    what follows from other cells of a row. `defaults` stand where a column is absent. `warn` says what to look at of
    the new rows (each with its number in the file), beside the records that are known.
    """

    create: type[Body]
    update: type[Body]
    editable: Select[R]
    keys: Sequence[Key]
    candidates: Callable[[Sequence[Record]], ColumnElement[bool]]
    write: Callable[[Sequence[Change[R]]], Awaitable[Sequence[R]]]
    complete: Callable[[dict[str, Any]], None] = lambda values: None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    warn: Callable[[Sequence[tuple[int, Record]], Sequence[Record]], Iterable[Notice]] = lambda new, known: ()


@dataclass(frozen=True)
class Sheet(Generic[R]):
    """A resource as one caller has it in a spreadsheet. `sheet.<name>` of `locales/` is its title.

    `rows`: those in sight, with all the columns read. `zones`: the time zone of each territory. `refused`: headings
    (as `plain` words) that no file may have, with the message of `error.*` that says why.
    """

    name: str
    model: type[R]
    columns: Sequence[Column[R]]
    rows: Select[R]
    order: Sequence[InstrumentedAttribute[Any]]
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    zones: Mapping[UUID, ZoneInfo] = field(default_factory=dict)
    writing: Writing[R] | None = None
    refused: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> dict[str, Column[R]]:
        """The columns by name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def by_heading(self) -> dict[str, Column[R]]:
        """The columns by every heading they are known by, as `plain` words."""
        return {heading: column for column in reversed(self.columns) for heading in column.known_as()}

    def column_of(self, said: str) -> str | None:
        """The column of a field of the bodies."""
        return next((column.name for column in self.columns if column.said == said), None)

    def record(self, row: R) -> Record:
        """The values of a row."""
        return {column.name: column.of(row) for column in self.columns}

    def place(self, language: i18n.Language, territory_id: UUID | None, **known: Any) -> Place:
        """Where the cells of a row of this territory stand."""
        zone = self.zones.get(territory_id, DEFAULT_ZONE) if territory_id else DEFAULT_ZONE
        return Place(language, zone, territory_id, **known)

    async def names(self, session: AsyncSession, records: Sequence[Record]) -> dict[str, Mapping[UUID, str]]:
        """What the rows that these records speak of are called, by lookup: one question each."""
        asked: dict[str, set[UUID]] = {}
        for column in self.columns:
            for record in records:
                if record[column.name] is not None:
                    for lookup, id_ in column.kind.ids(record[column.name]):
                        asked.setdefault(lookup, set()).add(id_)
        return {lookup: await self.lookups[lookup].names(session, ids) for lookup, ids in asked.items()}


ID: Column[Any] = Column("id", Identifier(), is_shown_only=True)
VERSION: Column[Any] = Column("version", Whole(), is_shown_only=True)
"""The first columns of every sheet: which row it is, and which of its versions was exported."""
READ_ALWAYS = (ID.name, VERSION.name)
REMARKS: Column[Any] = Column("remarks", is_shown_only=True)
"""What an import has to say of each row, in the file it gives back."""
