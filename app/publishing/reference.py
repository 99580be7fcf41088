"""What slugs and codes of a question stand for, looked up in one query and kept while the data stands."""

from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from app.core.errors import ErrorAt, InvalidInput
from app.publishing.kept import KeptAnswers
from app.publishing.revision import Revision

MOST = 2_000
Asked = tuple[str | None, tuple[str, ...], tuple[str, ...]]
LOOK_UP = """
select t.id, t.name, t.timezone,
    array(select h.id from themes h where h.slug = any($2::text[]) and ($1::text is null or h.territory_id = t.id)),
    array(select distinct h.slug from themes h
          where h.slug = any($2::text[]) and ($1::text is null or h.territory_id = t.id)),
    array(select m.insee_code from municipalities m where m.insee_code = any($3::text[]))
from (select 1) one left join territories t on t.slug = $1::text
"""


@dataclass(frozen=True, slots=True)
class Known:
    """The rows a question names. A theme's slug stands for one theme in each territory that has it."""

    territory_id: UUID | None = None
    territory_name: str | None = None
    timezone: str | None = None
    theme_ids: tuple[UUID, ...] = ()


NOTHING_NAMED = Known()


class Reference:
    """Looks names up."""

    def __init__(self, revision: Revision, kept: KeptAnswers) -> None:
        self._revision = revision
        self._kept = kept
        self._found: OrderedDict[tuple[Asked, int], Known] = OrderedDict()

    async def look_up(
        self, connection: asyncpg.Connection, territory: str | None, themes: list[str], municipalities: list[str]
    ) -> Known:
        """The rows these names stand for. Raises `InvalidInput` for those that stand for nothing."""
        if not (territory or themes or municipalities):
            return NOTHING_NAMED
        asked = (territory, tuple(themes), tuple(municipalities))
        key = (asked, self._revision.number)
        known = self._found.get(key)
        if known is None or not self._kept.is_open:
            known = await self._query(connection, asked)
            self._keep(key, known)
        return known

    def _keep(self, key: tuple[Asked, int], known: Known) -> None:
        if self._kept.is_open:
            self._found[key] = known
            if len(self._found) > MOST:
                self._found.popitem(last=False)

    @staticmethod
    async def _query(connection: asyncpg.Connection, asked: Asked) -> Known:
        territory, themes, municipalities = asked
        row = await connection.fetchrow(LOOK_UP, territory, list(themes), list(municipalities))
        id_, name, timezone, theme_ids, known_themes, known_municipalities = row
        faults = []
        if territory and id_ is None:
            faults.append(ErrorAt("?territory", "unknown_reference"))
        elif set(themes) - set(known_themes):
            faults.append(ErrorAt("?theme", "unknown_reference"))
        if set(municipalities) - set(known_municipalities):
            faults.append(ErrorAt("?municipality", "unknown_reference"))
        if faults:
            raise InvalidInput(*faults)
        return Known(id_, name, timezone, tuple(theme_ids))
