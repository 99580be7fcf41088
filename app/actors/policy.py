"""Who sees the actors of a territory, and who may change them."""

from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, false, select
from sqlalchemy.orm import joinedload, selectinload

from app.actors.models import Actor, ActorExternalId
from app.core.db import one_or_404, require_visible
from app.core.routing import OpenSession
from app.identity.caller import Caller, CurrentCaller, Role


def visible_to(caller: Caller) -> Select[Actor]:
    """Whoever works in a territory sees all its actors; the operator sees none."""
    actors = select(Actor).options(
        joinedload(Actor.municipality), selectinload(Actor.themes), selectinload(Actor.external_ids)
    )
    match caller.role:
        case Role.COLLECTIVITE | Role.REFERENT | Role.CLUB_MEMBER | Role.PARTNER:
            return actors.where(Actor.territory_id.in_(caller.territory_ids))
        case Role.OPERATOR:
            return actors.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller) -> Select[Actor]:
    """The collectivité changes all; a referent their school, a club member their organisation, a partner system
    the rows it named with a source of its own."""
    actors = visible_to(caller)
    match caller.role:
        case Role.COLLECTIVITE:
            return actors
        case Role.REFERENT | Role.CLUB_MEMBER:
            return actors.where(Actor.id.in_(caller.own_actor_ids))
        case Role.PARTNER:
            return actors.where(Actor.external_ids.any(ActorExternalId.source == caller.source))
        case Role.OPERATOR:
            return actors.where(false())
        case unknown:
            assert_never(unknown)


def removable(caller: Caller) -> Select[Actor]:
    """The collectivité removes any, a partner system those it named; no organisation removes itself."""
    actors = editable(caller)
    return actors.where(false()) if caller.role in (Role.REFERENT, Role.CLUB_MEMBER) else actors


async def load(actor_id: UUID, caller: CurrentCaller, session: OpenSession) -> Actor:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(Actor.id == actor_id))


async def load_editable(actor_id: UUID, caller: CurrentCaller, session: OpenSession) -> Actor:
    """Raises `NotFound`, or `NotAllowed` for an actor the caller only reads."""
    actor = await load(actor_id, caller, session)
    await require_visible(session, actor, within=editable(caller))
    return actor


async def load_removable(actor_id: UUID, caller: CurrentCaller, session: OpenSession) -> Actor:
    """Raises `NotFound`, or `NotAllowed` for an actor the caller may not remove."""
    actor = await load(actor_id, caller, session)
    await require_visible(session, actor, within=removable(caller))
    return actor


VisibleActor = Annotated[Actor, Depends(load)]
EditableActor = Annotated[Actor, Depends(load_editable)]
RemovableActor = Annotated[Actor, Depends(load_removable)]
