"""One page of a selection as JSON, in one statement, written once for each set of filters.

What stretches over the start of the window is found by a range index, what begins later by its start, so
that no plan reads the events that are over.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import asyncpg

from app.publishing.selection import items
from app.publishing.selection.chosen import Selection, Shape
from app.publishing.selection.conditions import NEXT_PUBLICATION
from app.publishing.selection.parameters import Parameters
from app.publishing.selection.picking import picked


@dataclass(frozen=True, slots=True)
class Found:
    """One page: the events as a JSON array, the place it ended at when more follow, and until when it holds.

    `changed` are the events that do not stand as announced, as `items.CHANGED`; None when all do.
    """

    items: bytes
    place: tuple[datetime, UUID] | None
    until: datetime | None
    modified: datetime | None
    changed: str | None


async def find(
    connection: asyncpg.Connection,
    selection: Selection,
    *,
    now: datetime,
    base_url: str,
    limit: int,
    after: tuple[datetime, UUID] | None = None,
    detailed: bool = False,
) -> Found:
    """One page of the selection, by start. `detailed`: with the fields only feeds and calendars need."""
    bounds = selection.bounds()
    place = _place_shape(after, selection.window.start)
    sql, names = page_statement(selection.filters, tuple(bounds), place, detailed=detailed)
    values = selection.values | bounds | {"now": now, "base_url": base_url, "limit": limit}
    if after:
        values |= {"place_at": after[0], "place_id": after[1]}
    found, last_at, last_id, is_more, until, modified, changed = await connection.fetchrow(
        sql, *[values[name] for name in names]
    )
    return Found(found, (last_at, last_id) if is_more else None, until, modified, changed)


@lru_cache(maxsize=1024)
def page_statement(filters: Shape, bounds: Shape, place: str | None, *, detailed: bool) -> tuple[str, tuple[str, ...]]:
    """The SQL of one page, and the names of its parameters in order."""
    parameters = Parameters("now", "base_url", "limit")
    sql = f"""
with {picked(parameters, filters, bounds, place)},
page as (select e.*, row_number() over (order by e.starts_at, e.id) as rank from picked e)
select (select convert_to(coalesce(json_agg(row_to_json(i)), '[]')::text, 'UTF8')
        from (select {items.fields(detailed=detailed)} from page e {items.AROUND}
            where e.rank <= $3 order by e.rank) i),
    last.starts_at, last.id, exists (select from page where rank > $3),
    least({NEXT_PUBLICATION}, (select min({items.CHANGES_AT}) from page e)),
    (select max(updated_at) from page where rank <= $3),
    (select json_agg({items.CHANGED}) from page e where e.status <> 'scheduled' and e.rank <= $3)::text
from (select 1) one left join page last on last.rank = $3"""
    return sql, parameters.names


def _place_shape(after: tuple[datetime, UUID] | None, start: datetime | None) -> str | None:
    if after is None:
        return None
    if start is None:
        return "unbounded"
    return "later" if after[0] >= start else "ongoing"
