"""Which public events a question means, in their order, as one statement.

What stretches over the start of the window is found by a range index, what begins later by its start, so
that no plan reads the events that are over. Statements are written once for each set of filters.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from math import asin, cos, degrees, radians, sin
from typing import Any
from uuid import UUID

import asyncpg

from app.publishing.filters import NEAR_RADIUS_M, Box, EventChoice, Point
from app.publishing.reference import Known
from app.publishing.selection import items
from app.publishing.selection.parameters import Parameters
from app.publishing.window import Window

EARTH_M = 6_371_008.8
VISIBLE = """e.publication = 'published' and e.audience = 'public'
    and (e.publish_at is null or e.publish_at <= $1::timestamptz)"""
NEXT_PUBLICATION = """(select min(p.publish_at) from events p
    where p.publication = 'published' and p.publish_at > $1::timestamptz)"""
Shape = tuple[str, ...]

CONDITIONS = {
    "territory": "e.territory_id = {territory}::uuid",
    "municipality": "e.insee_code = {municipality}::text",
    "municipalities": "e.insee_code = any({municipalities}::text[])",
    "theme": "exists (select from event_themes x where x.event_id = e.id and x.theme_id = {theme}::uuid)",
    "themes": "exists (select from event_themes x where x.event_id = e.id and x.theme_id = any({themes}::uuid[]))",
    "kind": "e.kind = {kind}::text",
    "kinds": "e.kind = any({kinds}::text[])",
    "organiser": """exists (select from event_actors x
        where x.event_id = e.id and x.actor_id = {organiser}::uuid and x.role = 'organiser')""",
    "q": "e.search @@ websearch_to_tsquery('pg_catalog.french', searchable({q}::text))",
    "box": """point(e.longitude, e.latitude)
        <@ box(point({west}::float8, {south}::float8), point({east}::float8, {north}::float8))""",
    "circle": f"""{2 * EARTH_M} * asin(least(1, sqrt(
        power(sind((e.latitude - {{latitude}}::float8) / 2), 2) + cosd({{latitude}}::float8) * cosd(e.latitude)
        * power(sind((e.longitude - {{longitude}}::float8) / 2), 2)))) <= {{radius}}::float8""",
    "accessibility": "e.accessibility @> {accessibility}::text[]",
    "attendance_mode": "e.attendance_mode = {attendance_mode}::text",
    "status": "e.status = any({status}::text[])",
    "not_cancelled": "e.status <> 'cancelled'",
}
BOUNDS = {"start": "e.starts_at >= {start}::timestamptz", "end": "e.starts_at < {end}::timestamptz"}
ONGOING_AT_START = "tstzrange(e.starts_at, e.ends_at) @> {start}::timestamptz"
PLACE = "(e.starts_at, e.id) > ({place_at}::timestamptz, {place_id}::uuid)"


@dataclass(frozen=True, slots=True)
class Selection:
    """The events of one question: the filters that are set, with their values, and a window."""

    window: Window
    values: dict[str, Any]
    filters: Shape

    def bounds(self) -> dict[str, datetime]:
        """The bounds of the window that are set."""
        both = {"start": self.window.start, "end": self.window.end}
        return {name: bound for name, bound in both.items() if bound}


@dataclass(frozen=True, slots=True)
class Found:
    """One page: the events as a JSON array, the place it ended at when more follow, and until when it holds.

    `notes`, by id, of the events that do not stand as announced; None when all do.
    """

    items: bytes
    place: tuple[datetime, UUID] | None
    until: datetime | None
    modified: datetime | None
    notes: str | None


def select(asked: EventChoice, known: Known, window: Window, *, without_cancelled: bool = False) -> Selection:
    """The selection a question means."""
    values: dict[str, Any] = {
        "territory": known.territory_id,
        "organiser": asked.organiser,
        "q": asked.q,
        "accessibility": [str(provision) for provision in asked.accessibility] or None,
        "attendance_mode": asked.attendance_mode and str(asked.attendance_mode),
        "status": [str(status) for status in asked.status] or None,
        **_one_or_many("municipality", "municipalities", asked.municipality),
        **_one_or_many("theme", "themes", known.theme_ids),
        **_one_or_many("kind", "kinds", [str(kind) for kind in asked.kind]),
    }
    filters = [name for name, value in values.items() if value is not None]
    boxes = [asked.bbox] if asked.bbox else []
    if asked.near:
        radius = asked.radius or NEAR_RADIUS_M
        values |= {"latitude": asked.near[0], "longitude": asked.near[1], "radius": float(radius)}
        boxes.append(_around(asked.near, radius))
        filters.append("circle")
    if boxes:
        values |= dict(zip(("west", "south", "east", "north"), _shared(boxes), strict=True))
        filters.append("box")
    if without_cancelled:
        filters.append("not_cancelled")
    return Selection(window, values, tuple(filters))


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
    found, last_at, last_id, is_more, until, modified, notes = await connection.fetchrow(
        sql, *[values[name] for name in names]
    )
    return Found(found, (last_at, last_id) if is_more else None, until, modified, notes)


@lru_cache(maxsize=1024)
def page_statement(filters: Shape, bounds: Shape, place: str | None, *, detailed: bool) -> tuple[str, tuple[str, ...]]:
    """The SQL of one page, and the names of its parameters in order."""
    parameters = Parameters("now", "base_url", "limit")
    picked = _picked(parameters, filters, bounds, place)
    sql = f"""
