"""What people call the territories, schools and organisations of their grants."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Uuid, column, select, table, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.access import Held

TABLES = [table(name, column("id", Uuid), column("name")) for name in ("territories", "actors")]  # domains above


async def names(session: AsyncSession, grants: Iterable[Held]) -> dict[UUID, str]:
    """The names of the territories, schools and organisations of these grants, by identifier."""
    ids = {id_ for grant in grants for id_ in (grant.territory_id, grant.actor_id) if id_}
    if not ids:
        return {}
    rows = union_all(*(select(each.c.id, each.c.name).where(each.c.id.in_(ids)) for each in TABLES))
    return {id_: name for id_, name in (await session.execute(rows)).all()}  # noqa: C416 (rows are no pairs)
