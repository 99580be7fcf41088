"""The rows an event refers to, each within its caller's sight: what lies out of it is as if it did not exist."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.actors.policy import visible_to as actors_visible_to
from app.core.db import touch
from app.core.errors import ErrorAt, InvalidInput, pointer
from app.core.fields import ExternalId
from app.core.references import all_referred, referred
from app.events import policy
from app.events.models import Event, EventActor, EventActorRole, EventExternalId
from app.events.schemas import EventFields
from app.identity.caller import Caller
from app.territories.models import Territory, TerritoryMunicipality, Theme
from app.territories.policy import memberships_of, territories_visible_to
from app.territories.policy import visible_to as themes_visible_to

ROLES = {"organiser_ids": EventActorRole.ORGANISER, "partner_ids": EventActorRole.PARTNER}


async def territory_of(session: AsyncSession, caller: Caller, territory_id: UUID) -> Territory:
    """The territory of an event. Raises `InvalidInput`."""
    return await referred(session, territories_visible_to(caller), Territory, "territory_id", territory_id)


async def attach(session: AsyncSession, caller: Caller, event: Event, body: EventFields, territory: Territory) -> None:
    """Tie the event to the themes, actors and foreign names the body gives, and check its commune.

    Raises `InvalidInput`.
    """
    given = body.model_fields_set
    if body.insee_code is not None and "insee_code" in given:
        await _require_municipality(session, territory, body.insee_code)
    if "theme_ids" in given:
        themes = themes_visible_to(caller, Theme).where(Theme.territory_id == event.territory_id)
        event.themes = await all_referred(session, themes, Theme, "theme_ids", body.theme_ids)
    if body.working_group_id and body.working_group_id != event.working_group_id:
        await _require_working_group(session, caller, event, body.working_group_id)
    if "working_group_id" in given:
        event.working_group_id = body.working_group_id
    if "sequence_id" in given and body.sequence_id != event.sequence_id:
        for sequence_id in filter(None, (event.sequence_id, body.sequence_id)):
            await _require_sequence(session, caller, event, sequence_id)
        event.sequence_id = body.sequence_id
    for name in ROLES.keys() & given:
        await _attach_actors(session, caller, event, name, getattr(body, name))
    if "external_ids" in given:
        event.external_ids = _names(event, caller, body.external_ids)


async def _require_municipality(session: AsyncSession, territory: Territory, insee_code: str) -> None:
    """A commune that is, was or will be of the territory."""
    of_it = memberships_of(territory).where(TerritoryMunicipality.insee_code == insee_code).limit(1)
    if await session.scalar(of_it) is None:
        raise InvalidInput(ErrorAt("#/insee_code", "unknown_reference"))


async def _require_working_group(session: AsyncSession, caller: Caller, event: Event, id_: UUID) -> None:
    if await session.scalar(policy.working_groups_meeting_by(caller, event.territory_id, id_)) is None:
        raise InvalidInput(ErrorAt("#/working_group_id", "unknown_reference"))


async def _require_sequence(session: AsyncSession, caller: Caller, event: Event, id_: UUID) -> None:
    """A sequence whose sessions the caller says; those of a closed edition stay."""
    state = await session.scalar(policy.sequences_held_by(caller, event.territory_id, id_))
    if state is None:
        raise InvalidInput(ErrorAt("#/sequence_id", "unknown_reference"))
    if state == "closed":
        raise InvalidInput(ErrorAt("#/sequence_id", "edition_closed"))


async def _attach_actors(session: AsyncSession, caller: Caller, event: Event, name: str, ids: Sequence[UUID]) -> None:
    """The actors of one role, in this order; a tie that stays keeps its row."""
    actors = actors_visible_to(caller).where(Actor.territory_id == event.territory_id)
    role, found = ROLES[name], await all_referred(session, actors, Actor, name, ids)
    kept = {link.actor_id: link for link in event.actors if link.role is role}
    links = [kept.get(actor.id) or EventActor(actor_id=actor.id, role=role) for actor in found]
    for position, link in enumerate(links, 1):
        if link.position not in (None, position):
            touch(event)
        link.position = position
    event.actors = [link for link in event.actors if link.role is not role] + links


def _names(event: Event, caller: Caller, given: Sequence[ExternalId]) -> list[EventExternalId]:
    """The names other systems give it: a caller changes those of its own system, and leaves the others."""
    known = {row.source: row for row in event.external_ids}
    faults = [
        ErrorAt(pointer("external_ids", place, "source"), "foreign_source")
        for place, name in enumerate(given)
        if not policy.writes_source(caller, name.source) and not _is_known(known, name)
    ]
    if faults:
        raise InvalidInput(*faults)
    names = {source: row for source, row in known.items() if not policy.writes_source(caller, source)}
    for name in given:
        row = known.get(name.source) or EventExternalId(source=name.source, territory_id=event.territory_id)
        if row.external_id not in (None, name.id):
            touch(event)
        row.external_id = name.id
        names[name.source] = row
    return list(names.values())


def _is_known(known: Mapping[str, EventExternalId], name: ExternalId) -> bool:
    return name.source in known and known[name.source].external_id == name.id
