"""The rows a body refers to, each within its caller's sight: what lies out of it is as if it did not exist."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import R
from app.core.errors import ErrorAt, InvalidInput, pointer


async def referred(session: AsyncSession, rows: Select[R], kind: type[R], field: str, id_: UUID) -> R:
    """The row with this id, named in `field` (or within it: `source/event_id`). Raises `InvalidInput` where it is not
    among `rows`."""
    return (await _found(session, rows, kind, {pointer(*field.split("/")): id_}))[0]


async def all_referred(
    session: AsyncSession, rows: Select[R], kind: type[R], field: str, ids: Sequence[UUID]
) -> list[R]:
    """The rows with these ids, in this order. Raises `InvalidInput` where one is not among `rows`."""
    return await _found(session, rows, kind, {pointer(*field.split("/"), place): id_ for place, id_ in enumerate(ids)})


async def _found(session: AsyncSession, rows: Select[R], kind: type[R], ids: dict[str, UUID]) -> list[R]:
    found = {row.id: row for row in await session.scalars(rows.where(kind.id.in_(ids.values())))} if ids else {}
    faults = [ErrorAt(place, "unknown_reference") for place, id_ in ids.items() if id_ not in found]
    if faults:
        raise InvalidInput(*faults)
    return [found[id_] for id_ in ids.values()]
