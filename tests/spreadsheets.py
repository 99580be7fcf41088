"""Files as people make them, and as they read them back."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from httpx import AsyncClient, Response
from python_calamine import CalamineWorkbook

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Lines = list[list[Any]]


def lines_of(answer: Response) -> Lines:
    """The rows of an exported file, headings first."""
    assert answer.status_code == 200, answer.text
    if answer.headers["content-type"].startswith(CSV):
        text = answer.content.decode("utf-8-sig")
        return [list(line) for line in csv.reader(io.StringIO(text, newline=""), delimiter=";")]
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    return workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)


def a_csv(lines: Sequence[Sequence[Any]], *, encoding: str = "utf-8-sig", delimiter: str = ";") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(lines)
    return text.getvalue().encode(encoding)


def an_xlsx(lines: Sequence[Sequence[Any]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(lines):
            for place, cell in enumerate(line):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell)
                elif cell is not None:
                    sheet.write(number, place, cell)
    return file.getvalue()


async def take_in(client: AsyncClient, path: str, file: bytes, media_type: str = CSV, **query: str) -> Response:
    headers = {"Content-Type": media_type, "Accept": "application/json"}
    return await client.post(path, content=file, params=query, headers=headers)


async def apply(client: AsyncClient, path: str, file: bytes, media_type: str = CSV, **query: str) -> Response:
    """Preview, then apply what was previewed."""
    previewed = await take_in(client, path, file, media_type)
    assert previewed.status_code == 200, previewed.text
    return await take_in(client, path, file, media_type, mode="apply", digest=previewed.json()["digest"], **query)


def column(lines: Lines, heading: str) -> int:
    return lines[0].index(heading)