with {picked},
page as (select e.*, row_number() over (order by e.starts_at, e.id) as rank from picked e)
select (select convert_to(coalesce(json_agg(row_to_json(i)), '[]')::text, 'UTF8')
        from (select {items.fields(detailed=detailed)} from page e {items.AROUND}
            where e.rank <= $3 order by e.rank) i),
    last.starts_at, last.id, exists (select from page where rank > $3),
    least({NEXT_PUBLICATION}, (select min({items.CHANGES_AT}) from page e)),
    (select max(updated_at) from page where rank <= $3),
    (select json_object_agg(id, status_note) from page where status <> 'scheduled' and rank <= $3)::text
from (select 1) one left join page last on last.rank = $3"""
    return sql, parameters.names


def _picked(parameters: Parameters, filters: Shape, bounds: Shape, place: str | None) -> str:
    """The CTEs that end in `picked`: the first rows of the selection, one more than the page."""
    own = [CONDITIONS[name] for name in filters]
    end = [BOUNDS["end"]] if "end" in bounds else []
    after = [PLACE] if place else []
    later = [VISIBLE, *([] if place == "later" or "start" not in bounds else [BOUNDS["start"]]), *end]
    later += [PLACE] if place in {"later", "unbounded"} else []
    branches = [_first(parameters, "events e", [*later, *own], many="municipalities" in filters)]
    ctes = []
    if "start" in bounds and place != "later":
        inner = [VISIBLE, ONGOING_AT_START, *([CONDITIONS["territory"]] if "territory" in filters else [])]
        # Fenced, so that no other index is joined in: few events are going on at one instant.
        ctes.append(f"ongoing as materialized (select e.* from events e where {parameters.fill(inner)})")
        outer = ["e.starts_at < {start}::timestamptz", *after, *own]
        branches.append(_first(parameters, "ongoing e", outer))
    both = " union all ".join(f"({branch})" for branch in branches)
    ctes.append(f"picked as (select * from ({both}) e order by e.starts_at, e.id limit $3 + 1)")
    return ",\n".join(ctes)


def _first(parameters: Parameters, source: str, conditions: list[str], *, many: bool = False) -> str:
    """The first rows of one branch. Several communes are read one by one, each in the order of its index."""
    end = "order by e.starts_at, e.id limit $3 + 1"
    if not many:
        return f"select e.* from {source} where {parameters.fill(conditions)} {end}"
    each = [
        "e.insee_code = c.code" if condition == CONDITIONS["municipalities"] else condition for condition in conditions
    ]
    codes = parameters.fill(["{municipalities}::text[]"])
    return f"""select e.* from unnest({codes}) c(code)
        cross join lateral (select e.* from {source} where {parameters.fill(each)} {end}) e {end}"""


def _place_shape(after: tuple[datetime, UUID] | None, start: datetime | None) -> str | None:
    if after is None:
        return None
    if start is None:
        return "unbounded"
    return "later" if after[0] >= start else "ongoing"


def _one_or_many(one: str, many: str, values: Any) -> dict[str, Any]:
    if not values:
        return {}
    return {one: values[0]} if len(values) == 1 else {many: list(values)}


def _around(point: Point, radius: int) -> Box:
    """The smallest box of degrees that holds the circle."""
    latitude, longitude = point
    high = degrees(radius / EARTH_M)
    share = sin(radius / EARTH_M) / max(cos(radians(latitude)), 1e-9)
    wide = degrees(asin(share)) if share < 1 else 180.0
    return longitude - wide, latitude - high, longitude + wide, latitude + high


def _shared(boxes: list[Box]) -> Box:
    """The part all boxes share; an empty one when they do not meet."""
    west, south, east, north = zip(*boxes, strict=True)
    shared = max(west), max(south), min(east), min(north)
    return shared if shared[0] <= shared[2] and shared[1] <= shared[3] else (0.0, -90.0, 0.0, -90.0)
