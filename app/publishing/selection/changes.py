"""What changed in the public events since a cursor, from the change journal.

Only transactions below `pg_snapshot_xmin` are read: those before it are all finished, so a slow one is not
jumped over. An event whose embargo ends changes without being written: those are found by their date.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from app.publishing.selection.conditions import VISIBLE

START = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
# A place in the journal is (transaction, seq); `released` are embargoes that ended between two answers.
STATEMENT = f"""
with written as (
    select j.resource_id as id, j.transaction::text::bigint as transaction, j.seq, 'audience' = any(j.fields) as moved
    from journal j
    where j.resource = 'events' and (j.transaction, j.seq) > ($2::bigint::text::xid8, $3::bigint)
        and j.transaction < pg_snapshot_xmin(pg_current_snapshot())
    order by j.transaction, j.seq limit $5),
released as (
    select e.id from events e
    where e.publication = 'published' and e.audience = 'public'
        and e.publish_at > $4::timestamptz and e.publish_at <= $1),
touched as (
    select id, max(transaction) as transaction, max(seq) as seq, bool_or(moved) as moved from written group by id
    union all select r.id, null, null, false from released r
    where not exists (select from written w where w.id = r.id)),
told as (
    select x.id, x.transaction, x.seq,
        case when {VISIBLE} then 'changed'
            when d.resource_id is not null then 'deleted'
            when e.publication = 'withdrawn' and (e.publish_at is null or e.publish_at <= e.withdrawn_at)
                and e.audience = 'public' then 'withdrawn'
            when e.publication = 'published' and e.audience <> 'public' and x.moved then 'withdrawn' end as what
    from touched x left join events e on e.id = x.id left join tombstones d on d.resource_id = x.id)
select coalesce((select json_agg(json_build_object('id', id,
        'change', case what when 'changed' then 'changed' else 'removed' end,
        'reason', case what when 'changed' then null else what end) order by transaction nulls last, seq, id)
    from told where what is not null), '[]')::text,
    (select transaction from written order by transaction desc, seq desc limit 1),
    (select seq from written order by transaction desc, seq desc limit 1),
    (select count(*) from written) = $5::int, pg_snapshot_xmin(pg_current_snapshot())::text::bigint"""


@dataclass(frozen=True, slots=True)
class Delta:
    """The changes, the place to go on from, and whether more is there already."""

    items: bytes
    place: list[Any]
    has_more: bool


async def begin(connection: asyncpg.Connection, now: datetime) -> Delta:
    """No changes yet, and the place from which all later ones are told."""
    return Delta(b"[]", [await connection.fetchval(START), 0, now.isoformat()], has_more=False)


async def changes_since(connection: asyncpg.Connection, place: list[Any], now: datetime, limit: int) -> Delta:
    """The changes after a place, oldest first, each event once."""
    transaction, seq, at = place
    told, last, last_seq, is_full, finished = await connection.fetchrow(
        STATEMENT, now, transaction, seq, datetime.fromisoformat(at), limit
    )
    reached = [last, last_seq] if is_full else [finished, 0]
    return Delta(told.encode(), [*reached, now.isoformat()], has_more=is_full)
