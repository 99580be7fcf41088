"""Editions, sequences and classes as the matrix asks for them: an `own` edition is for the referent's school and still
in preparation, as a `hidden` one of another school is; a `neighbour`'s is published."""

from datetime import UTC, datetime
from typing import Any

from app.actors.models import Actor, ActorKind
from app.events.models import EventKind
from app.events.registrations.models import Attendance
from app.q2er.editions.models import Edition, EditionState
from tests import factories
from tests.events.registrations.factories import a_registration
from tests.permissions.world import Ask, Prepare, World, nothing
from tests.q2er.factories import a_class, a_sequence, an_edition

REASON = {"reason": "Annoncée trop tôt"}
IN_AUTUMN = datetime(2016, 10, 11, 8, tzinfo=UTC)


async def school_of(world: World, whose: str) -> Actor:
    if whose == "own":
        return world.school
    return await factories.a_school(world.session, world.territory(whose))


async def held_edition(world: World, whose: str, **traits: Any) -> Edition:
    values = {"schools": (await school_of(world, whose),), "published": whose == "neighbour", **traits}
    return await an_edition(world.session, world.territory(whose), **values)


def edition(body: dict[str, Any] | None = None, **traits: Any) -> Prepare:
    async def prepare(world: World, whose: str, _role: str) -> Ask:
        return Ask({"edition_id": (await held_edition(world, whose, **traits)).id}, body)

    return prepare


async def new_edition(world: World, whose: str, _role: str) -> Ask:
    programme = await world.programme(whose)
    body = {"programme_id": str(programme.id), "school_year": "2016-2017"}
    return Ask({}, body | {"school_ids": [str((await school_of(world, whose)).id)]})


def with_a_session(state: EditionState) -> Prepare:
    """An edition whose only session has taken place, with its attendance."""

    async def prepare(world: World, whose: str, _role: str) -> Ask:
        row = await held_edition(world, whose, state=state)
        sequence = await a_sequence(world.session, row)
        talk = await factories.an_event(
            world.session, world.territory(whose), starts_at=IN_AUTUMN, sequence_id=sequence.id,
            kind=EventKind.SCHOOL_TALK,
        )  # fmt: skip
        company = await factories.an_actor(world.session, world.territory(whose), kind=ActorKind.COMPANY)
        await a_registration(world.session, talk, actor=company, attendance=Attendance.ATTENDED)
        return Ask({"edition_id": row.id})

    return prepare


async def all_sequences(world: World, whose: str, _role: str) -> Ask:
    row = await held_edition(world, whose)
    found = [await a_sequence(world.session, row, position=place) for place in (1, 2)]
    return Ask({"edition_id": row.id}, {"sequence_ids": [str(one.id) for one in reversed(found)]})


async def new_sequence(world: World, whose: str, _role: str) -> Ask:
    row = await held_edition(world, whose)
    return Ask({}, {"edition_id": str(row.id), "kind": "closing", "title": "Clôture"})


def sequence(body: dict[str, Any] | None = None) -> Prepare:
    async def prepare(world: World, whose: str, _role: str) -> Ask:
        row = await a_sequence(world.session, await held_edition(world, whose))
        return Ask({"sequence_id": row.id}, body)

    return prepare


async def new_class(world: World, whose: str, _role: str) -> Ask:
    body = {"school_year": "2016-2017", "name": "2nde 4", "level": "2nde", "headcount": 32}
    return Ask({}, body | {"school_id": str((await school_of(world, whose)).id)})


def school_class(body: dict[str, Any] | None = None) -> Prepare:
    async def prepare(world: World, whose: str, _role: str) -> Ask:
        row = await a_class(world.session, await school_of(world, whose))
        return Ask({"class_id": row.id}, body)

    return prepare


PREPARE: dict[str, Prepare] = {
    "list_editions": nothing,
    "create_edition": new_edition,
    "get_edition": edition(),
    "update_edition": edition({"theme": "Autre thème"}),
    "delete_edition": edition(),
    "open_edition": with_a_session(EditionState.PREPARING),
    "close_edition": with_a_session(EditionState.RUNNING),
    "publish_edition": edition({}, published=False),
    "withdraw_edition": edition(REASON, published=True),
    "replicate_edition": edition({"school_year": "2017-2018"}),
    "list_conflicts": edition(),
    "reorder_sequences": all_sequences,
    "list_sequences": nothing,
    "create_sequence": new_sequence,
    "get_sequence": sequence(),
    "update_sequence": sequence({"title": "Autre titre"}),
    "delete_sequence": sequence(),
    "list_classes": nothing,
    "create_class": new_class,
    "get_class": school_class(),
    "update_class": school_class({"headcount": 31}),
    "delete_class": school_class(),
}
