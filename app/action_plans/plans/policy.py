"""Who sees action plans, and who may change them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import ColumnElement, Select, exists, false, literal, or_, select
from sqlalchemy.orm import joinedload

from app.action_plans.actions.models import Action, ActionActor
from app.action_plans.plans.models import ActionPlan
from app.action_plans.plans.states import MOVES, PlanVerb
from app.core import clock
from app.core.db import one_or_404, require_visible
from app.core.publication import PUBLICATION_MOVES, Publishable, is_announced, stage_of
from app.core.routing import OpenSession
from app.core.states import verbs_from
from app.identity.caller import Caller, CurrentCaller, Role


def visible_to(caller: Caller) -> Select[ActionPlan]:
    """The collectivité sees all plans of its territories; others the published ones, and a school or an organisation
    those with an action it leads or helps."""
    plans = (
        select(ActionPlan)
        .where(ActionPlan.territory_id.in_(caller.territory_ids))
        .options(joinedload(ActionPlan.theme))
    )
    match caller.role:
        case Role.COLLECTIVITE:
            return plans
        case Role.REFERENT | Role.CLUB_MEMBER:
            return plans.where(or_(is_announced(ActionPlan), _has_own_action(caller)))
        case Role.PARTNER:
            return plans.where(is_announced(ActionPlan))
        case Role.OPERATOR:
            return plans.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller) -> Select[ActionPlan]:
    """The collectivité writes the plans of its territories; no one else does."""
    plans = visible_to(caller)
    return plans if caller.role is Role.COLLECTIVITE else plans.where(false())


def _has_own_action(caller: Caller) -> ColumnElement[bool]:
    own = exists(literal(1)).where(Action.plan_id == ActionPlan.id, ActionActor.action_id == Action.id)
    return own.where(ActionActor.actor_id.in_(caller.own_actor_ids))


def tell_actions(caller: Caller, plans: Iterable[ActionPlan]) -> None:
    """Put in `allowed_actions` of each plan what the caller may do with it now."""
    now = clock.now()
    for plan in plans:
        verbs = [PlanVerb.EDIT, PlanVerb.DELETE, *verbs_from(MOVES, plan.state)] if is_writer(caller) else []
        plan.allowed_actions = [*verbs, *publishing_verbs(caller, plan, now)]


def is_writer(caller: Caller) -> bool:
    """Whether the caller writes plans and actions: the collectivité, with a token that says so."""
    return caller.role is Role.COLLECTIVITE and "plans:write" in caller.scopes


def publishing_verbs(caller: Caller, row: Publishable, now: datetime) -> list[str]:
    """What one who publishes plans and actions may do with this one now."""
    is_publisher = caller.role is Role.COLLECTIVITE and "plans:publish" in caller.scopes
    return list(verbs_from(PUBLICATION_MOVES, stage_of(row, now))) if is_publisher else []


async def load(plan_id: UUID, caller: CurrentCaller, session: OpenSession) -> ActionPlan:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(ActionPlan.id == plan_id))


async def load_editable(plan_id: UUID, caller: CurrentCaller, session: OpenSession) -> ActionPlan:
    """Raises `NotFound`, or `NotAllowed` for a plan the caller only reads."""
    plan = await load(plan_id, caller, session)
    await require_visible(session, plan, within=editable(caller))
    return plan


VisiblePlan = Annotated[ActionPlan, Depends(load)]
EditablePlan = Annotated[ActionPlan, Depends(load_editable)]
