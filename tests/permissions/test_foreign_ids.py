"""No body ties a row to one of another territory, even for a caller who works in both."""

from collections.abc import Awaitable, Callable, Iterator
from copy import deepcopy
from typing import Any
from uuid import UUID

import pytest

from app.main import create_api
from tests import factories
from tests.action_plans.factories import a_milestone, an_action
from tests.conftest import SETTINGS
from tests.dialogue.decisions.factories import a_decision
from tests.dialogue.factories import a_group, a_need
from tests.events.registrations.factories import a_registration
from tests.permissions.prepare import PREPARE
from tests.permissions.test_matrix import ask
from tests.permissions.world import World, a_world
from tests.q2er.factories import a_class, a_pupil, a_sequence, an_edition

Foreign = Callable[[World], Awaitable[UUID]]


async def an_actor(world: World) -> UUID:
    return world.stranger.id


async def a_theme(world: World) -> UUID:
    return world.foreign_theme.id


async def a_stage(world: World) -> UUID:
    return (await world.programme("foreign")).stages[0].id


async def an_event(world: World) -> UUID:
    return (await world.event("foreign", "admin", published=True)).id


async def a_person(world: World) -> UUID:
    return (await world.person("foreign", "admin"))[0].id


async def a_foreign_registration(world: World) -> UUID:
    event = await world.event("foreign", "admin", published=True)
    return (await a_registration(world.session, event, actor=world.stranger)).id


async def a_foreign_milestone(world: World) -> UUID:
    return (await a_milestone(world.session, await an_action(world.session, world.abroad))).id


async def a_foreign_group(world: World) -> UUID:
    return (await a_group(world.session, world.abroad, published=True)).id


async def a_foreign_action(world: World) -> UUID:
    return (await an_action(world.session, world.abroad)).id


async def a_foreign_programme(world: World) -> UUID:
    return (await world.programme("foreign")).id


async def a_foreign_need(world: World) -> UUID:
    return (await a_need(world.session, world.abroad)).id


async def a_foreign_decision(world: World) -> UUID:
    return (await a_decision(world.session, world.abroad)).id


async def a_foreign_sequence(world: World) -> UUID:
    return (await a_sequence(world.session, await an_edition(world.session, world.abroad))).id


async def a_foreign_school(world: World) -> UUID:
    return (await factories.a_school(world.session, world.abroad)).id


async def a_class_abroad(world: World) -> UUID:
    return (await a_class(world.session, await factories.a_school(world.session, world.abroad))).id


async def a_pupil_abroad(world: World) -> UUID:
    return (await a_pupil(world.session, await factories.a_school(world.session, world.abroad))).id


FOREIGN: dict[str, Foreign] = {
    "decision_id": a_foreign_decision,
    "programme_id": a_foreign_programme,
    "actor_id": an_actor,
    "recipient_id": an_actor,
    "voiced_by_id": an_actor,
    "owner_id": an_actor,
    "action_id": a_foreign_action,
    "event_id": an_event,
    "voiced_at_event_id": an_event,
    "working_group_id": a_foreign_group,
    "origin_group_id": a_foreign_group,
    "need_ids": a_foreign_need,
    "person_id": a_person,
    "registration_id": a_foreign_registration,
    "organiser_ids": an_actor,
    "partner_ids": an_actor,
    "theme_ids": a_theme,
    "theme_id": a_theme,
    "lead_ids": an_actor,
    "proposed_at_event_id": an_event,
    "milestone_ids": a_foreign_milestone,
    "mentor_id": a_person,
    "provider_id": an_actor,
    "stage_ids": a_stage,
    "tutor_id": a_person,
    "sequence_id": a_foreign_sequence,
    "sequence_ids": a_foreign_sequence,
    "school_ids": a_foreign_school,
    "referent_id": a_person,
    "class_id": a_class_abroad,
    "pupil_id": a_pupil_abroad,
}
"""What each field of a body can name, as a row of another territory. A new field has to stand here."""

ELSEWHERE = {
    "territory_id",  # the matrix asks for each operation in a territory that is not the caller's
    "predecessor_id",  # a territory, which has predecessors of elsewhere
    "source.working_group_id", "source.event_id", "source.theme_ids", "source.electors[].person_id",  # of one kind:
    # tests/dialogue/decisions/test_electors.py
    "vote.option_id", "vote.option_ids", "vote.points[].option_id", "vote.grades[].option_id", "vote.ranking[][]",
    # options of the decision: tests/dialogue/decisions/test_ballots.py
    "narrowing.territory_ids", "narrowing.actor_ids", "grant.actor_id",  # tests/identity
}  # fmt: skip


