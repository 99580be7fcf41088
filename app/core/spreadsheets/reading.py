"""A file as it was sent, as a table of cells: whatever program wrote it, wherever its headings begin."""

import asyncio
import codecs
import csv
import io
import sys
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson

from app.core.errors import ErrorAt, InvalidInput, PayloadTooLarge
from app.core.json_input import FORBIDDEN
from app.core.spreadsheets.cells import Cell
from app.core.spreadsheets.words import restored

MOST_COLUMNS = 200
MOST_LINES = 100_000
"""Lines looked at, empty ones included."""
HEADINGS_WITHIN = 10
LARGEST_UNPACKED = 200 << 20
DELIMITERS = (";", ",", "\t", "|")
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
PROCESS = Path(__file__).with_name("workbook_process.py")
SECONDS = 30

Line = Sequence[Cell]


@dataclass(frozen=True)
class Table:
    """The headings of a file and the rows below that are not empty, each with its number in the file."""

    headings: list[str]
    rows: list[tuple[int, list[Cell]]]
    empty: int


async def read(file: bytes, knows: Callable[[str], bool], most_rows: int) -> Table:
    """The table in a file. `knows` tells which headings are known.

    Raises `InvalidInput` for a file that cannot be read, has no known heading or too many rows, `PayloadTooLarge` for
    one that would unpack to an absurd size.
    """
    if file.startswith((ZIP, OLE)):
        _refuse_bomb(file)
        lines = await _workbook(file, most_rows)
    else:
        lines = await asyncio.to_thread(_csv, file, knows)
    return _table(lines, knows, most_rows)


def _table(lines: Sequence[Line], knows: Callable[[str], bool], most_rows: int) -> Table:
    first = max(range(min(len(lines), HEADINGS_WITHIN)), key=lambda n: (_known(lines[n], knows), -n), default=0)
    if not lines or not _known(lines[first], knows):
        raise InvalidInput(ErrorAt("#", "no_known_column"))
    headings = [str(cell or "").strip() for cell in lines[first]]
    rows: list[tuple[int, list[Cell]]] = []
    for number, line in enumerate(lines[first + 1 :], first + 2):
        if any(cell is not None and str(cell).strip() for cell in line):
            rows.append((number, [restored(cell) if isinstance(cell, str) else cell for cell in line]))
    if any(isinstance(cell, str) and FORBIDDEN.search(cell) for _, cells in rows for cell in cells):
        raise InvalidInput(ErrorAt("#", "forbidden_character"))
    if len(rows) > most_rows:
        raise InvalidInput(ErrorAt("#", "too_many_rows", {"limit": most_rows}))
    last = rows[-1][0] if rows else first + 1
    return Table(headings, rows, last - first - 1 - len(rows))


def _known(line: Line, knows: Callable[[str], bool]) -> int:
    return sum(isinstance(cell, str) and knows(cell) for cell in line)


def _csv(file: bytes, knows: Callable[[str], bool]) -> list[Line]:
    """CSV of any usual making. Raises `InvalidInput` where quotes do not close."""
    text = _decoded(file)
    if text.lower().startswith("sep=") and "\n" in text[:20]:
        text = text.split("\n", 1)[1]
    delimiter = max(DELIMITERS, key=lambda mark: _headings_found(text, mark, knows))
    lines: list[Line] = []
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            lines.append([cell or None for cell in line])
            if len(lines) > MOST_LINES:
                raise InvalidInput(ErrorAt("#", "too_many_rows", {"limit": MOST_LINES}))
            if len(line) > MOST_COLUMNS:
                raise InvalidInput(ErrorAt("#", "too_many_columns", {"limit": MOST_COLUMNS}))
    except csv.Error as error:
        raise InvalidInput(ErrorAt("#", "csv_invalid", {"line": len(lines) + 1})) from error
    return lines


def _headings_found(text: str, delimiter: str, knows: Callable[[str], bool]) -> int:
    start = csv.reader(io.StringIO(text[:100_000], newline=""), delimiter=delimiter)
    found = 0
    try:
        for _, line in zip(range(HEADINGS_WITHIN), start, strict=False):
            found = max(found, _known(line, knows))
    except csv.Error:
        return 0
    return found


def _decoded(file: bytes) -> str:
    """The text of a CSV: as its mark says, else UTF-8, else what Windows writes in France."""
    is_utf16 = file.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ["utf-16"] if is_utf16 else ["utf-8-sig", "cp1252"]:
        try:
            return file.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput(ErrorAt("#", "unreadable_file"))


def _refuse_bomb(file: bytes) -> None:
    """Raises `PayloadTooLarge` for an archive that says it unpacks to an absurd size, before anything is unpacked."""
    if not file.startswith(ZIP):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise InvalidInput(ErrorAt("#", "unreadable_file")) from error
    if unpacked > LARGEST_UNPACKED:
        raise PayloadTooLarge(limit=LARGEST_UNPACKED)


async def _workbook(file: bytes, most_rows: int) -> list[Line]:
    """The first sheet of a workbook. Raises `InvalidInput` for one that is broken or that cannot be held."""
    most_lines = HEADINGS_WITHIN + 2 * most_rows
    words = [sys.executable, "-I", str(PROCESS), str(most_lines), str(MOST_COLUMNS)]
    process = await asyncio.create_subprocess_exec(
        *words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        told, _ = await asyncio.wait_for(process.communicate(file), SECONDS)
    except BaseException as error:
        process.kill()
        await process.wait()
        if isinstance(error, TimeoutError):
            raise InvalidInput(ErrorAt("#", "unreadable_file")) from error
        raise
    if process.returncode:
        raise InvalidInput(ErrorAt("#", "unreadable_file"))
    found: dict[str, Any] = orjson.loads(told)
    if "columns" in found:
        raise InvalidInput(ErrorAt("#", "too_many_columns", {"limit": MOST_COLUMNS}))
    return [[_cell(value) for value in line] for line in found["rows"]]


def _cell(value: Any) -> Cell:
    if isinstance(value, list):
        kind, text = value
        return datetime.fromisoformat(text) if kind == "instant" else date.fromisoformat(text)
    cell: Cell = value if value != "" else None
    return cell


def lines_of(rows: Iterable[tuple[int, list[Cell]]], width: int) -> dict[int, list[Cell]]:
    """The rows by their number, each as wide as its headings."""
    return {number: [*cells, *[None] * (width - len(cells))][:width] for number, cells in rows}
