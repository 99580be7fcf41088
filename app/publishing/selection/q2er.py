"""Published editions of Q2ER and their sequences: the explicit list of what anyone may read of them. Who looks after
an edition, and who took part, stays among those who work on it."""

from app.publishing.selection.directory import Directory
from app.publishing.selection.items import one
from app.publishing.selection.plans import PUBLISHED_AT, TERRITORY
from app.publishing.selection.published import announced, gone, next_announced

NUMBER = """(select count(*)::int from editions x
    where x.programme_id = e.programme_id and x.school_year <= e.school_year)"""
SCHOOLS = """coalesce((select json_agg(row_to_json(o)) from (
    select o.id, o.name from edition_schools x join actors o on o.id = x.actor_id
    where x.edition_id = e.id order by o.sort_name, o.id) o), '[]')"""

EDITIONS = Directory(
    fields=f"""e.id, g.name as programme, e.school_year, {NUMBER} as number, e.theme, e.summary, e.state,
        {SCHOOLS} as schools, {TERRITORY}, {PUBLISHED_AT.format("e")}""",
    source="editions e join territories t on t.id = e.territory_id join programmes g on g.id = e.programme_id",
    order=(("e.school_year", "text"), ("e.id", "uuid")),
    conditions={
        "territory": "e.territory_id = {territory}::uuid",
        "school_year": "e.school_year = {school_year}::text",
        "state": "e.state = {state}::text",
    },
    always=announced("e"),
    modified="e.updated_at",
    name="e.id = {place}::uuid",
    until=next_announced("editions"),
    gone=gone("editions", "q2er/editions"),
)

SEQUENCES = Directory(
    fields=f"""s.id, {one("e.id, e.school_year")} as edition, s.position, s.kind, s.title, s.objectives, s.audience,
        s.starts_on, s.ends_on, {TERRITORY}, s.updated_at""",
    source=f"""sequences s join territories t on t.id = s.territory_id
        join editions e on e.id = s.edition_id and {announced("e")}""",
    order=(("s.school_year", "text"), ("s.position", "int"), ("s.id", "uuid")),
    conditions={
        "territory": "s.territory_id = {territory}::uuid",
        "edition": "s.edition_id = {edition}::uuid",
        "school_year": "s.school_year = {school_year}::text",
        "kind": "s.kind = {kind}::text",
    },
    always="true",
    modified="greatest(s.updated_at, e.updated_at)",
    name="s.id = {place}::uuid",
    until=next_announced("editions"),
)
