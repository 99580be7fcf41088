"""How a domain tells what waits for somebody: one SELECT a kind of task, all with the same columns.

The functions that make them stand in each domain's `tasks.py`; `todo/registry.py` lists them.
"""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, String, Uuid, cast, func, literal, null, type_coerce
from sqlalchemy.sql.elements import SQLCoreOperations

LONGEST_TITLE = 200
TaskRows = Select[str, UUID, UUID, str, date, str]
"""`resource`, `resource_id`, `territory_id`, `title`, `due_on` (null: without a day) and `reason`."""


def task_rows(
    rows: Select[Any],
    *,
    resource: str,
    id_: SQLCoreOperations[UUID],
    territory_id: SQLCoreOperations[UUID],
    title: SQLCoreOperations[str],
    due_on: SQLCoreOperations[Any] | None,
    reason: str | ColumnElement[str],
) -> TaskRows:
    """The rows of a selection as tasks: the resource to open, by when, and why (a code of `todo.*` of `locales/`)."""
    told = literal(reason, String) if isinstance(reason, str) else reason
    return rows.with_only_columns(
        literal(resource, String).label("resource"),
        type_coerce(id_, Uuid).label("resource_id"),
        type_coerce(territory_id, Uuid).label("territory_id"),
        func.left(title, LONGEST_TITLE).label("title"),
        cast(due_on if due_on is not None else null(), Date).label("due_on"),
        told.label("reason"),
    )
