"""Who sees means, and who may change them."""

from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, false, or_, select
from sqlalchemy.orm import joinedload

from app.action_plans.actions.models import Action
from app.action_plans.actions.policy import shared_with
from app.action_plans.means.models import Means
from app.core.db import one_or_404, require_visible
from app.core.routing import OpenSession
from app.identity.caller import Caller, CurrentCaller, Role


def visible_to(caller: Caller) -> Select[Means]:
    """The collectivité sees all means of its territories; a school or an organisation those it gives, and those of
    actions it leads or helps; a partner system and the operator none."""
    means = select(Means).where(Means.territory_id.in_(caller.territory_ids)).options(joinedload(Means.provider))
    match caller.role:
        case Role.COLLECTIVITE:
            return means
        case Role.REFERENT | Role.CLUB_MEMBER:
            of_own_actions = Means.action_id.in_(shared_with(caller).with_only_columns(Action.id))
            return means.where(or_(Means.provider_id.in_(caller.own_actor_ids), of_own_actions))
        case Role.PARTNER | Role.OPERATOR:
            return means.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller) -> Select[Means]:
    """The collectivité writes the means of its territories; no one else does."""
    means = visible_to(caller)
    return means if caller.role is Role.COLLECTIVITE else means.where(false())


async def load(means_id: UUID, caller: CurrentCaller, session: OpenSession) -> Means:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(Means.id == means_id))


async def load_editable(means_id: UUID, caller: CurrentCaller, session: OpenSession) -> Means:
    """Raises `NotFound`, or `NotAllowed` for means the caller only reads."""
    means = await load(means_id, caller, session)
    await require_visible(session, means, within=editable(caller))
    return means


VisibleMeans = Annotated[Means, Depends(load)]
EditableMeans = Annotated[Means, Depends(load_editable)]
