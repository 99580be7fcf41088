"""The weekly to-do: the tasks of all domains, found and counted in one statement."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, String, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.i18n import LANGUAGES, text
from app.identity.caller import Caller
from app.territories.filters import territory_id_of
from app.todo.registry import TASKS, TaskKind
from app.todo.schemas import Sentence, TaskCount, TaskOut, TodoAsked, TodoOut


async def todo(session: AsyncSession, caller: Caller, asked: TodoAsked) -> TodoOut:
    """What waits within the caller's sight. Raises `InvalidInput` for an unknown territory."""
    kinds = [kind for kind in TaskKind if kind in asked.kind or not asked.kind]
    territory_id = await territory_id_of(session, asked.territory) if asked.territory else None
    tasks = _tasks(caller, kinds, territory_id)
    first = select(tasks).order_by(tasks.c.due_on.asc().nulls_last(), tasks.c.kind, tasks.c.resource_id)
    listed = first.limit(asked.limit).subquery()
    counted = select(tasks.c.kind, func.count().label("count")).group_by(tasks.c.kind).subquery()
    found = (await session.execute(select(_array(listed), _array(counted)))).one()
    counts = {row["kind"]: row["count"] for row in found[1]}
    return TodoOut(
        items=[TaskOut(**row, message=_message(row["reason"])) for row in found[0]],
        counts=[TaskCount(kind=kind, count=counts.get(kind, 0)) for kind in kinds],
    )


def _tasks(caller: Caller, kinds: Sequence[TaskKind], territory_id: UUID | None) -> CTE:
    """The tasks of these kinds, of all territories or of one."""
    found = []
    for kind in kinds:
        rows = TASKS[kind](caller).subquery()
        of_kind = select(literal(kind.value, String).label("kind"), *rows.c)
        found.append(of_kind.where(rows.c.territory_id == territory_id) if territory_id else of_kind)
    return union_all(*found).cte("tasks")


def _array(rows: Any) -> Any:
    """The rows as one JSON array."""
    return select(func.coalesce(func.json_agg(rows.table_valued()), func.json_build_array())).scalar_subquery()


def _message(reason: str) -> Sentence:
    return Sentence.model_validate({language: text(language, f"todo.{reason}") for language in LANGUAGES})
