"""The life of an action, from its proposal to its end, and its way to the public."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.action_plans.actions import policy
from app.action_plans.actions.models import Action, ActionState
from app.action_plans.actions.schemas import (
    ActionAbandon,
    ActionComplete,
    ActionCreate,
    ActionPause,
    ActionStart,
    ActionUpdate,
)
from app.action_plans.actions.states import MOVES, ActionVerb
from app.action_plans.actions.ties import tie
from app.action_plans.plans.models import ActionPlan, PlanState
from app.action_plans.plans.policy import visible_to as plans_visible_to
from app.core import clock, publication
from app.core.db import apply, one_or_404, remove, save
from app.core.errors import ErrorAt, IllegalTransition, InvalidInput
from app.core.journal import give_reason
from app.core.publication import Publish, Withdraw
from app.core.references import referred
from app.core.states import led_by
from app.identity.caller import Caller
from app.territories.service import day_that_came

REAL_DAYS = ("started_on", "ended_on")


async def create_action(session: AsyncSession, caller: Caller, body: ActionCreate) -> Action:
    """A proposed action, on the theme of its plan unless it says otherwise. Raises `InvalidInput`."""
    plan = await referred(session, plans_visible_to(caller), ActionPlan, "plan_id", body.plan_id)
    if plan.state is PlanState.CLOSED:
        raise InvalidInput(ErrorAt("#/plan_id", "plan_closed"))
    action = Action(territory_id=plan.territory_id, state=ActionState.PROPOSED, themes=[], actors=[])
    values = dict(body)
    if not body.theme_ids and not body.is_cross_cutting and plan.theme_id:
        values["theme_ids"] = [plan.theme_id]
    return await _write(session, caller, action, values)


async def update_action(session: AsyncSession, caller: Caller, action: Action, body: ActionUpdate) -> Action:
    """Change the fields given. Raises `InvalidInput`, also for a real day to come."""
    values = body.given()
    for name in REAL_DAYS & values.keys():
        await day_that_came(session, action.territory_id, values[name], f"#/{name}")
    return await _write(session, caller, action, values)


async def select_action(session: AsyncSession, caller: Caller, action: Action) -> Action:
    """Proposed → selected. Raises `IllegalTransition`."""
    return await _move(session, caller, action, ActionVerb.SELECT)


async def start_action(session: AsyncSession, caller: Caller, action: Action, body: ActionStart) -> Action:
    """Selected → in progress. Raises `IllegalTransition`, also in a closed plan; `InvalidInput` for a day to come."""
    goal = led_by(MOVES, ActionVerb.START, action.state, what="action")
    held = select(ActionPlan.state).where(ActionPlan.id == action.plan_id).with_for_update(read=True)
    if await session.scalar(held) is PlanState.CLOSED:
        raise IllegalTransition(action.state, goal, "plan_closed")
    action.started_on = await day_that_came(session, action.territory_id, body.started_on, "#/started_on")
    return await _move(session, caller, action, ActionVerb.START)


async def pause_action(session: AsyncSession, caller: Caller, action: Action, body: ActionPause) -> Action:
    """In progress → paused, for a reason. Raises `IllegalTransition`."""
    return await _move(session, caller, action, ActionVerb.PAUSE, reason=body.reason)


async def resume_action(session: AsyncSession, caller: Caller, action: Action) -> Action:
    """Paused → in progress. Raises `IllegalTransition`."""
    return await _move(session, caller, action, ActionVerb.RESUME)


async def complete_action(session: AsyncSession, caller: Caller, action: Action, body: ActionComplete) -> Action:
    """In progress or paused → completed, on a day that has come and is not before the start.

    Raises `IllegalTransition`, `InvalidInput`.
    """
    return await _end(session, caller, action, ActionVerb.COMPLETE, body.ended_on)


async def abandon_action(session: AsyncSession, caller: Caller, action: Action, body: ActionAbandon) -> Action:
    """Not ended yet → abandoned, for a reason. Raises `IllegalTransition`, `InvalidInput`."""
    return await _end(session, caller, action, ActionVerb.ABANDON, body.ended_on, reason=body.reason)


async def publish_action(session: AsyncSession, caller: Caller, action: Action, body: Publish) -> Action:
    """Announce it, now or at `publish_at`. Raises `IllegalTransition`."""
    publication.publish(action, body.publish_at, clock.now())
    return await save_action(session, caller, action)


async def withdraw_action(session: AsyncSession, caller: Caller, action: Action, body: Withdraw) -> Action:
    """Take it back from its readers. Raises `IllegalTransition`."""
    give_reason(session, body.reason)
    publication.withdraw(action, clock.now())
    return await save_action(session, caller, action)


async def delete_action(session: AsyncSession, action: Action) -> None:
    """Leave nothing, or a tombstone of what anyone could see. Raises `StillReferenced` while means or mentorships are
    its own."""
    if publication.was_public(action, clock.now()):
        await publication.bury(session, action, action.territory_id, clock.now())
    await session.refresh(action, ["milestones", "notes"])
    await remove(session, action)


async def _end(
    session: AsyncSession,
    caller: Caller,
    action: Action,
    verb: ActionVerb,
    ended_on: date | None,
    reason: str | None = None,
) -> Action:
    led_by(MOVES, verb, action.state, what="action")
    action.ended_on = await day_that_came(session, action.territory_id, ended_on, "#/ended_on")
    return await _move(session, caller, action, verb, reason=reason)


async def _move(
    session: AsyncSession, caller: Caller, action: Action, verb: ActionVerb, *, reason: str | None = None
) -> Action:
    """Change its state. Why it stands still is told with it, and kept in the journal."""
    action.state = led_by(MOVES, verb, action.state, what="action")
    action.state_reason = reason
    if reason:
        give_reason(session, reason)
    return await save_action(session, caller, action)


async def _write(session: AsyncSession, caller: Caller, action: Action, values: Mapping[str, Any]) -> Action:
    rest = await tie(session, caller, action, values)
    apply(action, rest)
    if not (action.is_cross_cutting or action.themes):
        raise InvalidInput(ErrorAt("#/theme_ids", "theme_needed"))
    return await save_action(session, caller, action)


async def save_action(session: AsyncSession, caller: Caller, action: Action) -> Action:
    """Written, and read again with all that is shown of it."""
    await save(session, action, within=policy.editable(caller))
    shown = policy.in_full(policy.visible_to(caller)).where(Action.id == action.id)
    action = await one_or_404(session, shown.execution_options(populate_existing=True))
    policy.tell(caller, [action])
    return action
