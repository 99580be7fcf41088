"""Who may be put on a list: people and actors of the event's territory for whom the caller answers."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.actors.people.models import Person
from app.actors.people.policy import visible_to as people_visible_to
from app.actors.policy import editable as actors_editable
from app.actors.policy import visible_to as actors_visible_to
from app.core.db import R
from app.core.errors import ErrorAt, InvalidInput, NotAllowed
from app.events.registrations.schemas import Participant
from app.identity.caller import Caller


async def require(
    session: AsyncSession, caller: Caller, territory_id: UUID, given: Sequence[tuple[Participant, str]]
) -> None:
    """Raises `InvalidInput` for who is not of the territory or out of sight, `NotAllowed` for an actor that is only
    read. Each participant comes with the place it stands at."""
    people = {who.person_id for who, _ in given if who.person_id}
    actors = {who.actor_id for who, _ in given if who.actor_id}
    here = actors_visible_to(caller).where(Actor.territory_id == territory_id)
    within = people_visible_to(caller).where(Person.territory_id == territory_id)
    known = await _among(session, within, Person, people) | await _among(session, here, Actor, actors)
    faults = [
        ErrorAt(f"{at}/{name}", "unknown_reference")
        for who, at in given
        for name in ("person_id", "actor_id")
        if getattr(who, name) and getattr(who, name) not in known
    ]
    if faults:
        raise InvalidInput(*faults)
    own = await _among(session, actors_editable(caller), Actor, actors)
    foreign = [
        ErrorAt(f"{at}/actor_id", "not_your_actor") for who, at in given if who.actor_id and who.actor_id not in own
    ]
    if foreign:
        raise NotAllowed(*foreign)


async def _among(session: AsyncSession, rows: Select[R], kind: type[R], ids: Collection[UUID]) -> set[UUID]:
    """Those of `ids` that are among the rows."""
    if not ids:
        return set()
    return set(await session.scalars(rows.where(kind.id.in_(ids)).with_only_columns(kind.id)))
