"""Many rows written at once: a number of statements that does not grow with them, the journal included.

SQLAlchemy inserts many rows at once by itself, but updates versioned rows one by one; here they go together.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import Column, Enum, Integer, Select, Text, Uuid, any_, cast, column, func, inspect, literal, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapper, Session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

from app.core import clock, journal
from app.core.db import R, Resource
from app.core.errors import NotAllowed, VersionMismatch

T = TypeVar("T")


def among(attribute: InstrumentedAttribute[Any], values: Collection[object]) -> ColumnElement[bool]:
    """Rows whose attribute is one of `values`, however many: they travel as one array."""
    return attribute == any_(cast(literal(list(values), ARRAY(attribute.type)), ARRAY(attribute.type)))


async def save_all(session: AsyncSession, rows: Sequence[R], *, within: Select[R]) -> None:
    """Write the rows, then refuse them if their writer could not see each of them (`save`, for many).

    Raises `NotAllowed`, or `VersionMismatch` when another transaction has changed one of them meanwhile.
    """
    session.add_all(rows)
    try:
        await session.run_sync(_update_together)
        await session.flush()
    finally:
        session.info.pop(journal.WRITTEN, None)
    if rows and len(await ids_within(session, rows, within=within)) < len({row.id for row in rows}):
        raise NotAllowed(reason="out_of_sight")


async def ids_within(session: AsyncSession, rows: Sequence[R], *, within: Select[R]) -> set[UUID]:
    """Which of the rows are in the selection, by their identifiers."""
    if not rows:
        return set()
    kind = type(rows[0])
    mine = within.where(among(kind.id, [row.id for row in rows])).with_only_columns(kind.id).order_by(None)
    return set(await session.scalars(mine))


def _update_together(session: Session) -> None:
    """Write the changed columns of changed resources, each kind in one statement; the flush does what hangs on them."""
    by_kind: dict[Mapper[Any], list[Resource]] = {}
    for row in session.dirty:
        if isinstance(row, Resource) and session.is_modified(row):
            by_kind.setdefault(inspect(row).mapper, []).append(row)
    entries = [entry for rows in by_kind.values() for entry in journal.entries(session, rows, "update", later_by=1)]
    with session.no_autoflush:
        for mapper, rows in by_kind.items():
            _update(session, mapper, rows)
        journal.write(session, entries)
    session.info[journal.WRITTEN] = {row for rows in by_kind.values() for row in rows}


def _update(session: Session, mapper: Mapper[Any], rows: Sequence[Resource]) -> None:
    now = clock.now()
    for row in rows:
        row.updated_at = now
    changed = sorted({name for row in rows for name in _changed_columns(mapper, row)} | {"updated_at"})
    values = [{name: getattr(row, name) for name in ("id", "version", *changed)} for row in rows]
    kind = mapper.class_
    given = _as_rows(mapper, values, changed)
    statement = (
        update(kind)
        .where(kind.id == given.c.id, kind.version == given.c.version)
        .values({name: given.c[mapper.attrs[name].columns[0].name] for name in changed} | {"version": kind.version + 1})
        .returning(kind.id)
        .execution_options(synchronize_session=False)
    )
    if len(session.execute(statement).all()) < len(rows):
        raise VersionMismatch
    computed = [p.key for p in mapper.column_attrs if getattr(p.columns[0], "computed", None) is not None]
    for row in rows:
        for name in changed:
            set_committed_value(row, name, getattr(row, name))
        set_committed_value(row, "version", row.version + 1)
        if computed:
            session.expire(row, computed)


def _changed_columns(mapper: Mapper[Any], row: Resource) -> list[str]:
    state = inspect(row)
    return [p.key for p in mapper.column_attrs if state.attrs[p.key].history.has_changes()]


def _as_rows(mapper: Mapper[Any], values: Sequence[Mapping[str, Any]], changed: Sequence[str]) -> Any:
    """The new values as a relation, sent as one JSON parameter."""
    columns = {name: mapper.attrs[name].columns[0] for name in changed}
    told: list[ColumnElement[Any]] = [column("id", Uuid()), column("version", Integer())]
    told += [column(c.name, _sent_as(c)) for c in columns.values()]
    names = {"id": "id", "version": "version"} | {name: c.name for name, c in columns.items()}
    sent = orjson.dumps([{names[n]: v for n, v in row.items()} for row in values], default=str).decode()
    return (
        func.jsonb_to_recordset(cast(literal(sent, Text()), JSONB))
        .table_valued(*told, name="given")
        .render_derived(with_types=True)
    )


def _sent_as(known: Column[Any]) -> TypeEngine[Any]:
    """The type a value is read back as; closed lists of words travel as text."""
    return Text() if isinstance(known.type, Enum) else known.type
