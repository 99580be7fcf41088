"""The life of an action plan: draft → adopted → running → closed, and its way to the public."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.action_plans.actions.models import Action, ActionState
from app.action_plans.plans import policy
from app.action_plans.plans.models import ActionPlan, PlanState
from app.action_plans.plans.schemas import ActionPlanAdopt, ActionPlanCreate, ActionPlanUpdate
from app.action_plans.plans.states import MOVES, PlanVerb
from app.core import clock, publication
from app.core.db import apply, remove, save
from app.core.errors import ErrorAt, IllegalTransition, InvalidInput
from app.core.journal import give_reason
from app.core.publication import Publish, Withdraw
from app.core.references import referred
from app.core.states import led_by
from app.events.models import Event, EventStatus
from app.events.policy import visible_to as events_visible_to
from app.identity.caller import Caller
from app.territories.models import Programme, Theme
from app.territories.policy import visible_to as owned_visible_to

UNDER_WAY = (ActionState.IN_PROGRESS, ActionState.PAUSED)
NOT_HELD = (EventStatus.CANCELLED, EventStatus.POSTPONED)


async def create_plan(session: AsyncSession, caller: Caller, body: ActionPlanCreate) -> ActionPlan:
    """A draft. Raises `InvalidInput` for a programme or a theme of elsewhere."""
    programmes = owned_visible_to(caller, Programme)
    programme = await referred(session, programmes, Programme, "programme_id", body.programme_id)
    plan = ActionPlan(territory_id=programme.territory_id, state=PlanState.DRAFT, theme=None)
    return await _write(session, caller, plan, dict(body))


async def update_plan(session: AsyncSession, caller: Caller, plan: ActionPlan, body: ActionPlanUpdate) -> ActionPlan:
    """Change the fields given. Raises as `create_plan`."""
    return await _write(session, caller, plan, body.given())


async def adopt_plan(session: AsyncSession, caller: Caller, plan: ActionPlan, body: ActionPlanAdopt) -> ActionPlan:
    """Draft → adopted, at an event that has begun. Raises `IllegalTransition`, `InvalidInput`."""
    state = led_by(MOVES, PlanVerb.ADOPT, plan.state, what="plan")
    events = events_visible_to(caller).where(Event.territory_id == plan.territory_id)
    event = await referred(session, events, Event, "event_id", body.event_id)
    if event.starts_at > clock.now() or event.status in NOT_HELD:
        raise InvalidInput(ErrorAt("#/event_id", "not_held"))
    plan.state, plan.adopted_at_event_id = state, event.id
    return await _saved(session, caller, plan)


async def start_plan(session: AsyncSession, caller: Caller, plan: ActionPlan) -> ActionPlan:
    """Adopted → running. Raises `IllegalTransition`."""
    plan.state = led_by(MOVES, PlanVerb.START, plan.state, what="plan")
    return await _saved(session, caller, plan)


async def close_plan(session: AsyncSession, caller: Caller, plan: ActionPlan) -> ActionPlan:
    """Running → closed. Raises `IllegalTransition`, also while one of its actions is under way."""
    state = led_by(MOVES, PlanVerb.CLOSE, plan.state, what="plan")
    await session.execute(select(ActionPlan.id).where(ActionPlan.id == plan.id).with_for_update())
    under_way = select(Action.id).where(Action.plan_id == plan.id, Action.state.in_(UNDER_WAY)).limit(1)
    if await session.scalar(under_way):
        raise IllegalTransition(plan.state, state, "plan_has_actions_under_way")
    plan.state = state
    return await _saved(session, caller, plan)


async def publish_plan(session: AsyncSession, caller: Caller, plan: ActionPlan, body: Publish) -> ActionPlan:
    """Announce it, now or at `publish_at`. Raises `IllegalTransition`."""
    publication.publish(plan, body.publish_at, clock.now())
    return await _saved(session, caller, plan)


async def withdraw_plan(session: AsyncSession, caller: Caller, plan: ActionPlan, body: Withdraw) -> ActionPlan:
    """Take it back from its readers. Raises `IllegalTransition`."""
    give_reason(session, body.reason)
    publication.withdraw(plan, clock.now())
    return await _saved(session, caller, plan)


async def delete_plan(session: AsyncSession, plan: ActionPlan) -> None:
    """Leave nothing, or a tombstone of what anyone could see. Raises `StillReferenced` while it has actions."""
    if publication.was_public(plan, clock.now()):
        await publication.bury(session, plan, plan.territory_id, clock.now())
    await remove(session, plan)


async def _write(session: AsyncSession, caller: Caller, plan: ActionPlan, values: Mapping[str, Any]) -> ActionPlan:
    written = {name: value for name, value in values.items() if name != "theme_id"}
    if "theme_id" in values:
        themes = owned_visible_to(caller, Theme).where(Theme.territory_id == plan.territory_id)
        id_ = values["theme_id"]
        written["theme"] = await referred(session, themes, Theme, "theme_id", id_) if id_ else None
    apply(plan, written)
    return await _saved(session, caller, plan)


async def _saved(session: AsyncSession, caller: Caller, plan: ActionPlan) -> ActionPlan:
    await save(session, plan, within=policy.editable(caller))
    policy.tell_actions(caller, [plan])
    return plan
