"""Needs, working groups and members as the matrix asks for them: an `own` need is voiced by the caller's school or
organisation, an `own` group has a member of it; a `neighbour`'s is published, a `hidden` one is not."""

from typing import Any

from app.dialogue.needs.models import Need, NeedState
from app.dialogue.working_groups.models import GroupMember, GroupState, WorkingGroup
from tests import factories
from tests.dialogue.factories import a_group, a_member, a_need
from tests.permissions.world import Ask, Prepare, World, nothing

REASON = {"reason": "Reste à faire"}


async def held_need(world: World, whose: str, role: str, **traits: Any) -> Need:
    values = {"voiced_by": world.actor(whose, role), "published": whose == "neighbour", **traits}
    return await a_need(world.session, world.territory(whose), **values)


async def held_group(world: World, whose: str, role: str, **traits: Any) -> WorkingGroup:
    group = await a_group(world.session, world.territory(whose), **{"published": whose == "neighbour", **traits})
    if whose == "own":
        await held_member(world, whose, role, group)
    return group


async def held_member(world: World, whose: str, role: str, group: WorkingGroup | None = None) -> GroupMember:
    group = group or await a_group(world.session, world.territory(whose))
    person, _affiliation = await world.person(whose, role)
    return await a_member(world.session, group, person, world.actor(whose, role))


def need(body: dict[str, Any] | None = None, **traits: Any) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        return Ask({"need_id": (await held_need(world, whose, role, **traits)).id}, body)

    return prepare


async def new_need(world: World, whose: str, role: str) -> Ask:
    territory = world.territory(whose)
    theme = await factories.a_theme(world.session, territory)
    ids = {"territory_id": territory.id, "theme_id": theme.id, "voiced_by_id": world.actor(whose, role).id}
    return Ask({}, {**{name: str(id_) for name, id_ in ids.items()}, "statement": "Des stages", "severity": 3})


def group(body: dict[str, Any] | None = None, **traits: Any) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        return Ask({"working_group_id": (await held_group(world, whose, role, **traits)).id}, body)

    return prepare


async def empty_group(world: World, whose: str, _role: str) -> Ask:
    """A group without members, to be deleted."""
    row = await a_group(world.session, world.territory(whose), published=whose == "neighbour")
    return Ask({"working_group_id": row.id})


def leads(world: World) -> list[dict[str, Any]]:
    return [{"role": "company", "actor_id": str(world.company.id), "person_id": None}]


async def new_group(world: World, whose: str, _role: str) -> Ask:
    programme = await world.programme(whose)
    theme = await factories.a_theme(world.session, world.territory(whose))
    ids = {"programme_id": str(programme.id), "theme_id": str(theme.id)}
    return Ask({}, {**ids, "name": "Nouveau", "leads": leads(world)})


async def changed_group(world: World, whose: str, role: str) -> Ask:
    return Ask({"working_group_id": (await held_group(world, whose, role)).id}, {"leads": leads(world)})


async def new_member(world: World, whose: str, role: str) -> Ask:
    """Into a group that all see, on behalf of an actor of the caller's, of a neighbour's, or abroad."""
    row = await a_group(world.session, world.territory(whose), published=True)
    person, affiliation = await world.person(whose, role)
    body = {"person_id": str(person.id), "actor_id": str(affiliation.actor_id)}
    return Ask({"working_group_id": row.id}, body)


def member(**body: Any) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        return Ask({"member_id": (await held_member(world, whose, role)).id}, body or None)

    return prepare


PREPARE: dict[str, Prepare] = {
    "list_needs": nothing,
    "create_need": new_need,
    "get_need": need(),
    "update_need": need({"severity": 5}),
    "delete_need": need(),
    "qualify_need": need({}),
    "send_back_need": need(REASON, state=NeedState.QUALIFIED),
    "address_need": need(state=NeedState.QUALIFIED, with_action=True),
    "close_need": need(REASON),
    "reopen_need": need(REASON, state=NeedState.CLOSED),
    "publish_need": need({}, published=False),
    "withdraw_need": need(REASON, published=True),
    "list_working_groups": nothing,
    "create_working_group": new_group,
    "get_working_group": group(),
    "get_working_group_health": group(),
    "update_working_group": changed_group,
    "delete_working_group": empty_group,
    "activate_working_group": group({}, led=True),
    "conclude_working_group": group({}),
    "reopen_working_group": group(REASON, state=GroupState.CONCLUDED, led=True),
    "publish_working_group": group({}, published=False),
    "withdraw_working_group": group(REASON, published=True),
    "list_working_group_members": group(),
    "create_working_group_member": new_member,
    "get_working_group_member": member(),
    "update_working_group_member": member(role="Rapporteuse"),
    "delete_working_group_member": member(),
}
