"""One public event, or what is left of one that is no longer public."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from app.core.errors import Gone, NotFound
from app.publishing.selection import items
from app.publishing.selection.conditions import VISIBLE


@dataclass(frozen=True, slots=True)
class FoundOne:
    """An event as JSON, with until when it holds. `changed`: as in a page, if it does not stand as announced."""

    item: bytes
    until: datetime | None
    modified: datetime
    changed: str | None


def _statement(*, detailed: bool) -> str:
    return f"""
select convert_to((select row_to_json(i) from (select {items.fields(detailed=detailed)}) i)::text, 'UTF8'),
    {items.CHANGES_AT},
    e.updated_at, case when e.status <> 'scheduled' then json_build_array({items.CHANGED}) end::text
from events e {items.AROUND} where e.id = $3 and {VISIBLE}"""


STATEMENTS = {detailed: _statement(detailed=detailed) for detailed in (False, True)}
# Withdrawn before its embargo ended, or never meant for everyone: it was not public, so nothing is left of it.
GONE = """
select true from events where id = $1 and publication = 'withdrawn' and audience = 'public'
    and (publish_at is null or publish_at <= withdrawn_at)
union all select true from tombstones where resource_id = $1
limit 1"""


async def find_one(
    connection: asyncpg.Connection, event_id: UUID, *, now: datetime, base_url: str, detailed: bool = False
) -> FoundOne:
    """The event. Raises `Gone` when it was public and is no longer, `NotFound` when nobody was ever told of it."""
    row = await connection.fetchrow(STATEMENTS[detailed], now, base_url, event_id)
    if row:
        return FoundOne(*row)
    raise Gone if await connection.fetchval(GONE, event_id) else NotFound
