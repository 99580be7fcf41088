"""`/v1/partnerships`: who agreed to do something together, and how far that is."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.core import idempotency
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.publication import Publish, Withdraw
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST, ON_READ, ON_VERB
from app.core.routing import OpenSession, TransactionalRoute
from app.core.states import Because
from app.identity.caller import CurrentCaller, Needs
from app.partnerships import policy, service
from app.partnerships.filters import PartnershipFilters
from app.partnerships.models import Partnership
from app.partnerships.policy import EditablePartnership, VisiblePartnership
from app.partnerships.schemas import (
    PartnershipCreate,
    PartnershipEnd,
    PartnershipOut,
    PartnershipSuspend,
    PartnershipUpdate,
)
from app.partnerships.states import PartnershipVerb

READ = [Depends(Needs("partnerships:read"))]
WRITE = [Depends(Needs("partnerships:write"))]
ONCE = Depends(idempotency.begin)
VERB = [*WRITE, ONCE]
ANNOUNCE = [Depends(Needs("partnerships:publish")), ONCE]
NOW = Publish()

router = APIRouter(prefix="/partnerships", route_class=TransactionalRoute, tags=["partnerships"])


@router.get("", response_model=Page[PartnershipOut], dependencies=READ, responses=ON_LIST)
async def list_partnerships(
    filters: Annotated[PartnershipFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The partnerships you see, by title."""
    rows = await filters.apply(session, policy.visible_to(caller))
    found = await page(session, rows, asked, by=(Partnership.sort_title, Partnership.id))
    policy.tell_actions(caller, found["items"])
    return found


@router.post("", status_code=201, response_model=PartnershipOut, dependencies=VERB, responses=ON_CREATE)
async def create_partnership(
    body: PartnershipCreate, caller: CurrentCaller, session: OpenSession, response: Response
) -> Partnership:
    """Note a partnership that could be: a prospect, which no one else sees. Its parties join at `/parties`."""
    return created(response, await service.create_partnership(session, caller, body))


@router.get("/{partnership_id:uuid}", response_model=PartnershipOut, dependencies=READ, responses=ON_READ)
async def get_partnership(partnership: VisiblePartnership, caller: CurrentCaller, response: Response) -> Partnership:
    """One partnership."""
    policy.tell_actions(caller, [partnership])
    return tagged(response, partnership)


@router.patch("/{partnership_id:uuid}", response_model=PartnershipOut, dependencies=WRITE, responses=ON_EDIT)
async def update_partnership(
    body: PartnershipUpdate, partnership: EditablePartnership, if_match: IfMatch, caller: CurrentCaller,
    session: OpenSession, response: Response,
) -> Partnership:  # fmt: skip
    """Change the fields given. Its stage changes by verbs, its parties at their own addresses."""
    require_match(partnership, if_match)
    return tagged(response, await service.update_partnership(session, caller, partnership, body))


@router.delete("/{partnership_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_partnership(partnership: EditablePartnership, if_match: IfMatch, session: OpenSession) -> None:
    """Delete a partnership entered by mistake, with its parties; one that was reviewed stays, and is ended.

    Of one that was public, its identifier stays, so that copies are taken down.
    """
    require_match(partnership, if_match)
    await service.delete_partnership(session, partnership)


@router.post("/{partnership_id:uuid}:discuss", response_model=PartnershipOut, dependencies=VERB, responses=ON_VERB)
async def discuss_partnership(
    partnership: EditablePartnership, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> Partnership:
    """Say that a prospect is being discussed."""
    require_match(partnership, if_match)
    return tagged(response, await service.move(session, caller, partnership, PartnershipVerb.DISCUSS))


@router.post("/{partnership_id:uuid}:activate", response_model=PartnershipOut, dependencies=VERB, responses=ON_VERB)
async def activate_partnership(
    partnership: EditablePartnership, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> Partnership:
    """Say that what was discussed has begun. It takes two parties."""
    require_match(partnership, if_match)
    return tagged(response, await service.move(session, caller, partnership, PartnershipVerb.ACTIVATE))


@router.post("/{partnership_id:uuid}:suspend", response_model=PartnershipOut, dependencies=VERB, responses=ON_VERB)
async def suspend_partnership(
    body: PartnershipSuspend, partnership: EditablePartnership, if_match: IfMatch, caller: CurrentCaller,
    session: OpenSession, response: Response,
) -> Partnership:  # fmt: skip
    """Say that nothing is done for now, and why."""
    require_match(partnership, if_match)
    moved = await service.move(session, caller, partnership, PartnershipVerb.SUSPEND, reason=body.reason)
    return tagged(response, moved)


@router.post("/{partnership_id:uuid}:resume", response_model=PartnershipOut, dependencies=VERB, responses=ON_VERB)
async def resume_partnership(
    partnership: EditablePartnership, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> Partnership:
    """Go on with a suspended partnership. It takes two parties."""
    require_match(partnership, if_match)
    return tagged(response, await service.move(session, caller, partnership, PartnershipVerb.RESUME))


@router.post("/{partnership_id:uuid}:end", response_model=PartnershipOut, dependencies=VERB, responses=ON_VERB)
async def end_partnership(
    body: PartnershipEnd, partnership: EditablePartnership, if_match: IfMatch, caller: CurrentCaller,
    session: OpenSession, response: Response,
) -> Partnership:  # fmt: skip
    """End a partnership, or give a prospect up, and say why."""
    require_match(partnership, if_match)
    moved = await service.move(session, caller, partnership, PartnershipVerb.END, reason=body.reason, on=body.on)
    return tagged(response, moved)


@router.post("/{partnership_id:uuid}:step-back", response_model=PartnershipOut, dependencies=VERB, responses=ON_VERB)
async def step_partnership_back(
    body: Because, partnership: EditablePartnership, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Partnership:  # fmt: skip
    """Take back a stage said too early: active → in discussion → prospect."""
    require_match(partnership, if_match)
    moved = await service.move(session, caller, partnership, PartnershipVerb.STEP_BACK, reason=body.reason)
    return tagged(response, moved)


@router.post("/{partnership_id:uuid}:reopen", response_model=PartnershipOut, dependencies=VERB, responses=ON_VERB)
async def reopen_partnership(
    body: Because, partnership: EditablePartnership, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Partnership:  # fmt: skip
    """Discuss an ended partnership anew."""
    require_match(partnership, if_match)
    moved = await service.move(session, caller, partnership, PartnershipVerb.REOPEN, reason=body.reason)
    return tagged(response, moved)


@router.post("/{partnership_id:uuid}:publish", response_model=PartnershipOut, dependencies=ANNOUNCE, responses=ON_VERB)
async def publish_partnership(
    partnership: EditablePartnership, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response, body: Publish = NOW,
) -> Partnership:  # fmt: skip
    """Publish a partnership now, or under embargo until an instant. A withdrawn one comes back at once."""
    require_match(partnership, if_match)
    return tagged(response, await service.publish_partnership(session, caller, partnership, body))


@router.post("/{partnership_id:uuid}:withdraw", response_model=PartnershipOut, dependencies=ANNOUNCE, responses=ON_VERB)
async def withdraw_partnership(
    body: Withdraw, partnership: EditablePartnership, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Partnership:  # fmt: skip
    """Take a partnership back from the public, which is told that it is gone. Under embargo it is a draft again."""
    require_match(partnership, if_match)
    return tagged(response, await service.withdraw_partnership(session, caller, partnership, body))
