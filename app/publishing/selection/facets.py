"""How many events of a selection there are, by theme, kind, commune and month."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import asyncpg

from app.publishing.selection.chosen import Selection, Shape
from app.publishing.selection.conditions import BOUNDS, CONDITIONS, NEXT_PUBLICATION, VISIBLE
from app.publishing.selection.parameters import Parameters
from app.publishing.selection.picking import ongoing


@dataclass(frozen=True, slots=True)
class Counts:
    """The facets as one JSON object, and when the next event comes out of its embargo."""

    facets: str
    until: datetime | None


async def count(connection: asyncpg.Connection, selection: Selection, now: datetime) -> Counts:
    """The counts over the whole selection, not over a page of it."""
    bounds = selection.bounds()
    sql, names = statement(selection.filters, tuple(bounds))
    values = selection.values | bounds | {"now": now}
    return Counts(*await connection.fetchrow(sql, *[values[name] for name in names]))


@lru_cache(maxsize=512)
def statement(filters: Shape, bounds: Shape) -> tuple[str, Shape]:
    """The SQL of the counts, and the names of its parameters in order."""
    parameters = Parameters("now")
    own = [CONDITIONS[name] for name in filters]
    later = [VISIBLE, *[BOUNDS[name] for name in bounds], *own]
    columns = "e.id, e.kind, e.insee_code, to_char(e.starts_at at time zone e.timezone, 'YYYY-MM') as month"
    branches = [f"select {columns} from events e where {parameters.fill(later)}"]
    first = ""
    if "start" in bounds:
        first = f"ongoing as materialized ({ongoing(parameters, filters, [])}),"
        outer = ["e.starts_at < {start}::timestamptz"]
        branches.append(f"select {columns} from ongoing e where {parameters.fill(outer)}")
    sql = f"""with {first} chosen as materialized ({" union all ".join(branches)})
        select json_build_object(
            'total', (select count(*) from chosen),
            'theme', {
        _counted('''select h.slug as value, min(h.name) as label, count(*) as count from chosen c
                join event_themes x on x.event_id = c.id join themes h on h.id = x.theme_id group by h.slug''')
    },
            'kind', {_counted("select kind as value, kind as label, count(*) as count from chosen group by kind")},
            'municipality', {
        _counted('''select m.insee_code as value, m.name as label, count(*) as count
                from chosen c join municipalities m using (insee_code) group by m.insee_code, m.name''')
    },
            'month', {
        _counted(
            '''select month as value, month as label, count(*) as count
                from chosen group by month''',
            "value",
        )
    })::text, {NEXT_PUBLICATION}"""
    return sql, parameters.names


def _counted(query: str, order: str = "count desc, value") -> str:
    return f"coalesce((select json_agg(row_to_json(r)) from (select * from ({query}) r order by {order}) r), '[]')"
