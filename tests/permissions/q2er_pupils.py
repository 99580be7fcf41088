"""Pupils as the matrix asks for them: `own` is of the caller's school (or, for others, of a school of their territory),
`neighbour` of another school of it."""

from typing import Any

from tests import factories
from tests.permissions.world import Ask, Prepare, World, a_file, nothing
from tests.q2er.factories import a_pupil

NEW = {"first_name": "Lina", "last_name": "Durand", "birth_date": "2010-05-17", "class_name": "2nde 4"}


async def school(world: World, whose: str) -> Any:
    return world.school if whose == "own" else await factories.a_school(world.session, world.territory(whose))


def pupil(body: dict[str, Any] | None = None) -> Prepare:
    async def prepare(world: World, whose: str, _role: str) -> Ask:
        return Ask({"pupil_id": (await a_pupil(world.session, await school(world, whose))).id}, body)

    return prepare


async def new_pupil(world: World, whose: str, _role: str) -> Ask:
    return Ask({}, {"school_id": str((await school(world, whose)).id), **NEW})


async def two_entries(world: World, whose: str, _role: str) -> Ask:
    there = await school(world, whose)
    one, two = await a_pupil(world.session, there), await a_pupil(world.session, there)
    return Ask({"pupil_id": one.id}, {"duplicate_id": str(two.id)})


async def merged_entry(world: World, whose: str, _role: str) -> Ask:
    there = await school(world, whose)
    one = await a_pupil(world.session, there)
    two = await a_pupil(world.session, there, merged_into_id=one.id)
    return Ask({"pupil_id": two.id})


PREPARE: dict[str, Prepare] = {
    "list_pupils": nothing,
    "import_pupils": a_file("nom;prénom;né(e) le;classe\nDurand;Lina;17/05/2010;2nde 4"),
    "create_pupil": new_pupil,
    "get_pupil": pupil(),
    "update_pupil": pupil({"class_name": "1re 2"}),
    "erase_pupil": pupil(),
    "merge_pupil": two_entries,
    "unmerge_pupil": merged_entry,
    "list_pupil_accesses": pupil(),
    "export_pupil": pupil(),
}
