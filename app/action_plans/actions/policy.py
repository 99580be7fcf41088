"""Who sees actions, who may change them, and who contributes to them.

To contribute is to write notes on the actions one's organisation leads or helps, and to mark the milestones of
those it leads.
"""

from collections.abc import Iterable
from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import ColumnElement, Select, exists, false, literal, or_, select
from sqlalchemy.orm import joinedload, selectinload, with_expression

from app.action_plans.actions.lateness import is_late
from app.action_plans.actions.models import Action, ActionActor, ActionActorRole
from app.action_plans.actions.schemas import Beneficiaries
from app.action_plans.actions.states import MOVES, ActionVerb
from app.action_plans.plans.models import PlanState
from app.action_plans.plans.policy import is_writer, publishing_verbs
from app.core import clock
from app.core.db import one_or_404, require_visible
from app.core.errors import ErrorAt, NotAllowed
from app.core.publication import is_announced
from app.core.routing import OpenSession
from app.core.states import verbs_from
from app.identity.caller import Caller, CurrentCaller, Role

FEWEST_TOLD = 5
EVERYTHING = (
    joinedload(Action.plan),
    selectinload(Action.themes),
    selectinload(Action.actors).joinedload(ActionActor.actor),
)


def visible_to(caller: Caller) -> Select[Action]:
    """The collectivité sees all actions of its territories; others the published ones, and a school or an
    organisation those it leads or helps."""
    actions = select(Action).where(Action.territory_id.in_(caller.territory_ids))
    match caller.role:
        case Role.COLLECTIVITE:
            return actions
        case Role.REFERENT | Role.CLUB_MEMBER:
            return actions.where(or_(is_announced(Action), _has_actor(caller)))
        case Role.PARTNER:
            return actions.where(is_announced(Action))
        case Role.OPERATOR:
            return actions.where(false())
        case unknown:
            assert_never(unknown)


def in_full(actions: Select[Action]) -> Select[Action]:
    """The same actions with all that is shown of them."""
    return actions.options(*EVERYTHING, with_expression(Action.is_late, is_late()))


def editable(caller: Caller) -> Select[Action]:
    """The collectivité writes the actions of its territories; no one else does."""
    actions = visible_to(caller)
    return actions if caller.role is Role.COLLECTIVITE else actions.where(false())


def shared_with(caller: Caller) -> Select[Action]:
    """The actions that are the caller's own work, whose notes, mentorships and means it may know of: all for the
    collectivité, for a school or an organisation those it leads or helps."""
    actions = visible_to(caller)
    match caller.role:
        case Role.COLLECTIVITE:
            return actions
        case Role.REFERENT | Role.CLUB_MEMBER:
            return actions.where(_has_actor(caller))
        case Role.PARTNER | Role.OPERATOR:
            return actions.where(false())
        case unknown:
            assert_never(unknown)


def _has_actor(caller: Caller) -> ColumnElement[bool]:
    own = ActionActor.actor_id.in_(caller.own_actor_ids)
    return exists(literal(1)).where(ActionActor.action_id == Action.id, own)


def takes_part(caller: Caller, action: Action, *roles: ActionActorRole) -> bool:
    """Whether the caller contributes to this action: the collectivité does, and its leads and partners (or those of
    these roles) do."""
    if caller.role is Role.COLLECTIVITE:
        return True
    return any(link.actor_id in caller.own_actor_ids for link in action.actors if not roles or link.role in roles)


def require_part(caller: Caller, action: Action, *roles: ActionActorRole) -> None:
    """Raises `NotAllowed` unless the caller contributes to this action in one of these roles."""
    if not takes_part(caller, action, *roles):
        raise NotAllowed(ErrorAt("#", "leads_only" if roles else "contributors_only"))


def tell(caller: Caller, actions: Iterable[Action]) -> None:
    """Put beside each action what the caller may do with it now, and the beneficiaries it may be told of.

    Who only reads a published action is not told a count of people so small that it could point at someone.
    """
    for action in actions:
        is_own = takes_part(caller, action)
        real = action.beneficiaries_real
        suppressed = not is_own and real is not None and real < FEWEST_TOLD
        action.beneficiaries = Beneficiaries(
            planned=action.beneficiaries_planned, real=None if suppressed else real, suppressed=suppressed
        )
        notes = [ActionVerb.ANNOTATE] if is_own and "plans:contribute" in caller.scopes else []
        action.allowed_actions = [*_verbs(caller, action), *publishing_verbs(caller, action, clock.now()), *notes]


def _verbs(caller: Caller, action: Action) -> list[ActionVerb]:
    if not is_writer(caller):
        return []
    moves = [ActionVerb.EDIT, ActionVerb.DELETE, *verbs_from(MOVES, action.state)]
    return [verb for verb in moves if verb is not ActionVerb.START or action.plan.state is not PlanState.CLOSED]


async def load(action_id: UUID, caller: CurrentCaller, session: OpenSession) -> Action:
    """Raises `NotFound`."""
    return await one_or_404(session, in_full(visible_to(caller)).where(Action.id == action_id))


async def load_editable(action_id: UUID, caller: CurrentCaller, session: OpenSession) -> Action:
    """Raises `NotFound`, or `NotAllowed` for an action the caller only reads."""
    action = await load(action_id, caller, session)
    await require_visible(session, action, within=editable(caller))
    return action


VisibleAction = Annotated[Action, Depends(load)]
EditableAction = Annotated[Action, Depends(load_editable)]
