"""`/v1/milestones`, and those of one action."""

from fastapi import APIRouter, Depends, Response

from app.action_plans.actions import service as actions_service
from app.action_plans.actions.models import Action
from app.action_plans.actions.policy import EditableAction, VisibleAction
from app.action_plans.actions.schemas import ActionOut
from app.action_plans.milestones import policy, service
from app.action_plans.milestones.models import Milestone
from app.action_plans.milestones.policy import EditableMilestone, MarkableMilestone, VisibleMilestone
from app.action_plans.milestones.schemas import (
    MilestoneComplete,
    MilestoneCreate,
    MilestoneOrder,
    MilestoneOut,
    MilestoneUpdate,
)
from app.core import idempotency
from app.core.db import apply
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST_WITHIN, ON_READ, ON_VERB
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs

READ = [Depends(Needs("plans:read"))]
WRITE = [Depends(Needs("plans:write"))]
ONCE = Depends(idempotency.begin)
MARK = [Depends(Needs("plans:contribute")), ONCE]
TODAY = MilestoneComplete()

router = APIRouter(route_class=TransactionalRoute, tags=["actions"])


@router.get(
    "/actions/{action_id:uuid}/milestones", response_model=Page[MilestoneOut], dependencies=READ,
    responses=ON_LIST_WITHIN,
)  # fmt: skip
async def list_milestones(
    action: VisibleAction, asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The milestones of an action, in their order."""
    rows = policy.visible_to(caller).where(Milestone.action_id == action.id)
    found = await page(session, rows, asked, by=(Milestone.position, Milestone.id))
    policy.tell_actions(caller, found["items"])
    return found


@router.post(
    "/actions/{action_id:uuid}/milestones", status_code=201, response_model=MilestoneOut,
    dependencies=[*WRITE, ONCE], responses=ON_CREATE,
)  # fmt: skip
async def create_milestone(
    body: MilestoneCreate, action: EditableAction, caller: CurrentCaller, session: OpenSession, response: Response
) -> Milestone:
    """Add a milestone after the others."""
    return created(response, await service.add_milestone(session, caller, action, body))


@router.put(
    "/actions/{action_id:uuid}/milestone-order", response_model=ActionOut, dependencies=WRITE, responses=ON_EDIT
)
async def order_milestones(
    body: MilestoneOrder, action: EditableAction, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Action:  # fmt: skip
    """Put all the milestones in another order. Answers the action with its new version."""
    require_match(action, if_match)
    await service.order_milestones(session, action, body.milestone_ids)
    return tagged(response, await actions_service.save_action(session, caller, action))


@router.get("/milestones/{milestone_id:uuid}", response_model=MilestoneOut, dependencies=READ, responses=ON_READ)
async def get_milestone(milestone: VisibleMilestone, caller: CurrentCaller, response: Response) -> Milestone:
    """One milestone."""
    policy.tell_actions(caller, [milestone])
    return tagged(response, milestone)


@router.patch("/milestones/{milestone_id:uuid}", response_model=MilestoneOut, dependencies=WRITE, responses=ON_EDIT)
async def update_milestone(
    body: MilestoneUpdate, milestone: EditableMilestone, if_match: IfMatch, caller: CurrentCaller,
    session: OpenSession, response: Response,
) -> Milestone:  # fmt: skip
    """Change the fields given. It is marked by `:complete` and `:reopen`."""
    require_match(milestone, if_match)
    apply(milestone, body.given())
    return tagged(response, await service.save_milestone(session, caller, milestone))


@router.delete("/milestones/{milestone_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_milestone(milestone: EditableMilestone, if_match: IfMatch, session: OpenSession) -> None:
    """Delete a milestone; those after it move up."""
    require_match(milestone, if_match)
    await service.remove_milestone(session, milestone)


@router.post(
    "/milestones/{milestone_id:uuid}:complete", response_model=MilestoneOut, dependencies=MARK, responses=ON_VERB
)
async def complete_milestone(
    milestone: MarkableMilestone, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response,
    body: MilestoneComplete = TODAY,
) -> Milestone:  # fmt: skip
    """Mark a milestone as reached; those who lead the action do."""
    require_match(milestone, if_match)
    await service.complete_milestone(session, milestone, body)
    return tagged(response, await service.save_milestone(session, caller, milestone))


@router.post(
    "/milestones/{milestone_id:uuid}:reopen", response_model=MilestoneOut, dependencies=MARK, responses=ON_VERB
)
async def reopen_milestone(
    milestone: MarkableMilestone, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> Milestone:
    """Say that a milestone is not reached after all."""
    require_match(milestone, if_match)
    service.reopen_milestone(milestone)
    return tagged(response, await service.save_milestone(session, caller, milestone))
