"""How demonstration rows are written: made when missing, brought up to date, and otherwise left alone."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid5

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from app.core.db import Base, R, Resource
from app.core.journal import JournalEntry

CALLER = "demo"
NAMESPACE = uuid5(NAMESPACE_DNS, "demonstration.agir-ensemble.example")


def demo_id(*words: str) -> UUID:
    """The identifier of a demonstration row, the same at every load."""
    return uuid5(NAMESPACE, "/".join(words))


class Rows:
    """The demonstration's rows in one session, counted by resource.

    A row that somebody else has changed or deleted since is theirs: it is left as it is.
    """

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.counts: Counter[str] = Counter()

    async def put(
        self, model: type[R], wanted: Mapping[UUID, Mapping[str, object]], *children: InstrumentedAttribute[Any]
    ) -> dict[UUID, R]:
        """Write the rows `wanted` and answer those that exist. `children`: the relationships among their values."""
        found = await self.session.scalars(
            select(model).where(model.id.in_(wanted)).options(*(selectinload(child) for child in children))
        )
        rows = {row.id: row for row in found}
        taken_over = await self._taken_over(wanted)
        for key, values in wanted.items():
            if key in taken_over:
                continue
            if key in rows:
                _update(rows[key], values)
            else:
                made: Any = model  # every table takes its columns by name
                rows[key] = made(id=key, **values)
                self.session.add(rows[key])
        await self.session.flush()
        self.counts[model.__resource__] += len(rows)
        return {key: rows[key] for key in wanted if key in rows}

    async def put_again(self, model: type[R], wanted: Mapping[UUID, Mapping[str, object]]) -> None:
        """Write what rows that were put say in the end. They are not counted twice."""
        found = await self.put(model, wanted)
        self.counts[model.__resource__] -= len(found)

    async def _taken_over(self, ids: Iterable[UUID]) -> set[UUID]:
        changed = select(JournalEntry.resource_id).where(
            JournalEntry.resource_id.in_(ids), JournalEntry.caller != CALLER
        )
        return set(await self.session.scalars(changed))


def _update(row: Resource, values: Mapping[str, object]) -> None:
    """Set what differs, and nothing else: a version moves only for a change."""
    for name, value in values.items():
        now = getattr(row, name)
        if now != value and not (isinstance(value, list) and isinstance(now, list) and _same_children(now, value)):
            setattr(row, name, value)


def _same_children(now: list[object], wanted: list[object]) -> bool:
    """Whether rows that hang on another say what is wanted of them, in any order."""
    told = [_told(child) for child in wanted]
    if not all(told) or len(now) != len(wanted):
        return False
    return all({name: getattr(child, name) for name in told[0]} in told for child in now)


def _told(child: object) -> dict[str, object]:
    """What a new child was given; nothing for a plain value."""
    if not isinstance(child, Base) or not inspect(child).transient:
        return {}
    return {name: value for name, value in inspect(child).dict.items() if name != "_sa_instance_state"}
