"""Who may be put on a list: people and actors of the event's territory for whom the caller answers."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors import policy as actors_policy
from app.actors.models import Actor
from app.actors.people import policy as people_policy
from app.actors.people.models import Person
from app.core.db import Resource
from app.core.errors import ErrorAt, InvalidInput, NotAllowed
from app.events.registrations.schemas import Participant
from app.identity.caller import Caller


async def require(
    session: AsyncSession, caller: Caller, territory_id: UUID, given: Sequence[tuple[Participant, str]]
) -> None:
    """Each participant comes with the place it stands at.

    Raises `InvalidInput` for who is out of sight or of another territory, `NotAllowed` for who is only read: an
    organisation signs up itself, and those who are its people today.
    """
    for name, kind, seen, own in (
        ("person_id", Person, people_policy.visible_to(caller), people_policy.editable(caller)),
        ("actor_id", Actor, actors_policy.visible_to(caller), actors_policy.editable(caller)),
    ):
        places = [(getattr(who, name), f"{at}/{name}") for who, at in given if getattr(who, name)]
        ids = {id_ for id_, _ in places}
        here = await _among(session, seen.where(kind.territory_id == territory_id), kind, ids)
        unknown = [ErrorAt(at, "unknown_reference") for id_, at in places if id_ not in here]
        if unknown:
            raise InvalidInput(*unknown)
        answered_for = await _among(session, own, kind, ids)
        foreign = [ErrorAt(at, "not_yours_to_sign_up") for id_, at in places if id_ not in answered_for]
        if foreign:
            raise NotAllowed(*foreign)


async def _among(session: AsyncSession, rows: Select[Any], kind: type[Resource], ids: Collection[UUID]) -> set[UUID]:
    """Those of `ids` that are among the rows."""
    if not ids:
        return set()
    return set(await session.scalars(rows.where(kind.id.in_(ids)).with_only_columns(kind.id)))