PLACING = {
    ("create_registration", "event_id"), ("create_minutes", "event_id"), ("create_action_plan", "programme_id"),
    ("create_working_group", "programme_id"),
    ("create_publication", "channel_id"),
    ("create_action", "plan_id"), ("create_mentorship", "action_id"), ("create_means", "programme_id"),
    ("create_means", "action_id"),
    ("create_pupil", "school_id"), ("create_class", "school_id"), ("create_edition", "programme_id"),
    ("create_sequence", "edition_id"), ("replicate_edition", "programme_id"),
    ("create_participation", "event_id"), ("create_internship_offer", "host_id"),
    ("enter_class_pupils", "event_id"),
    ("merge_pupil", "duplicate_id"),  # of the same school: tests/q2er/test_pupils.py
}  # fmt: skip
"""Fields that say of what territory the new row is; the matrix asks for them in one that is not the caller's."""


INSTEAD_OF = {
    ("adopt_action_plan", "decision_id"): "event_id",
    ("create_participation", "person_id"): "actor_id",
    ("create_participation", "class_id"): "actor_id",
    ("create_participation", "pupil_id"): "actor_id",
}
"""Fields of which a body holds one: what is left out when the other is asked for."""


def _fields(schema: dict[str, Any], schemas: dict[str, Any], path: str = "") -> Iterator[str]:
    """The paths of a body's fields that hold identifiers of rows, `a[].b` within a list."""
    for kind in (schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if "$ref" in kind:
            yield from _fields(schemas[kind["$ref"].rsplit("/", 1)[1]], schemas, path)
        if kind.get("format") == "uuid":
            yield path
        if "items" in kind:
            yield from _fields(kind["items"], schemas, path if "_ids" in path else f"{path}[]")
        for name, inner in kind.get("properties", {}).items():
            yield from _fields(inner, schemas, f"{path}.{name}" if path else name)


def _bodies() -> Iterator[tuple[str, str]]:
    document = create_api(SETTINGS, None).openapi()
    schemas = document["components"]["schemas"]
    for path, item in document["paths"].items():
        for operation in item.values():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            if path.startswith(("/v1/accounts", "/v1/api-tokens", "/v1/clients", "/v1/public")):
                continue
            for field in sorted(set(_fields(body, schemas))):
                is_placing = (operation["operationId"], field) in PLACING
                if not is_placing and field not in ELSEWHERE and field.rsplit(".", 1)[-1] not in ELSEWHERE:
                    yield operation["operationId"], field


CASES = list(_bodies())


@pytest.fixture
async def world(session) -> World:
    return await a_world(session)


def _put(body: dict[str, Any], path: str, value: str) -> dict[str, Any]:
    """The body with this identifier where the path says."""
    changed = deepcopy(body)
    at, (*outer, last) = changed, path.split(".")
    for name in outer:
        at = at[name.removesuffix("[]")][0] if name.endswith("[]") else at[name]
    at[last] = [value] if last.endswith("_ids") else value
    return changed


@pytest.mark.parametrize(("operation", "field"), CASES, ids=lambda value: value)
async def test_a_row_of_another_territory_is_refused(house, session, world, operation, field):
    foreign = await FOREIGN[field.rsplit(".", 1)[-1]](world)
    asked = await PREPARE[operation](world, "own", "admin")
    kept = {name: said for name, said in (asked.body or {}).items() if name != INSTEAD_OF.get((operation, field))}
    asked.body = _put(kept, field, str(foreign))
    both = factories.a_collectivite(world.here, world.abroad, admin=True)
    async with house.client(both) as client:
        answer = await ask(client, operation, asked)
    assert answer.status_code in (403, 404, 409, 422), answer.text
    assert field.split(".")[0].removesuffix("[]") in answer.text, answer.text


@pytest.mark.unit
def test_identifiers_in_bodies_are_found():
    assert {("create_event", "organiser_ids"), ("create_person", "affiliations[].actor_id")} <= set(CASES)
    assert len(CASES) >= 9
