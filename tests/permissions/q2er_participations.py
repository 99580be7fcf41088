"""Participations and counts of Q2ER as the matrix asks for them: `own` is of the caller's school or organisation."""

from typing import Any

from app.q2er.editions.models import EditionState
from tests import factories
from tests.permissions.world import Ask, Prepare, World, nothing
from tests.q2er.factories import a_class, a_sequence, an_edition
from tests.q2er.sessions import THIS_YEAR, a_participation, a_session


async def session_of(world: World, whose: str) -> Any:
    edition = await an_edition(world.session, world.territory(whose), school_year=THIS_YEAR)
    return await a_session(world.session, await a_sequence(world.session, edition))


async def new_participation(world: World, whose: str, role: str) -> Ask:
    event = await session_of(world, whose)
    return Ask({}, {"event_id": str(event.id), "actor_id": str(world.actor(whose, role).id)})


def participation(body: dict[str, Any] | None = None) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        event = await session_of(world, whose)
        row = await a_participation(world.session, event, actor_id=world.actor(whose, role).id)
        return Ask({"participation_id": row.id}, body)

    return prepare


async def new_class_entry(world: World, whose: str, role: str) -> Ask:
    event = await session_of(world, whose)
    own = world.school if whose == "own" else await factories.a_school(world.session, world.territory(whose))
    of = await a_class(world.session, own, school_year=THIS_YEAR)
    return Ask({}, {"event_id": str(event.id), "class_id": str(of.id)})


async def edition(world: World, whose: str, _role: str) -> Ask:
    begun = await an_edition(world.session, world.territory(whose), state=EditionState.RUNNING)
    return Ask({"edition_id": begun.id})


PREPARE: dict[str, Prepare] = {
    "list_participations": nothing,
    "create_participation": new_participation,
    "enter_class_pupils": new_class_entry,
    "get_participation": participation(),
    "update_participation": participation({"feedback_score": 4}),
    "delete_participation": participation(),
    "get_edition_counts": edition,
    "list_edition_ledger": edition,
}
