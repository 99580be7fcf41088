"""Files are read whatever made them; what would harm is refused before it does."""

import io
import struct
import zipfile

import pytest
import xlsxwriter

from app.core.errors import InvalidInput, PayloadTooLarge
from app.core.spreadsheets.reading import LARGEST_UNPACKED, read
from tests.spreadsheets import a_csv, an_xlsx

LINES = [["Nom", "Ville", "Note"], ["Élodie ; « œuvre »", "Créteil", "deux\nlignes"], ["", "", ""], ["€uro", "x", "y"]]


def knows(heading: str) -> bool:
    return heading.casefold() in {"nom", "ville", "note"}


async def refused(file: bytes, most_rows: int = 100) -> str:
    with pytest.raises(InvalidInput) as caught:
        await read(file, knows, most_rows)
    return caught.value.errors[0].code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
async def test_every_usual_csv_is_the_same_table(encoding: str, delimiter: str) -> None:
    table = await read(a_csv(LINES, encoding=encoding, delimiter=delimiter), knows, 100)
    assert table.headings == LINES[0]
    assert table.rows == [(2, LINES[1]), (4, LINES[3])]
    assert table.empty == 1


async def test_a_line_that_names_the_separator_is_passed_over() -> None:
    assert (await read(b"sep=,\r\nNom,Ville\r\nA;B,C", knows, 100)).rows[0][1] == ["A;B", "C"]


async def test_a_workbook_is_the_same_table() -> None:
    table = await read(an_xlsx(LINES), knows, 100)
    assert [row for row, _ in table.rows] == [2, 4]
    assert [cells for _, cells in table.rows] == [LINES[1], LINES[3]]


async def test_headings_may_stand_below_a_title() -> None:
    table = await read(a_csv([["Nos partenaires", ""], ["", ""], *LINES]), knows, 100)
    assert (table.headings, table.rows[0][0]) == (LINES[0], 4)


async def test_what_is_no_table_is_refused() -> None:
    assert await refused(b"bonjour") == "no_known_column"
    assert await refused(b"\x81\x8d") == "unreadable_file"
    assert await refused(b'Nom;Ville\r\n"A;B\r\n') == "csv_invalid"
    assert await refused(b"PK\x03\x04 broken") == "unreadable_file"
    assert await refused(b"\xd0\xcf\x11\xe0 broken") == "unreadable_file"
    assert await refused(a_csv([["Nom"], ["A\0B"]])) == "forbidden_character"
    assert await refused(a_csv([["Nom", *["x"] * 300], ["A"]])) == "too_many_columns"


async def test_a_file_of_more_rows_than_allowed_is_refused() -> None:
    lines = [["Nom"], *[["A"]] * 11]
    assert await refused(a_csv(lines), most_rows=10) == "too_many_rows"
    assert await refused(an_xlsx(lines), most_rows=10) == "too_many_rows"
    assert len((await read(an_xlsx(lines[:11]), knows, 10)).rows) == 10


async def test_a_workbook_that_says_it_unpacks_to_an_absurd_size_is_not_opened() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", "x")
    data = bytearray(file.getvalue())
    central = data.index(b"PK\x01\x02")
    data[central + 24 : central + 28] = struct.pack("<I", LARGEST_UNPACKED + 1)
    with pytest.raises(PayloadTooLarge):
        await read(bytes(data), knows, 100)


async def test_a_cell_in_the_last_corner_harms_no_one() -> None:
    """A parser makes room for every cell before it: half a terabyte."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Nom")
        sheet.write(1_048_575, 16_383, "x")
    assert await refused(file.getvalue()) == "unreadable_file"
