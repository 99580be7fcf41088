"""Published partnerships: the explicit list of what anyone may read of them. What the parties give, what they look
for and what they think of it stay among them."""

from app.publishing.selection.directory import Directory
from app.publishing.selection.items import one
from app.publishing.selection.published import announced, gone, next_announced

PARTIES = f"""coalesce((select json_agg(row_to_json(m)) from (
    select {one("a.id, a.name")} as actor, x.role from partnership_parties x join actors a on a.id = x.actor_id
    where x.partnership_id = p.id order by x.id) m), '[]')"""

PARTNERSHIPS = Directory(
    fields=f"""p.id, p.title, p.type, p.stage, case when h.id is not null then {one("h.slug, h.name")} end as theme,
        p.objectives, p.starts_on, coalesce(p.ended_on, p.ends_on) as ends_on, {PARTIES} as parties,
        {one("t.slug, t.name")} as territory, coalesce(p.publish_at, p.published_at) as published_at, p.updated_at""",
    source="partnerships p join territories t on t.id = p.territory_id left join themes h on h.id = p.theme_id",
    order=(("p.sort_title", "text"), ("p.id", "uuid")),
    conditions={
        "territory": "p.territory_id = {territory}::uuid",
        "type": "p.type = {type}::text",
        "theme": "p.theme_id = any({theme}::uuid[])",
        "party": """exists (select from partnership_parties x
            where x.partnership_id = p.id and x.actor_id = {party}::uuid)""",
    },
    always=announced("p"),
    modified="p.updated_at",
    name="p.id = {place}::uuid",
    until=next_announced("partnerships"),
    gone=gone("partnerships", "partnerships"),
)
