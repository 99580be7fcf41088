"""The milestones of an action: their order, and the day each is reached."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.action_plans.actions.models import Action
from app.action_plans.milestones.models import Milestone
from app.action_plans.milestones.policy import tell_actions, visible_to
from app.action_plans.milestones.schemas import MilestoneComplete, MilestoneCreate
from app.core.db import save, touch
from app.core.errors import ErrorAt, IllegalTransition, InvalidInput
from app.identity.caller import Caller
from app.territories.service import day_that_came


async def add_milestone(session: AsyncSession, caller: Caller, action: Action, body: MilestoneCreate) -> Milestone:
    """A milestone after the others of the action."""
    others = await _held(session, action.id)
    place = Milestone(territory_id=action.territory_id, position=len(others) + 1, **body.model_dump())
    place.action = action
    return await save_milestone(session, caller, place)


async def order_milestones(session: AsyncSession, action: Action, ids: Sequence[UUID]) -> None:
    """Put the milestones in this order. Raises `InvalidInput` unless each is named once."""
    milestones = {milestone.id: milestone for milestone in await _held(session, action.id)}
    if milestones.keys() != set(ids):
        raise InvalidInput(ErrorAt("#/milestone_ids", "not_all_milestones"))
    _number([milestones[id_] for id_ in ids])
    touch(action)


async def remove_milestone(session: AsyncSession, milestone: Milestone) -> None:
    """Delete the milestone and close the gap it leaves."""
    _number([other for other in await _held(session, milestone.action_id) if other is not milestone])
    await session.delete(milestone)
    await session.flush()


async def complete_milestone(session: AsyncSession, milestone: Milestone, body: MilestoneComplete) -> None:
    """Say since when it is reached. Raises `IllegalTransition`, `InvalidInput` for a day to come."""
    if milestone.done_on:
        raise IllegalTransition("done", "done", "milestone_done")
    milestone.done_on = await day_that_came(session, milestone.territory_id, body.done_on, "#/done_on")


def reopen_milestone(milestone: Milestone) -> None:
    """Say that it is not reached after all. Raises `IllegalTransition`."""
    if milestone.done_on is None:
        raise IllegalTransition("open", "open", "milestone_open")
    milestone.done_on = None


async def save_milestone(session: AsyncSession, caller: Caller, milestone: Milestone) -> Milestone:
    """Write the milestone, and tell what the caller may do with it next."""
    await save(session, milestone, within=visible_to(caller))
    tell_actions(caller, [milestone])
    return milestone


async def _held(session: AsyncSession, action_id: UUID) -> list[Milestone]:
    """The milestones of an action in their order, which nobody else changes until the end of the request."""
    await session.execute(select(Action.id).where(Action.id == action_id).with_for_update(key_share=True))
    milestones = select(Milestone).where(Milestone.action_id == action_id).order_by(Milestone.position)
    return list(await session.scalars(milestones))


def _number(milestones: Sequence[Milestone]) -> None:
    for position, milestone in enumerate(milestones, 1):
        milestone.position = position
