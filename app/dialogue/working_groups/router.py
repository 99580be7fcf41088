"""`/v1/working-groups`: who explores a theme together, led by a pair and a facilitator."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.core import idempotency
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.publication import Publish, Withdraw
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_FIGURES, ON_LIST, ON_READ, ON_VERB
from app.core.routing import OpenSession, TransactionalRoute
from app.dialogue.working_groups import policy, service
from app.dialogue.working_groups.answers import on_record
from app.dialogue.working_groups.filters import WorkingGroupFilters
from app.dialogue.working_groups.health.schemas import WorkingGroupHealth
from app.dialogue.working_groups.health.service import health_of
from app.dialogue.working_groups.models import WorkingGroup
from app.dialogue.working_groups.policy import AnimatedGroup, VisibleGroup
from app.dialogue.working_groups.schemas import (
    WorkingGroupActivate,
    WorkingGroupConclude,
    WorkingGroupCreate,
    WorkingGroupOut,
    WorkingGroupReopen,
    WorkingGroupUpdate,
)
from app.identity.caller import CurrentCaller, Needs

READ = [Depends(Needs("groups:read"))]
WRITE = [Depends(Needs("groups:write"))]
ONCE = Depends(idempotency.begin)
VERB = [*WRITE, ONCE]
TODAY = WorkingGroupActivate()
OVER = WorkingGroupConclude()
NOW = Publish()

router = APIRouter(prefix="/working-groups", route_class=TransactionalRoute, tags=["working-groups"])


@router.get("", response_model=Page[WorkingGroupOut], dependencies=READ, responses=ON_LIST)
async def list_working_groups(
    filters: Annotated[WorkingGroupFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession,
    request: Request,
) -> object:  # fmt: skip
    """The working groups you see, by name."""
    rows = await filters.narrow(session, policy.in_full(policy.visible_to(caller)))
    found = await page(session, rows, asked, by=(WorkingGroup.sort_name, WorkingGroup.id))
    policy.tell(caller, found["items"])
    on_record(request, caller, found["items"])
    return found


@router.post("", status_code=201, response_model=WorkingGroupOut, dependencies=VERB, responses=ON_CREATE)
async def create_working_group(
    body: WorkingGroupCreate, caller: CurrentCaller, session: OpenSession, response: Response
) -> WorkingGroup:
    """Let a group form, with or without those who will lead it."""
    return created(response, await service.create_group(session, caller, body))


@router.get("/{working_group_id:uuid}", response_model=WorkingGroupOut, dependencies=READ, responses=ON_READ)
async def get_working_group(
    group: VisibleGroup, caller: CurrentCaller, request: Request, response: Response
) -> WorkingGroup:
    """One working group."""
    policy.tell(caller, [group])
    on_record(request, caller, [group])
    return tagged(response, group)


@router.get(
    "/{working_group_id:uuid}/health", response_model=WorkingGroupHealth, dependencies=READ, responses=ON_FIGURES
)
async def get_working_group_health(group: AnimatedGroup, session: OpenSession) -> WorkingGroupHealth:
    """How a group is doing, counted now: its meetings, their minutes, and who came. For the collectivité."""
    return await health_of(session, group)


@router.patch("/{working_group_id:uuid}", response_model=WorkingGroupOut, dependencies=WRITE, responses=ON_EDIT)
async def update_working_group(
    body: WorkingGroupUpdate, group: AnimatedGroup, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> WorkingGroup:  # fmt: skip
    """Change the fields given. Its state changes by `:activate`, `:conclude` and `:reopen`."""
    require_match(group, if_match)
    return tagged(response, await service.update_group(session, caller, group, body))


@router.delete("/{working_group_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_working_group(group: AnimatedGroup, if_match: IfMatch, session: OpenSession) -> None:
    """Delete a group without members, meetings or needs. One that has worked is rather concluded."""
    require_match(group, if_match)
    await service.delete_group(session, group)


@router.post("/{working_group_id:uuid}:activate", response_model=WorkingGroupOut, dependencies=VERB, responses=ON_VERB)
async def activate_working_group(
    group: AnimatedGroup, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response,
    body: WorkingGroupActivate = TODAY,
) -> WorkingGroup:  # fmt: skip
    """Say since when a group is at work: its pair and its facilitator stand on that day."""
    require_match(group, if_match)
    return tagged(response, await service.activate_group(session, caller, group, body))


@router.post("/{working_group_id:uuid}:conclude", response_model=WorkingGroupOut, dependencies=VERB, responses=ON_VERB)
async def conclude_working_group(
    group: AnimatedGroup, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response,
    body: WorkingGroupConclude = OVER,
) -> WorkingGroup:  # fmt: skip
    """Say that a group has ended its work, or that it never came together."""
    require_match(group, if_match)
    return tagged(response, await service.conclude_group(session, caller, group, body))


@router.post("/{working_group_id:uuid}:reopen", response_model=WorkingGroupOut, dependencies=VERB, responses=ON_VERB)
async def reopen_working_group(
    body: WorkingGroupReopen, group: AnimatedGroup, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> WorkingGroup:  # fmt: skip
    """Let a concluded group take up its work again."""
    require_match(group, if_match)
    return tagged(response, await service.reopen_group(session, caller, group, body))


@router.post("/{working_group_id:uuid}:publish", response_model=WorkingGroupOut, dependencies=VERB, responses=ON_VERB)
async def publish_working_group(
    group: AnimatedGroup, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response,
    body: Publish = NOW,
) -> WorkingGroup:  # fmt: skip
    """Show a group to all who work in the territory, now or from an instant on: they may then join it."""
    require_match(group, if_match)
    return tagged(response, await service.publish_group(session, caller, group, body))


@router.post("/{working_group_id:uuid}:withdraw", response_model=WorkingGroupOut, dependencies=VERB, responses=ON_VERB)
async def withdraw_working_group(
    body: Withdraw, group: AnimatedGroup, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> WorkingGroup:  # fmt: skip
    """Take a group back from its readers, but for those who are of it. Under embargo it becomes a draft again."""
    require_match(group, if_match)
    return tagged(response, await service.withdraw_group(session, caller, group, body))
