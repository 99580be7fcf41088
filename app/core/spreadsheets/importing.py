"""A file taken in: the preview writes as apply would, to find what the database refuses, and takes it all back."""

import hashlib
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import func, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.core import clock
from app.core.bulk import among, ids_within
from app.core.database_errors import problem_of
from app.core.db import R
from app.core.errors import ErrorAt, ImportRefused, PreviewOutdated, Problem
from app.core.spreadsheets import planning, reading
from app.core.spreadsheets.asking import XLSX, FileFormat, ImportMode, ImportRequest, OnError
from app.core.spreadsheets.cells import Place, text_of
from app.core.spreadsheets.deciding import Decider
from app.core.spreadsheets.exporting import file_headers
from app.core.spreadsheets.planning import Fault, ImportAction, Plan, Planned
from app.core.spreadsheets.report import ImportReport, annotated, report
from app.core.spreadsheets.sheet import Change, Sheet, Writing

MOST_REFUSED = 50
"""Rows the database may refuse before the others are left unexamined: each costs a few attempts."""
DIGITS = 16


async def run(session: AsyncSession, sheet: Sheet[R], asked: ImportRequest) -> ImportReport | Response:
    """Take the file in, or say what that would do; as JSON, or as the file with remarks.

    Raises `InvalidInput` for a file that cannot be read, `PreviewOutdated` when it is not what was previewed,
    `ImportRefused` when rows have errors and none may be skipped. Two imports of a resource wait for each other.
    """
    assert sheet.writing is not None
    language = asked.answer.language
    table = await reading.read(asked.file, lambda heading: planning.knows(sheet, heading), asked.most_rows)
    if asked.mode is ImportMode.APPLY:
        await session.execute(select(func.pg_advisory_xact_lock(_lock_number(sheet))))
    plan = await _plan(session, sheet, sheet.writing, table, Place(language))
    attempt = await session.begin_nested()
    await _accept(session, plan, [planned for planned in plan.rows if planned.is_to_write], [MOST_REFUSED])
    digest = _digest(asked.file, plan)
    if asked.mode is ImportMode.PREVIEW:
        await attempt.rollback()
    else:
        _require_same(plan, digest, asked)
        await attempt.commit()
        for planned in plan.rows:
            planned.id = planned.row.id if planned.row is not None else None
    if asked.answer.format is FileFormat.XLSX:
        headers = file_headers(sheet, asked.answer, clock.now())
        return Response(annotated(plan, table.headings, language), media_type=XLSX, headers=headers)
    return report(plan, asked.mode, digest, language)


def rows_in(told: ImportReport | Response) -> int:
    """How many rows of the database the answer tells something of; a file given back tells only what was sent."""
    return sum(row.id is not None for row in told.rows) if isinstance(told, ImportReport) else 0


async def _plan(
    session: AsyncSession, sheet: Sheet[R], writing: Writing[R], table: reading.Table, base: Place
) -> Plan[R]:
    """What is to be done with each row, in a number of questions that does not grow with them."""
    plan = planning.begin(sheet, writing, table)
    place = await planning.read_cells(session, plan, base)
    existing = await planning.existing(session, plan)
    records = [sheet.record(row) for row in existing]
    names = await sheet.names(session, records)
    Decider(plan, existing, records, Place(base.language, found=place.found, names=names)).decide_all()
    new = [(planned.number, planned.values) for planned in plan.rows if planned.action is ImportAction.CREATE]
    plan.notices += [Fault(None, notice.code, notice.params) for notice in writing.warn(new, records)]
    changed = [planned for planned in plan.rows if planned.action is ImportAction.UPDATE]
    mine = await ids_within(session, [planned.row for planned in changed if planned.row], within=writing.editable)
    for planned in changed:
        if planned.row and planned.row.id not in mine:
            planned.refuse(Fault(None, "not_editable"))
    return plan


