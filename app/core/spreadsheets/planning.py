"""From a table to what its rows say and which rows of the database they could mean; nothing is written here."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic
from uuid import UUID

from sqlalchemy import or_
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.bulk import among
from app.core.db import R
from app.core.errors import ErrorAt, InvalidInput
from app.core.spreadsheets.cells import Cell, CellFault, Named, Place, text_of
from app.core.spreadsheets.reading import Table
from app.core.spreadsheets.sheet import READ_ALWAYS, REMARKS, Column, Sheet, Writing
from app.core.spreadsheets.words import plain


class ImportAction(StrEnum):
    """What becomes of a row of the file."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    REJECT = "reject"


@dataclass(frozen=True)
class Fault:
    """What is wrong: in which column, if in one, and which message of `error.*` tells it."""

    column: str | None
    code: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass
class Planned(Generic[R]):
    """One row of the file, and what is to become of it.

    `values`: what its cells say, by column. `row`: the row of the database meant, or made; `id`: its identifier.
    `changed`: column, cell before, cell after. `fields`: what is written.
    """

    number: int
    cells: list[Cell]
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    row: R | None = None
    id: UUID | None = None
    action: ImportAction = ImportAction.REJECT
    changed: list[tuple[str, Cell, Cell]] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def is_to_write(self) -> bool:
        """Whether it adds or changes a row."""
        return self.action in (ImportAction.CREATE, ImportAction.UPDATE)

    def refuse(self, fault: Fault, action: ImportAction = ImportAction.REJECT) -> None:
        """Say what is wrong with it."""
        self.faults.append(fault)
        self.action = action


@dataclass
class Plan(Generic[R]):
    """What is to be done with a file: its columns in their order (None: unknown), and its rows."""

    sheet: Sheet[R]
    writing: Writing[R]
    columns: list[Column[R] | None]
    rows: list[Planned[R]]
    notices: list[Fault]

    @cached_property
    def at(self) -> dict[str, int]:
        """Where each column stands in the file."""
        return {column.name: position for position, column in enumerate(self.columns) if column}

    @cached_property
    def fields(self) -> list[Column[R]]:
        """The columns of the file whose cells can change a row."""
        return [column for column in self.columns if column and column.is_field and column.name != "territory"]


def knows(sheet: Sheet[Any], heading: str) -> bool:
    """Whether a column of the sheet goes by this heading."""
    return plain(heading) in sheet.by_heading


def begin(sheet: Sheet[R], writing: Writing[R], table: Table) -> Plan[R]:
    """The plan before any cell is read. Raises `InvalidInput` for a column that stands there twice, or may not."""
    refused = [
        ErrorAt("#", sheet.refused[plain(heading)], {"column": place})
        for place, heading in enumerate(table.headings, 1)
        if plain(heading) in sheet.refused
    ]
    if refused:
        raise InvalidInput(*refused)
    by_heading = sheet.by_heading | dict.fromkeys(REMARKS.known_as(), REMARKS)
    columns = [by_heading.get(plain(heading)) for heading in table.headings]
    known = [column.name for column in columns if column]
    repeated = sorted({name for name in known if known.count(name) > 1})
    if repeated:
        raise InvalidInput(*(ErrorAt("#", "repeated_column", {"column": name}) for name in repeated))
    unknown = [heading for heading, column in zip(table.headings, columns, strict=True) if heading and not column]
    notices = [Fault(heading[:100], "unknown_column") for heading in unknown]
    if table.empty:
        notices.append(Fault(None, "empty_rows", {"count": table.empty}))
    width = len(columns)
    rows = [Planned[R](number, [*cells, *[None] * (width - len(cells))][:width]) for number, cells in table.rows]
    return Plan(sheet, writing, columns, rows, notices)


async def read_cells(session: AsyncSession, plan: Plan[R], base: Place) -> Place:
    """Read every cell; the place afterwards knows the rows they name. One question for each kind of row named."""
    place = replace(base, found=await _found(session, plan))
    await asyncio.to_thread(_read_all, plan, place)
    return place


async def existing(session: AsyncSession, plan: Plan[R]) -> Sequence[R]:
    """The rows within sight that the rows of the file could mean."""
    sheet = plan.sheet
    ids = [planned.values["id"] for planned in plan.rows if planned.values.get("id")]
    could_be = or_(among(sheet.model.id, ids), plan.writing.candidates([planned.values for planned in plan.rows]))
    return (await session.scalars(sheet.rows.where(could_be))).unique().all()


async def _found(session: AsyncSession, plan: Plan[Any]) -> dict[str, dict[str, list[Named]]]:
    """The rows the cells name, by lookup and name."""
    asked: dict[str, set[str]] = {}
    for planned in plan.rows:
        for column, cell in zip(plan.columns, planned.cells, strict=True):
            if column and cell is not None:
                for lookup, name in column.kind.named(cell):
                    asked.setdefault(lookup, set()).add(name)
    found: dict[str, dict[str, list[Named]]] = {}
    for lookup, wanted in asked.items():
        for row in await plan.sheet.lookups[lookup].named(session, wanted):
            found.setdefault(lookup, {}).setdefault(row.name, []).append(row)
    return found


def _read_all(plan: Plan[Any], place: Place) -> None:
    """The territory first: what other cells name is looked for there, and their hours are its own."""
    territory = [column for column in plan.columns if column and column.name == "territory"]
    others = [column for column in plan.columns if column and (column.name in READ_ALWAYS or column in plan.fields)]
    home = plan.writing.defaults.get("territory")
    for planned in plan.rows:
        _read(planned, territory, plan, place)
        if home and not planned.faults:
            planned.values.setdefault("territory", home)
        there = plan.sheet.place(place.language, planned.values.get("territory"), found=place.found)
        _read(planned, others, plan, there)
        plan.writing.complete(planned.values)


def _read(planned: Planned[Any], columns: Iterable[Column[Any]], plan: Plan[Any], place: Place) -> None:
    for column in columns:
        cell = planned.cells[plan.at[column.name]]
        try:
            if text_of(cell) is not None:
                planned.values[column.name] = column.kind.read(cell, place)
            elif column in plan.fields:
                planned.values[column.name] = _emptied(plan.writing, column)
        except CellFault as fault:
            planned.faults.append(Fault(column.name, fault.code, fault.params))


def _emptied(writing: Writing[Any], column: Column[Any]) -> Any:
    """What an empty cell means: the field's value when nothing is said. Raises `CellFault` where there is none."""
    told = writing.create.model_fields[column.said]
    if told.is_required():
        raise CellFault("missing")
    return told.get_default(call_default_factory=True)
