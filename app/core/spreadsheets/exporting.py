"""A list as a file: the same rows, in the same order, as far as the caller sees them.

The rows come through a cursor of the database and go to a temporary file before the first byte is sent: memory does
not grow with them, a failure is a problem and no broken file, and a slow reader holds no connection.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import IO, Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import StreamingResponse

from app.core import clock, i18n
from app.core.db import R
from app.core.errors import ErrorAt, InvalidInput
from app.core.pagination import PLACE, PageRequest, page
from app.core.spreadsheets.asking import MEDIA_TYPES, FileFormat, FileRequest
from app.core.spreadsheets.cells import Cell, Place
from app.core.spreadsheets.sheet import Record, Sheet
from app.core.spreadsheets.writing import MOST_ROWS, CsvWriter, Writer, XlsxWriter, explanations, temporary_file

CHUNK = 500
PIECE = 1 << 16


class FileAnswer(StreamingResponse):
    """A file that is ready, of which `rows` are told."""

    rows: int


async def page_or_file(
    session: AsyncSession, rows: Select[R], asked: PageRequest, wanted: FileRequest, sheet: Sheet[R]
) -> dict[str, Any] | FileAnswer:
    """A page of the list, or all of it as a file. Raises `InvalidInput` for a page of a file."""
    if not wanted.is_file:
        return await page(session, rows, asked, by=sheet.order)
    others = [name for name in PLACE if name in wanted.request.query_params]
    if others:
        raise InvalidInput(*(ErrorAt(f"?{name}", "contradicts", {"others": "format"}) for name in others))
    return await export(session, rows, wanted, sheet)


def rows_in(found: dict[str, Any] | FileAnswer) -> int:
    """How many rows such an answer tells of."""
    return found.rows if isinstance(found, FileAnswer) else len(found["items"])


async def export(session: AsyncSession, rows: Select[R], wanted: FileRequest, sheet: Sheet[R]) -> FileAnswer:
    """All the rows as a file. Raises `InvalidInput` for more than a workbook holds."""
    file = temporary_file()
    try:
        writer = _begin(file, wanted, sheet)
        count = 0
        async for chunk in _chunks(session, rows.order_by(*sheet.order)):
            cells = await cells_of(session, sheet, [sheet.record(row) for row in chunk], wanted.language)
            count += len(chunk)
            if count > MOST_ROWS and wanted.format is FileFormat.XLSX:
                raise InvalidInput(ErrorAt("?format", "too_many_rows", {"limit": MOST_ROWS}))
            await asyncio.to_thread(writer.add, cells)
            session.expunge_all()
        await asyncio.to_thread(writer.close)
    except BaseException:
        file.close()
        raise
    return _answer(file, count, wanted, sheet)


async def cells_of(
    session: AsyncSession, sheet: Sheet[R], records: Sequence[Record], language: i18n.Language
) -> list[list[Cell]]:
    """The cells of these rows."""
    names = await sheet.names(session, records)
    places: dict[UUID | None, Place] = {}
    cells = []
    for record in records:
        territory_id = record.get("territory")
        if territory_id not in places:
            places[territory_id] = sheet.place(language, territory_id, names=names)
        place = places[territory_id]
        cells.append([written(column.kind, record[column.name], place) for column in sheet.columns])
    return cells


def written(kind: Any, value: Any, place: Place) -> Cell:
    """The cell of a value, empty for none."""
    cell: Cell = None if value is None else kind.write(value, place)
    return cell


async def _chunks(session: AsyncSession, rows: Select[R]) -> AsyncIterator[Sequence[R]]:
    found = await session.stream_scalars(rows.execution_options(yield_per=CHUNK))
    async for chunk in found.partitions():
        yield chunk


def _begin(file: IO[bytes], wanted: FileRequest, sheet: Sheet[Any]) -> Writer:
    headings = [column.heading(wanted.language) for column in sheet.columns]
    if wanted.format is FileFormat.CSV:
        return CsvWriter(file, headings, wanted.language)
    writer = XlsxWriter(file, i18n.text(wanted.language, f"sheet.{sheet.name}"), headings, wanted.language)
    writer.columns(sheet.columns, wanted.language)
    writer.explain(i18n.text(wanted.language, "sheet.about"), explanations(sheet, wanted.language))
    return writer


def _answer(file: IO[bytes], count: int, wanted: FileRequest, sheet: Sheet[Any]) -> FileAnswer:
    size = file.seek(0, 2)
    file.seek(0)
    answer = FileAnswer(
        _pieces(file),
        media_type=MEDIA_TYPES[wanted.format],
        headers=file_headers(sheet, wanted, clock.now()) | {"Content-Length": str(size)},
    )
    answer.rows = count
    return answer


def file_headers(sheet: Sheet[Any], wanted: FileRequest, now: datetime) -> dict[str, str]:
    """How the file is called, and in which language it speaks."""
    name = f"{i18n.text(wanted.language, f'sheet.{sheet.name}-file')}-{now.date()}.{wanted.format}"
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Language": wanted.language,
        "Vary": "Accept, Accept-Language",
    }


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
