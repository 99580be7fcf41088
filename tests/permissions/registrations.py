"""Registrations and minutes as the matrix asks for them: of one's own organisation (for minutes, on an event it
organises), of a neighbour's, or abroad."""

from datetime import timedelta
from typing import Any

from app.events.models import Event, RegistrationMode
from app.events.registrations.models import RegistrationStatus
from tests.events.registrations.factories import a_registration, some_minutes
from tests.permissions.world import SOURCE, Ask, Prepare, World, a_file, event, nothing

BEGUN = timedelta(hours=-1)


async def open_event(world: World, whose: str, role: str, **traits: Any) -> Event:
    """A published event one signs up to here."""
    return await world.event(whose, role, published=True, registration_mode=RegistrationMode.INTERNAL, **traits)


async def new_registration(world: World, whose: str, role: str) -> Ask:
    open_to_all = await open_event(world, "foreign" if whose == "foreign" else "neighbour", role)
    body: dict[str, Any] = {"event_id": str(open_to_all.id), "actor_id": str(world.actor(whose, role).id)}
    if role == "partner":
        body["external_ids"] = [{"source": SOURCE, "id": "new"}]
    return Ask({}, body)


def registration(
    status: RegistrationStatus = RegistrationStatus.REGISTERED, body: dict[str, Any] | None = None, **traits: Any
) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        on = await open_event(world, "foreign" if whose == "foreign" else "neighbour", role, **traits)
        sources = (SOURCE,) if whose == "own" and role == "partner" else ()
        row = await a_registration(world.session, on, actor=world.actor(whose, role), status=status, sources=sources)
        return Ask({"registration_id": row.id}, body)

    return prepare


async def new_minutes(world: World, whose: str, role: str) -> Ask:
    return Ask({}, {"event_id": str((await open_event(world, whose, role)).id), "agenda": "1. Bilan"})


def minutes(body: dict[str, Any] | None = None) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        on = await open_event(world, whose, role, starts_in=BEGUN)
        return Ask({"minutes_id": (await some_minutes(world.session, on)).id}, body)

    return prepare


async def a_room(world: World, on: Event) -> dict[str, Any]:
    """Somebody on the list of an event, and somebody who was not."""
    listed = await a_registration(world.session, on, actor=world.actor("neighbour", "admin"))
    return {
        "items": [{"registration_id": str(listed.id), "attendance": "attended"}],
        "walk_ins": [{"actor_id": str(world.named.id)}],
    }


async def room(world: World, whose: str, role: str) -> Ask:
    on = await open_event(world, whose, role, starts_in=BEGUN)
    return Ask({"event_id": on.id}, await a_room(world, on))


async def amendment(world: World, whose: str, role: str) -> Ask:
    on = await open_event(world, whose, role, starts_in=BEGUN)
    body = {"text": "Rectifié.", **await a_room(world, on)}
    return Ask({"minutes_id": (await some_minutes(world.session, on, closed=True)).id}, body)


PREPARE: dict[str, Prepare] = {
    "list_registrations": nothing,
    "import_registrations": a_file("personne;présence\nInconnue;présent"),
    "create_registration": new_registration,
    "get_registration": registration(),
    "delete_registration": registration(),
    "register_invited": registration(RegistrationStatus.INVITED),
    "decline_invitation": registration(RegistrationStatus.INVITED),
    "cancel_registration": registration(),
    "note_attendance": registration(body={"attendance": "attended"}, starts_in=BEGUN),
    "note_room_attendance": room,
    "count_registrations": event(),
    "list_minutes": nothing,
    "create_minutes": new_minutes,
    "get_minutes": minutes(),
    "update_minutes": minutes({"agenda": "Autre"}),
    "delete_minutes": minutes(),
    "close_minutes": minutes(),
    "amend_minutes": amendment,
}