async def _accept(session: AsyncSession, plan: Plan[R], rows: Sequence[Planned[R]], left: list[int]) -> None:
    """Write the rows at once; where that is refused, halve them until each row that is refused stands alone."""
    if not rows or left[0] <= 0:
        for planned in rows:
            planned.refuse(Fault(None, "not_examined", {"limit": MOST_REFUSED}))
        return
    try:
        async with session.begin_nested():
            await _reload(session, plan, rows)
            with session.no_autoflush:  # a question in between would write the changed rows one by one
                made = await plan.writing.write([Change(planned.row, planned.fields) for planned in rows])
    except Exception as error:
        problem = error if isinstance(error, Problem) else problem_of(error)
        if problem is None or problem.status >= 500:
            raise
        _forget(session, rows)
        if len(rows) == 1:
            await _reload(session, plan, rows)
            left[0] -= 1
            _refuse(plan, rows[0], problem)
            return
        await _accept(session, plan, rows[: len(rows) // 2], left)
        await _accept(session, plan, rows[len(rows) // 2 :], left)
    else:
        for planned, row in zip(rows, made, strict=True):
            planned.row = row


def _forget(session: AsyncSession, rows: Sequence[Planned[Any]]) -> None:
    """What an attempt that failed left in memory."""
    for planned in rows:
        if planned.row is not None:
            session.expire(planned.row)


async def _reload(session: AsyncSession, plan: Plan[R], rows: Sequence[Planned[R]]) -> None:
    """Read again the rows that a failed attempt had changed."""
    stale = {id_: row for row in (planned.row for planned in rows) if row is not None and (id_ := _stale_id(row))}
    if stale:
        again = plan.sheet.rows.where(among(plan.sheet.model.id, list(stale))).execution_options(populate_existing=True)
        (await session.scalars(again)).unique().all()


def _stale_id(row: Any) -> Any:
    state = inspect(row)
    return state.identity[0] if state.expired and state.identity else None


def _refuse(plan: Plan[Any], planned: Planned[Any], problem: Problem) -> None:
    """Tell what the service or the database has against the row, in the column where it lies."""
    for at in problem.errors or (ErrorAt("#", str(problem.params.get("reason") or problem.slug)),):
        step = at.pointer.removeprefix("#/").split("/")[0]
        planned.refuse(Fault(plan.sheet.column_of(step), at.code, at.params))


def _require_same(plan: Plan[Any], digest: str, asked: ImportRequest) -> None:
    """Raises `PreviewOutdated`, or `ImportRefused` when a row has an error and none may be skipped.

    Where nothing is left to do but what was refused before, it was applied before: that is no reason to refuse.
    """
    file, _, state = digest.partition(".")
    seen_file, _, seen_state = (asked.digest or "").partition(".")
    if file != seen_file:
        raise PreviewOutdated(reason="other_file")
    left = {planned.action for planned in plan.rows} - {ImportAction.UNCHANGED, ImportAction.REJECT}
    if state != seen_state and left:
        raise PreviewOutdated(reason="rows_changed")
    faults = [
        ErrorAt(f"#/rows/{planned.number}/{fault.column or ''}", fault.code, fault.params)
        for planned in plan.rows
        for fault in planned.faults
    ]
    if faults and asked.on_error is OnError.REFUSE:
        raise ImportRefused(*faults)


def _digest(file: bytes, plan: Plan[Any]) -> str:
    """What the file is, and what would be done with it: the rows meant, their versions, and what changes."""
    state = [
        (
            planned.number,
            planned.action,
            [(fault.column, fault.code) for fault in planned.faults],
            (planned.id, planned.row.version) if planned.row is not None and planned.id else None,
            [(name, text_of(before), text_of(after)) for name, before, after in planned.changed],
        )
        for planned in plan.rows
        if planned.action is not ImportAction.UNCHANGED
    ]
    parts = (file, orjson.dumps(state, default=str))
    return ".".join(hashlib.sha256(part).hexdigest()[:DIGITS] for part in parts)


def _lock_number(sheet: Sheet[Any]) -> int:
    return int.from_bytes(hashlib.sha256(f"import:{sheet.name}".encode()).digest()[:8], signed=True)
