"""`/v1/action-plans`: what a territory undertakes, theme by theme."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.action_plans.plans import policy, service
from app.action_plans.plans.filters import ActionPlanFilters
from app.action_plans.plans.models import ActionPlan
from app.action_plans.plans.policy import EditablePlan, VisiblePlan
from app.action_plans.plans.schemas import ActionPlanAdopt, ActionPlanCreate, ActionPlanOut, ActionPlanUpdate
from app.core import idempotency
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.publication import Publish, Withdraw
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST, ON_READ, ON_VERB
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs

READ = [Depends(Needs("plans:read"))]
WRITE = [Depends(Needs("plans:write"))]
ONCE = Depends(idempotency.begin)
VERB = [*WRITE, ONCE]
ANNOUNCE = [Depends(Needs("plans:publish")), ONCE]
NOW = Publish()

router = APIRouter(prefix="/action-plans", route_class=TransactionalRoute, tags=["action-plans"])


@router.get("", response_model=Page[ActionPlanOut], dependencies=READ, responses=ON_LIST)
async def list_action_plans(
    filters: Annotated[ActionPlanFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The action plans you see, by title."""
    rows = await filters.apply(session, policy.visible_to(caller))
    found = await page(session, rows, asked, by=(ActionPlan.sort_title, ActionPlan.id))
    policy.tell_actions(caller, found["items"])
    return found


@router.post("", status_code=201, response_model=ActionPlanOut, dependencies=VERB, responses=ON_CREATE)
async def create_action_plan(
    body: ActionPlanCreate, caller: CurrentCaller, session: OpenSession, response: Response
) -> ActionPlan:
    """Make a draft of an action plan of a programme."""
    return created(response, await service.create_plan(session, caller, body))


@router.get("/{plan_id:uuid}", response_model=ActionPlanOut, dependencies=READ, responses=ON_READ)
async def get_action_plan(plan: VisiblePlan, caller: CurrentCaller, response: Response) -> ActionPlan:
    """One action plan."""
    policy.tell_actions(caller, [plan])
    return tagged(response, plan)


@router.patch("/{plan_id:uuid}", response_model=ActionPlanOut, dependencies=WRITE, responses=ON_EDIT)
async def update_action_plan(
    body: ActionPlanUpdate, plan: EditablePlan, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> ActionPlan:  # fmt: skip
    """Change the fields given. Its state changes by `:adopt`, `:start` and `:close`."""
    require_match(plan, if_match)
    return tagged(response, await service.update_plan(session, caller, plan, body))


@router.delete("/{plan_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_action_plan(plan: EditablePlan, if_match: IfMatch, session: OpenSession) -> None:
    """Delete a plan without actions. Of one that was public, its identifier stays, so that copies are taken down."""
    require_match(plan, if_match)
    await service.delete_plan(session, plan)


@router.post("/{plan_id:uuid}:adopt", response_model=ActionPlanOut, dependencies=VERB, responses=ON_VERB)
async def adopt_action_plan(
    body: ActionPlanAdopt, plan: EditablePlan, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> ActionPlan:  # fmt: skip
    """Say at which event a draft was adopted."""
    require_match(plan, if_match)
    return tagged(response, await service.adopt_plan(session, caller, plan, body))


@router.post("/{plan_id:uuid}:start", response_model=ActionPlanOut, dependencies=VERB, responses=ON_VERB)
async def start_action_plan(
    plan: EditablePlan, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> ActionPlan:
    """Begin to carry out an adopted plan."""
    require_match(plan, if_match)
    return tagged(response, await service.start_plan(session, caller, plan))


@router.post("/{plan_id:uuid}:close", response_model=ActionPlanOut, dependencies=VERB, responses=ON_VERB)
async def close_action_plan(
    plan: EditablePlan, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> ActionPlan:
    """Close a running plan, of which no action is under way any longer."""
    require_match(plan, if_match)
    return tagged(response, await service.close_plan(session, caller, plan))


@router.post("/{plan_id:uuid}:publish", response_model=ActionPlanOut, dependencies=ANNOUNCE, responses=ON_VERB)
async def publish_action_plan(
    plan: EditablePlan, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response,
    body: Publish = NOW,
) -> ActionPlan:  # fmt: skip
    """Publish a plan now, or under embargo until an instant. A withdrawn plan comes back at once."""
    require_match(plan, if_match)
    return tagged(response, await service.publish_plan(session, caller, plan, body))


@router.post("/{plan_id:uuid}:withdraw", response_model=ActionPlanOut, dependencies=ANNOUNCE, responses=ON_VERB)
async def withdraw_action_plan(
    body: Withdraw, plan: EditablePlan, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> ActionPlan:  # fmt: skip
    """Take a plan back from the public, which is told that it is gone. Under embargo it becomes a draft again."""
    require_match(plan, if_match)
    return tagged(response, await service.withdraw_plan(session, caller, plan, body))
