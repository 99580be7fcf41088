"""What each filter means in SQL, on the row `e` of `events`. `$1` is now; other parameters stand in braces."""

EARTH_M = 6_371_008.8
VISIBLE = """e.publication = 'published' and e.audience = 'public'
    and (e.publish_at is null or e.publish_at <= $1::timestamptz)"""
NEXT_PUBLICATION = """(select min(p.publish_at) from events p
    where p.publication = 'published' and p.publish_at > $1::timestamptz)"""

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
    "box": """e.longitude between {west}::float8 and {east}::float8
        and e.latitude between {south}::float8 and {north}::float8""",
    "circle": f"""{2 * EARTH_M} * asin(least(1, sqrt(
        power(sind(greatest(abs(e.latitude - {{latitude}}::float8), 1e-9) / 2), 2)
        + cosd({{latitude}}::float8) * cosd(e.latitude)
        * power(sind(greatest(abs(e.longitude - {{longitude}}::float8), 1e-9) / 2), 2)))) <= {{radius}}::float8""",
    "accessibility": "e.accessibility @> {accessibility}::text[]",
    "attendance_mode": "e.attendance_mode = {attendance_mode}::text",
    "status": "e.status = any({status}::text[])",
    "changed": "e.status <> 'scheduled'",
    "not_cancelled": "e.status <> 'cancelled'",
}
BOUNDS = {"start": "e.starts_at >= {start}::timestamptz", "end": "e.starts_at < {end}::timestamptz"}
OVERLAP = {"start": "e.ends_at > {start}::timestamptz", "end": BOUNDS["end"]}
ONGOING_AT_START = "tstzrange(e.starts_at, e.ends_at) @> {start}::timestamptz"
PLACE = "(e.starts_at, e.id) > ({place_at}::timestamptz, {place_id}::uuid)"

IN_BOX = """point(e.longitude, e.latitude)
    <@ box(point({west}::float8, {south}::float8), point({east}::float8, {north}::float8))"""
FEW = 2_000
# Where a filter leaves few events, the list is made of those; where many, by walking through the dates.
# Each has the rows to count, and the events themselves; both by an index of their own.
NARROWING = {
    "q": (f"events e where {CONDITIONS['q']}", f"events e where {CONDITIONS['q']}"),
    "theme": (
        "event_themes x where x.theme_id = {theme}::uuid",
        "events e join event_themes x on x.event_id = e.id where x.theme_id = {theme}::uuid",
    ),
    "themes": (
        "event_themes x where x.theme_id = any({themes}::uuid[])",
        "events e where e.id in (select x.event_id from event_themes x where x.theme_id = any({themes}::uuid[]))",
    ),
    "box": (f"events e where {VISIBLE} and {IN_BOX}", f"events e where {VISIBLE} and {IN_BOX}"),
    "accessibility": (
        f"events e where {VISIBLE} and {CONDITIONS['accessibility']}",
        f"events e where {VISIBLE} and {CONDITIONS['accessibility']}",
    ),
}
