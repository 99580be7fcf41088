"""Territories, themes, the actors that agreed to stand in the directory: lists by keyset, and one by name."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import asyncpg

from app.core.errors import Gone, NotFound
from app.publishing.selection.items import one
from app.publishing.selection.parameters import Parameters

TODAY = "($1::timestamptz at time zone t.timezone)::date"
MUNICIPALITIES = f"""coalesce((select json_agg(row_to_json(m)) from (
    select distinct m.insee_code, m.name from territory_municipalities x join municipalities m using (insee_code)
    where x.territory_id = t.id and (x.valid_from is null or x.valid_from <= least({TODAY}, t.valid_until - 1))
        and (x.valid_until is null or x.valid_until > least({TODAY}, t.valid_until - 1))
    order by m.insee_code) m), '[]')"""


def _neighbours(own: str, other: str) -> str:
    return f"""coalesce((select json_agg(row_to_json(n)) from (
        select n.slug, n.name from territory_successions s join territories n on n.id = s.{other}
        where s.{own} = t.id order by n.slug) n), '[]')"""


THEMES = """coalesce((select json_agg(row_to_json(h)) from (
    select h.slug, h.name from actor_themes x join themes h on h.id = x.theme_id
    where x.actor_id = a.id order by h.position, h.slug) h), '[]')"""


@dataclass(frozen=True, slots=True, eq=False)  # each is itself: its statements are kept by it
class Directory:
    """One kind of row: its SELECT list, where it comes from, its order, and what may narrow it.

    `order` are the columns of the keyset, with their types; the last is unique. `until`: the next instant at which
    a row comes out of its embargo; `gone`: whether the row of an id was public and is no longer.
    """

    fields: str
    source: str
    order: tuple[tuple[str, str], ...]
    conditions: dict[str, str]
    always: str
    modified: str
    name: str
    until: str = "null::timestamptz"
    gone: str | None = None


TERRITORIES = Directory(
    fields=f"""t.slug, t.name, t.kind, t.siren, t.valid_from, t.valid_until, t.timezone, t.default_locale,
        {MUNICIPALITIES} as municipalities, {_neighbours("successor_id", "predecessor_id")} as predecessors,
        {_neighbours("predecessor_id", "successor_id")} as successors, t.updated_at""",
    source="territories t",
    order=(("t.slug", "text"),),
    conditions={
        "kind": "t.kind = {kind}::text",
        "municipality": f"""exists (select from territory_municipalities x where x.territory_id = t.id
            and x.insee_code = {{municipality}}::text and (x.valid_from is null or x.valid_from <= {TODAY})
            and (x.valid_until is null or x.valid_until > {TODAY}))""",
    },
    always="true",
    modified="t.updated_at",
    name="t.slug = {place}::text",
)
THEME_LIST = Directory(
    fields=f"h.slug, h.name, h.description, h.position, {one('t.slug, t.name')} as territory, h.updated_at",
    source="themes h join territories t on t.id = h.territory_id",
    order=(("t.slug", "text"), ("h.position", "int"), ("h.slug", "text")),
    conditions={"territory": "h.territory_id = {territory}::uuid"},
    always="true",
    modified="h.updated_at",
    name="false",
)
ACTORS = Directory(
    fields=f"""a.id, a.name, a.kind, a.description, a.website, a.siren,
        case when m.insee_code is not null then {one("m.insee_code, m.name")} end as municipality,
        {THEMES} as themes, {one("t.slug, t.name")} as territory, a.updated_at""",
    source="""actors a join territories t on t.id = a.territory_id
        left join municipalities m on m.insee_code = a.insee_code""",
    order=(("a.sort_name", "text"), ("a.id", "uuid")),
    conditions={
        "territory": "a.territory_id = {territory}::uuid",
        "kind": "a.kind = {kind}::text",
        "theme": "exists (select from actor_themes x where x.actor_id = a.id and x.theme_id = any({theme}::uuid[]))",
        "municipality": "a.insee_code = {municipality}::text",
        "q": "a.sort_name like '%' || searchable({q}::text) || '%'",
    },
    always=f"""a.listed and (a.valid_from is null or a.valid_from <= {TODAY})
        and (a.valid_until is null or a.valid_until > {TODAY})""",
    modified="a.updated_at",
    name="a.id = {place}::uuid",
)


@dataclass(frozen=True, slots=True)
class Rows:
    """One page as a JSON array, the place it ended at when more follow, its latest change, and until when it holds."""

    items: bytes
    place: list[Any] | None
    modified: datetime | None
    until: datetime | None


async def find_rows(
    connection: asyncpg.Connection,
    directory: Directory,
    filters: dict[str, Any],
    *,
    now: datetime,
    limit: int,
    after: list[Any] | None,
) -> Rows:
    """One page of a directory, in its order."""
    given = {name: value for name, value in filters.items() if value is not None}
    kinds = [int if kind == "int" else str for _, kind in directory.order]
    places = {f"place_{n}": kind(value) for n, (kind, value) in enumerate(zip(kinds, after or [], strict=False))}
    sql, names = _page(directory, tuple(given), is_first=not after)
    values = given | places | {"now": now, "limit": limit}
    items, place, is_more, modified, until = await connection.fetchrow(sql, *[values[name] for name in names])
    return Rows(items, place if is_more else None, modified, until)


async def find_row(connection: asyncpg.Connection, directory: Directory, name: str, now: datetime) -> Any:
    """One row as JSON, its latest change, and until when it holds.

    Raises `Gone` when it was public and is no longer, `NotFound` when there is none.
    """
    sql, _ = _one(directory)
    row = await connection.fetchrow(sql, now, name)
    if row:
        return row
    raise Gone if directory.gone and await connection.fetchval(directory.gone, name) else NotFound


@lru_cache(maxsize=256)
def _page(directory: Directory, given: tuple[str, ...], *, is_first: bool) -> tuple[str, tuple[str, ...]]:
    parameters = Parameters("now", "limit")
    columns = ", ".join(column for column, _ in directory.order)
    conditions = [directory.always, *(directory.conditions[filter_] for filter_ in given)]
    if not is_first:
        places = ", ".join(f"{{place_{n}}}::{kind}" for n, (_, kind) in enumerate(directory.order))
        conditions.append(f"({columns}) > ({places})")
    rows = f"""select (select row_to_json(i) from (select {directory.fields}) i) as item,
        array[{", ".join(f"{column}::text" for column, _ in directory.order)}] as place,
        {directory.modified} as modified, row_number() over (order by {columns}) as rank
        from {directory.source} where {parameters.fill(conditions)} order by {columns} limit $2 + 1"""
    sql = f"""with page as ({rows})
        select convert_to(
            coalesce((select json_agg(item order by rank) from page where rank <= $2), '[]')::text, 'UTF8'),
            (select place from page where rank = $2), exists (select from page where rank > $2),
            (select max(modified) from page where rank <= $2), {directory.until} where $1::timestamptz is not null"""
    return sql, parameters.names


@lru_cache(maxsize=16)
def _one(directory: Directory) -> tuple[str, tuple[str, ...]]:
    parameters = Parameters("now", "place")
    conditions = parameters.fill([directory.always, directory.name])
    sql = f"""select convert_to((select row_to_json(i) from (select {directory.fields}) i)::text, 'UTF8'),
        {directory.modified}, {directory.until} from {directory.source}
        where $1::timestamptz is not null and {conditions}"""
    return sql, parameters.names
