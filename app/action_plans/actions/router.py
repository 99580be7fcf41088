"""`/v1/actions`: what is done, by whom and until when, from its proposal to its end."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.action_plans.actions import policy, service
from app.action_plans.actions.filters import ActionFilters
from app.action_plans.actions.models import Action
from app.action_plans.actions.policy import EditableAction, VisibleAction
from app.action_plans.actions.schemas import (
    ActionAbandon,
    ActionComplete,
    ActionCreate,
    ActionOut,
    ActionPause,
    ActionStart,
    ActionUpdate,
)
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
TODAY, NOW = ActionStart(), Publish()

router = APIRouter(prefix="/actions", route_class=TransactionalRoute, tags=["actions"])


@router.get("", response_model=Page[ActionOut], dependencies=READ, responses=ON_LIST)
async def list_actions(
    filters: Annotated[ActionFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The actions you see, by title."""
    rows = await filters.apply(session, policy.in_full(policy.visible_to(caller)))
    found = await page(session, rows, asked, by=(Action.sort_title, Action.id))
    policy.tell(caller, found["items"])
    return found


@router.post("", status_code=201, response_model=ActionOut, dependencies=VERB, responses=ON_CREATE)
async def create_action(body: ActionCreate, caller: CurrentCaller, session: OpenSession, response: Response) -> Action:
    """Propose an action in a plan."""
    return created(response, await service.create_action(session, caller, body))


@router.get("/{action_id:uuid}", response_model=ActionOut, dependencies=READ, responses=ON_READ)
async def get_action(action: VisibleAction, caller: CurrentCaller, response: Response) -> Action:
    """One action, with what you may do with it."""
    policy.tell(caller, [action])
    return tagged(response, action)


@router.patch("/{action_id:uuid}", response_model=ActionOut, dependencies=WRITE, responses=ON_EDIT)
async def update_action(
    body: ActionUpdate, action: EditableAction, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Action:  # fmt: skip
    """Change the fields given. Its state changes by verbs."""
    require_match(action, if_match)
    return tagged(response, await service.update_action(session, caller, action, body))


@router.delete("/{action_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_action(action: EditableAction, if_match: IfMatch, session: OpenSession) -> None:
    """Delete an action with its milestones and notes. Of one that was public, its identifier stays."""
    require_match(action, if_match)
    await service.delete_action(session, action)


@router.post("/{action_id:uuid}:select", response_model=ActionOut, dependencies=VERB, responses=ON_VERB)
async def select_action(
    action: EditableAction, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> Action:
    """Retain a proposed action."""
    require_match(action, if_match)
    return tagged(response, await service.select_action(session, caller, action))


@router.post("/{action_id:uuid}:start", response_model=ActionOut, dependencies=VERB, responses=ON_VERB)
async def start_action(
    action: EditableAction, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response,
    body: ActionStart = TODAY,
) -> Action:  # fmt: skip
    """Begin a selected action, unless its plan is closed."""
    require_match(action, if_match)
    return tagged(response, await service.start_action(session, caller, action, body))


@router.post("/{action_id:uuid}:pause", response_model=ActionOut, dependencies=VERB, responses=ON_VERB)
async def pause_action(
    body: ActionPause, action: EditableAction, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Action:  # fmt: skip
    """Pause an action under way, and say why."""
    require_match(action, if_match)
    return tagged(response, await service.pause_action(session, caller, action, body))


@router.post("/{action_id:uuid}:resume", response_model=ActionOut, dependencies=VERB, responses=ON_VERB)
async def resume_action(
    action: EditableAction, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> Action:
    """Take up a paused action again."""
    require_match(action, if_match)
    return tagged(response, await service.resume_action(session, caller, action))


@router.post("/{action_id:uuid}:complete", response_model=ActionOut, dependencies=VERB, responses=ON_VERB)
async def complete_action(
    body: ActionComplete, action: EditableAction, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Action:  # fmt: skip
    """Say since when an action is completed."""
    require_match(action, if_match)
    return tagged(response, await service.complete_action(session, caller, action, body))


@router.post("/{action_id:uuid}:abandon", response_model=ActionOut, dependencies=VERB, responses=ON_VERB)
async def abandon_action(
    body: ActionAbandon, action: EditableAction, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Action:  # fmt: skip
    """Give an action up, and say why."""
    require_match(action, if_match)
    return tagged(response, await service.abandon_action(session, caller, action, body))


@router.post("/{action_id:uuid}:publish", response_model=ActionOut, dependencies=ANNOUNCE, responses=ON_VERB)
async def publish_action(
    action: EditableAction, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response,
    body: Publish = NOW,
) -> Action:  # fmt: skip
    """Publish an action now, or under embargo until an instant. A withdrawn action comes back at once."""
    require_match(action, if_match)
    return tagged(response, await service.publish_action(session, caller, action, body))


@router.post("/{action_id:uuid}:withdraw", response_model=ActionOut, dependencies=ANNOUNCE, responses=ON_VERB)
async def withdraw_action(
    body: Withdraw, action: EditableAction, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Action:  # fmt: skip
    """Take an action back from the public, which is told that it is gone. Under embargo it becomes a draft again."""
    require_match(action, if_match)
    return tagged(response, await service.withdraw_action(session, caller, action, body))
