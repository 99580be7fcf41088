"""`/v1/working-groups/{id}/members` and `/v1/working-group-members`: who takes part. To sign up is to take part, which
asks for `registrations:write`, as signing up to events does. Who reads names is on the audit trail."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.core import idempotency
from app.core.db import remove
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST_WITHIN, ON_READ
from app.core.routing import OpenSession, TransactionalRoute
from app.dialogue.working_groups.members import policy, service
from app.dialogue.working_groups.members.filters import MemberFilters
from app.dialogue.working_groups.members.policy import EditableMember, JoinedGroup, VisibleMember
from app.dialogue.working_groups.members.schemas import (
    WorkingGroupMemberCreate,
    WorkingGroupMemberOut,
    WorkingGroupMemberUpdate,
)
from app.dialogue.working_groups.models import GroupMember
from app.dialogue.working_groups.policy import VisibleGroup
from app.identity import audit
from app.identity.caller import Caller, CurrentCaller, Needs

READ = [Depends(Needs("groups:read"))]
WRITE = [Depends(Needs("registrations:write"))]
ONCE = Depends(idempotency.begin)

router = APIRouter(route_class=TransactionalRoute, tags=["working-groups"])


@router.get(
    "/working-groups/{working_group_id:uuid}/members",
    response_model=Page[WorkingGroupMemberOut],
    dependencies=READ,
    responses=ON_LIST_WITHIN,
)
async def list_working_group_members(
    filters: Annotated[MemberFilters, Query()], group: VisibleGroup, asked: PageAsked, caller: CurrentCaller,
    session: OpenSession, request: Request,
) -> object:  # fmt: skip
    """The members of a group, past ones too: all for the collectivité, else those on behalf of your organisations."""
    rows = filters.apply(group, policy.visible_to(caller))
    found = await page(session, rows, asked, by=(GroupMember.valid_from, GroupMember.id))
    _on_record(request, caller, found["items"])
    return found


@router.post(
    "/working-groups/{working_group_id:uuid}/members",
    status_code=201,
    response_model=WorkingGroupMemberOut,
    dependencies=[*WRITE, ONCE],
    responses=ON_CREATE,
)
async def create_working_group_member(
    body: WorkingGroupMemberCreate, group: JoinedGroup, caller: CurrentCaller, session: OpenSession, response: Response
) -> GroupMember:
    """Sign a person up to a group, on behalf of an actor. A school or an organisation signs up its own people."""
    return created(response, await service.add_member(session, caller, group, body))


@router.get(
    "/working-group-members/{member_id:uuid}",
    response_model=WorkingGroupMemberOut,
    dependencies=READ,
    responses=ON_READ,
)
async def get_working_group_member(
    member: VisibleMember, caller: CurrentCaller, request: Request, response: Response
) -> GroupMember:
    """One member of a group."""
    _on_record(request, caller, [member])
    return tagged(response, member)


@router.patch(
    "/working-group-members/{member_id:uuid}",
    response_model=WorkingGroupMemberOut,
    dependencies=WRITE,
    responses=ON_EDIT,
)
async def update_working_group_member(
    body: WorkingGroupMemberUpdate, member: EditableMember, if_match: IfMatch, caller: CurrentCaller,
    session: OpenSession, response: Response,
) -> GroupMember:  # fmt: skip
    """Change the fields given; who leaves the group is given a `valid_until`."""
    require_match(member, if_match)
    return tagged(response, await service.update_member(session, caller, member, body))


@router.delete("/working-group-members/{member_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_working_group_member(member: EditableMember, if_match: IfMatch, session: OpenSession) -> None:
    """Delete a membership that never was. Who leaves is rather given a `valid_until`."""
    require_match(member, if_match)
    await remove(session, member)


def _on_record(request: Request, caller: Caller, members: Sequence[GroupMember]) -> None:
    named = [member for member in members if member.person]
    audit.naming(request, caller.id, "working-group-members", named)
