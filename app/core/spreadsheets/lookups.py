"""How rows that cells speak of are found by their names."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core.bulk import among
from app.core.spreadsheets.cells import Named
from app.core.spreadsheets.sheet import Lookup
from app.core.spreadsheets.words import same_name

T = TypeVar("T")


def goes_by(column: InstrumentedAttribute[Any], names: Collection[str]) -> ColumnElement[bool]:
    """Rows whose `column`, kept as searchable() text, is one of these names whatever their case and accents."""
    asked = func.unnest(cast(literal(list(names), ARRAY(Text)), ARRAY(Text)))
    return column.in_(select(func.searchable(asked.column_valued("name"))))


def matched(
    asked: Collection[str], rows: Iterable[T], names_of: Callable[[T], Iterable[str | None]], of: Callable[[T], Any]
) -> list[Named]:
    """Each name asked with each row that goes by it. `of` gives a row's identifier and territory."""
    by_name: dict[str, list[str]] = {}
    for name in asked:
        by_name.setdefault(same_name(name), []).append(name)
    found = []
    for row in rows:
        id_, territory_id = of(row)
        for known in {same_name(name) for name in names_of(row) if name}:
            found += [Named(name, id_, territory_id) for name in by_name.get(known, ())]
    return found


def among_few(
    kind: Any, rows: Select[Any], names_of: Callable[[Any], Sequence[str]], territory: str | None = "territory_id"
) -> Lookup:
    """Rows of a territory that are few enough to be read all (themes, programmes): each goes by the names given, of
    which the first is how it is written."""

    def of(row: Any) -> tuple[UUID, UUID | None]:
        return row.id, getattr(row, territory) if territory else None

    async def named(session: AsyncSession, asked: Collection[str]) -> list[Named]:
        every = (await session.scalars(rows)).unique().all()
        return matched(asked, every, lambda row: (*names_of(row), str(row.id)), of)

    async def names(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, str]:
        found = (await session.scalars(rows.where(among(kind.id, ids)))).unique()
        return {row.id: names_of(row)[0] for row in found}

    return Lookup(named, names)
