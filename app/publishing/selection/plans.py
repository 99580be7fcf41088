"""Published action plans and actions: the explicit list of what anyone may read of them. Why an action stands still,
who noted what and what it costs stay among those who work on it."""

from app.publishing.selection.directory import Directory
from app.publishing.selection.items import one
from app.publishing.selection.published import announced, gone, next_announced

FEWEST_TOLD = 11
"""A smaller count of people is not told: it could point at someone."""
TERRITORY = f"{one('t.slug, t.name')} as territory"
PUBLISHED_AT = "coalesce({0}.publish_at, {0}.published_at) as published_at, {0}.updated_at"

ACTION_PLANS = Directory(
    fields=f"""p.id, p.title, p.summary, g.name as programme,
        case when h.id is not null then {one("h.slug, h.name")} end as theme, p.is_cross_cutting, p.state,
        p.starts_on, p.ends_on, {TERRITORY}, {PUBLISHED_AT.format("p")}""",
    source="""action_plans p join territories t on t.id = p.territory_id join programmes g on g.id = p.programme_id
        left join themes h on h.id = p.theme_id""",
    order=(("p.sort_title", "text"), ("p.id", "uuid")),
    conditions={
        "territory": "p.territory_id = {territory}::uuid",
        "theme": "p.theme_id = any({theme}::uuid[])",
        "is_cross_cutting": "p.is_cross_cutting = {is_cross_cutting}::boolean",
        "state": "p.state = {state}::text",
    },
    always=announced("p"),
    modified="p.updated_at",
    name="p.id = {place}::uuid",
    until=next_announced("action_plans"),
    gone=gone("action_plans", "action-plans"),
)


def _actors(role: str) -> str:
    return f"""coalesce((select json_agg(row_to_json(a)) from (
        select o.id, o.name from action_actors x join actors o on o.id = x.actor_id
        where x.action_id = c.id and x.role = '{role}' order by x.position) a), '[]')"""


THEMES = """coalesce((select json_agg(row_to_json(h)) from (
    select h.slug, h.name from action_themes x join themes h on h.id = x.theme_id
    where x.action_id = c.id order by h.position, h.slug) h), '[]')"""
IS_FEW = f"coalesce(c.beneficiaries_real < {FEWEST_TOLD}, false)"
BENEFICIARIES = one(
    f"""c.beneficiaries_planned as planned, case when not {IS_FEW} then c.beneficiaries_real end as real,
        {IS_FEW} as suppressed"""
)

ACTIONS = Directory(
    fields=f"""c.id, c.title, c.description, c.objective,
        case when p.id is not null then {one("p.id, p.title")} end as plan, c.is_cross_cutting, {THEMES} as themes,
        {_actors("lead")} as leads, {_actors("partner")} as partners, c.state, c.planned_start_on, c.planned_end_on,
        c.started_on, c.ended_on, {BENEFICIARIES} as beneficiaries, {TERRITORY}, {PUBLISHED_AT.format("c")}""",
    source=f"""actions c join territories t on t.id = c.territory_id
        left join action_plans p on p.id = c.plan_id and {announced("p")}""",
    order=(("c.sort_title", "text"), ("c.id", "uuid")),
    conditions={
        "territory": "c.territory_id = {territory}::uuid",
        "theme": """exists (select from action_themes x
            where x.action_id = c.id and x.theme_id = any({theme}::uuid[]))""",
        "is_cross_cutting": "c.is_cross_cutting = {is_cross_cutting}::boolean",
        "state": "c.state = {state}::text",
        "plan": "p.id = {plan}::uuid",
        "actor": """exists (select from action_actors x where x.action_id = c.id and x.actor_id = {actor}::uuid)""",
    },
    always=announced("c"),
    modified="c.updated_at",
    name="c.id = {place}::uuid",
    until=f"least({next_announced('actions')}, {next_announced('action_plans')})",
    gone=gone("actions", "actions"),
)
