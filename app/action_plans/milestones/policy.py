"""Who sees milestones, who may change them, and who marks them: as the action they are of (`actions/policy.py`)."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, false, select
from sqlalchemy.orm import joinedload

from app.action_plans.actions.models import Action, ActionActorRole
from app.action_plans.actions.policy import require_part, takes_part
from app.action_plans.actions.policy import visible_to as actions_visible_to
from app.action_plans.milestones.models import Milestone
from app.action_plans.milestones.schemas import MilestoneVerb
from app.action_plans.plans.policy import is_writer
from app.core.db import one_or_404, require_visible
from app.core.routing import OpenSession
from app.identity.caller import Caller, CurrentCaller, Role


def visible_to(caller: Caller) -> Select[Milestone]:
    """Who sees an action sees its milestones."""
    actions = actions_visible_to(caller).with_only_columns(Action.id)
    of_action = joinedload(Milestone.action).selectinload(Action.actors)
    return select(Milestone).where(Milestone.action_id.in_(actions)).options(of_action)


def editable(caller: Caller) -> Select[Milestone]:
    """The collectivité sets the milestones of its actions."""
    milestones = visible_to(caller)
    return milestones if caller.role is Role.COLLECTIVITE else milestones.where(false())


def tell_actions(caller: Caller, milestones: Iterable[Milestone]) -> None:
    """Put in `allowed_actions` of each milestone what the caller may do with it now."""
    edits = (MilestoneVerb.EDIT, MilestoneVerb.DELETE) if is_writer(caller) else ()
    for milestone in milestones:
        mark = MilestoneVerb.COMPLETE if milestone.done_on is None else MilestoneVerb.REOPEN
        may_mark = "plans:contribute" in caller.scopes and takes_part(caller, milestone.action, ActionActorRole.LEAD)
        milestone.allowed_actions = [*([mark] if may_mark else []), *edits]


async def load(milestone_id: UUID, caller: CurrentCaller, session: OpenSession) -> Milestone:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(Milestone.id == milestone_id))


async def load_editable(milestone_id: UUID, caller: CurrentCaller, session: OpenSession) -> Milestone:
    """Raises `NotFound`, or `NotAllowed` for a milestone the caller only reads."""
    milestone = await load(milestone_id, caller, session)
    await require_visible(session, milestone, within=editable(caller))
    return milestone


async def load_markable(milestone_id: UUID, caller: CurrentCaller, session: OpenSession) -> Milestone:
    """Raises `NotFound`, or `NotAllowed` for a milestone of an action the caller's own do not lead."""
    milestone = await load(milestone_id, caller, session)
    require_part(caller, milestone.action, ActionActorRole.LEAD)
    return milestone


VisibleMilestone = Annotated[Milestone, Depends(load)]
EditableMilestone = Annotated[Milestone, Depends(load_editable)]
MarkableMilestone = Annotated[Milestone, Depends(load_markable)]
