"""Files for a spreadsheet, written row by row: memory does not grow with them."""

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Protocol

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.core import i18n
from app.core.spreadsheets.cells import Cell
from app.core.spreadsheets.kinds import Digits
from app.core.spreadsheets.sheet import Column, Sheet
from app.core.spreadsheets.words import harmless, starts_formula

KEPT_IN_MEMORY = 1 << 20
MOST_ROWS = 1_048_575
"""Rows an XLSX sheet has below its headings."""
LONGEST_CHOICE = 255
FIRST_DAY = date(1900, 3, 1)
"""Before it, spreadsheets disagree on what day a number is."""


class Writer(Protocol):
    """One file being written."""

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """More rows."""

    def close(self) -> None:
        """The end: the file is whole."""


def temporary_file() -> IO[bytes]:
    """Where a file is written before it is sent: in memory while it is small."""
    return SpooledTemporaryFile(KEPT_IN_MEMORY)


class CsvWriter:
    """CSV as the Excel of the language opens it: in French, semicolons and decimal commas; UTF-8 with its mark."""

    def __init__(self, file: IO[bytes], headings: Sequence[str], language: i18n.Language) -> None:
        self._file, self._is_french = file, language == "fr"
        self._delimiter = ";" if self._is_french else ","
        file.write(codecs.BOM_UTF8)
        self.add([headings])

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self._delimiter).writerows([self._text(cell) for cell in row] for row in rows)
        self._file.write(text.getvalue().encode())

    def close(self) -> None:
        pass

    def _text(self, cell: Cell) -> str:
        if isinstance(cell, str):
            return harmless(cell)
        if isinstance(cell, Decimal):
            return f"{cell:f}".replace(".", ",") if self._is_french else f"{cell:f}"
        return "" if cell is None else str(cell)


@dataclass(frozen=True)
class _Formats:
    heading: Format
    text: Format
    kept_as_text: Format
    day: Format
    instant: Format
    exact: Format


class XlsxWriter:
    """XLSX: a sheet of data whose headings stay in view, with real days and numbers; then a sheet that explains it."""

    def __init__(self, file: IO[bytes], title: str, headings: Sequence[str], language: i18n.Language) -> None:
        self._book = xlsxwriter.Workbook(file, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
        self._formats = self._make_formats(language)
        self._sheet = self._book.add_worksheet(title)
        self._row, self._width = 0, len(headings)
        self._sheet.freeze_panes(1, 0)
        for place, heading in enumerate(headings):
            self._write(place, heading, self._formats.heading)
        self._row = 1

    def columns(self, columns: Sequence[Column[Any]], language: i18n.Language) -> None:
        """Give each column its width and, where it holds a choice, the list to choose from."""
        for place, column in enumerate(columns):
            as_text = self._formats.kept_as_text if isinstance(column.kind, Digits) else self._formats.text
            self._sheet.set_column(place, place, column.kind.width, as_text)
            labels = column.kind.labels(language)
            if labels and len(",".join(labels)) <= LONGEST_CHOICE:
                choice = {"validate": "list", "source": labels, "error_type": "warning"}
                self._sheet.data_validation(1, place, MOST_ROWS, place, choice)

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        for row in rows:
            for place, cell in enumerate(row):
                if cell is not None:
                    self._write(place, cell)
            self._row += 1

    def explain(self, title: str, rows: Sequence[Sequence[str]]) -> None:
        """A second sheet, its first row in bold."""
        sheet: Worksheet = self._book.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 2, 24, self._formats.text)
        sheet.set_column(3, 3, 90, self._formats.text)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, cell, None if number else self._formats.heading)

    def close(self) -> None:
        self._sheet.autofilter(0, 0, max(self._row - 1, 1), max(self._width - 1, 0))
        self._book.close()

    def _write(self, place: int, cell: Cell, style: Format | None = None) -> None:
        sheet, row, formats = self._sheet, self._row, self._formats
        if isinstance(cell, str):
            is_risky = starts_formula(cell)
            text = harmless(cell) if cell.startswith("'") else cell
            sheet.write_string(row, place, text, formats.kept_as_text if is_risky else style)
        elif isinstance(cell, datetime):
            self._write_date(place, cell, cell.date(), formats.instant)
        elif isinstance(cell, date):
            self._write_date(place, cell, cell, formats.day)
        elif isinstance(cell, bool):
            sheet.write_boolean(row, place, cell)
        elif cell is not None:
            sheet.write_number(row, place, float(cell), formats.exact if isinstance(cell, Decimal) else None)

    def _write_date(self, place: int, cell: date | datetime, day: date, style: Format) -> None:
        if day < FIRST_DAY:
            self._sheet.write_string(self._row, place, str(cell))
        else:
            self._sheet.write_datetime(self._row, place, cell, style)

    def _make_formats(self, language: i18n.Language) -> _Formats:
        day = "dd/mm/yyyy" if language == "fr" else "yyyy-mm-dd"
        add = self._book.add_format
        return _Formats(
            heading=add({"bold": True, "bottom": 1, "bg_color": "#E8EEF4", "text_wrap": True, "valign": "top"}),
            text=add({"valign": "top"}),
            kept_as_text=add({"num_format": "@", "quote_prefix": True, "valign": "top"}),
            day=add({"num_format": day, "valign": "top"}),
            instant=add({"num_format": f"{day} hh:mm", "valign": "top"}),
            exact=add({"num_format": "#,##0.00", "valign": "top"}),
        )


def explanations(sheet: Sheet[Any], language: i18n.Language) -> list[list[str]]:
    """What each column is: its heading, its name in the API, whether it must be filled in, and what it may hold."""
    required = sheet.writing.create.model_fields if sheet.writing else {}
    rows = [[i18n.text(language, f"sheet.about-{part}") for part in ("heading", "name", "needed", "content")]]
    for column in sheet.columns:
        told = required.get(column.field or column.name)
        needed = "yes" if told is not None and told.is_required() else "no"
        if column.is_shown_only or sheet.writing is None:
            needed = "shown-only"
        note = f"column-about.{column.name}"
        said = [column.kind.told(language), *([i18n.text(language, note)] if i18n.has(note) else [])]
        rows.append(
            [
                column.heading(language),
                column.name,
                i18n.text(language, f"sheet.needed-{needed}"),
                " ".join(said).strip(),
            ]
        )
    return rows
