"""Reads a workbook from standard input in a process of its own, and says its first sheet as JSON.

A small file can ask for more memory than there is (one cell in the last column of the last row does), and a parser of
binary files can fail in ways no exception tells. Here either ends this process and nothing else.
"""

import io
import json
import resource
import sys
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineWorkbook

MEMORY = 1 << 30
SECONDS = 20


def tagged(value: object) -> object:
    """What JSON has no word for, as [word, text]."""
    if isinstance(value, datetime):
        return ["instant", value.isoformat()]
    if isinstance(value, date):
        return ["day", value.isoformat()]
    if isinstance(value, time | timedelta):
        return str(value)
    raise TypeError


def read(most_rows: int, most_columns: int) -> None:
    """Write the rows of the first sheet, or how large it is when it is too large."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read())).get_sheet_by_index(0)
    if sheet.total_width > most_columns:
        told: object = {"columns": sheet.total_width}
    else:
        told = {"rows": sheet.to_python(skip_empty_area=False, nrows=most_rows)}
    json.dump(told, sys.stdout, default=tagged)


if __name__ == "__main__":
    read(int(sys.argv[1]), int(sys.argv[2]))
