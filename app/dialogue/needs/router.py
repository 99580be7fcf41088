"""`/v1/needs`: what the territory lacks, from the day it is voiced to the day it is answered."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.core import idempotency
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.publication import Publish, Withdraw
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST, ON_READ, ON_VERB
from app.core.routing import OpenSession, TransactionalRoute
from app.dialogue.needs import policy, service
from app.dialogue.needs.filters import NeedFilters
from app.dialogue.needs.models import Need
from app.dialogue.needs.policy import AnimatedNeed, EditableNeed, VisibleNeed
from app.dialogue.needs.schemas import (
    NeedClose,
    NeedCreate,
    NeedOut,
    NeedQualify,
    NeedReopen,
    NeedSendBack,
    NeedUpdate,
)
from app.dialogue.needs.states import NeedVerb
from app.identity.caller import CurrentCaller, Needs

READ = [Depends(Needs("needs:read"))]
WRITE = [Depends(Needs("needs:write"))]
ONCE = Depends(idempotency.begin)
VERB = [*WRITE, ONCE]
AS_IT_IS = NeedQualify()
NOW = Publish()

router = APIRouter(prefix="/needs", route_class=TransactionalRoute, tags=["needs"])


@router.get("", response_model=Page[NeedOut], dependencies=READ, responses=ON_LIST)
async def list_needs(
    filters: Annotated[NeedFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The needs you see, the last voiced first."""
    rows = await filters.narrow(session, policy.in_full(policy.visible_to(caller), caller))
    found = await page(session, rows, asked, by=(Need.voiced_on, Need.id), descending=True)
    policy.tell_actions(caller, found["items"])
    return found


@router.post("", status_code=201, response_model=NeedOut, dependencies=VERB, responses=ON_CREATE)
async def create_need(body: NeedCreate, caller: CurrentCaller, session: OpenSession, response: Response) -> Need:
    """Voice a need: a school or an organisation its own, the collectivité that of any actor."""
    return created(response, await service.create_need(session, caller, body))


@router.get("/{need_id:uuid}", response_model=NeedOut, dependencies=READ, responses=ON_READ)
async def get_need(need: VisibleNeed, caller: CurrentCaller, response: Response) -> Need:
    """One need."""
    policy.tell_actions(caller, [need])
    return tagged(response, need)


@router.patch("/{need_id:uuid}", response_model=NeedOut, dependencies=WRITE, responses=ON_EDIT)
async def update_need(
    body: NeedUpdate, need: EditableNeed, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Need:  # fmt: skip
    """Change the fields given. Who voiced a need changes it until the collectivité takes it in hand."""
    require_match(need, if_match)
    return tagged(response, await service.update_need(session, caller, need, body))


@router.delete("/{need_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_need(need: EditableNeed, if_match: IfMatch, session: OpenSession) -> None:
    """Delete a need without action. One that is answered, or that no one answers, is rather closed."""
    require_match(need, if_match)
    await service.delete_need(session, need)


@router.post("/{need_id:uuid}:qualify", response_model=NeedOut, dependencies=VERB, responses=ON_VERB)
async def qualify_need(
    need: AnimatedNeed, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response,
    body: NeedQualify = AS_IT_IS,
) -> Need:  # fmt: skip
    """Say that a voiced need is one of the territory, how severe it is, and which group takes it up."""
    require_match(need, if_match)
    return tagged(response, await service.qualify_need(session, caller, need, body))


@router.post("/{need_id:uuid}:send-back", response_model=NeedOut, dependencies=VERB, responses=ON_VERB)
async def send_back_need(
    body: NeedSendBack, need: AnimatedNeed, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Need:  # fmt: skip
    """Send a qualified need back to who voiced it, to be made clearer."""
    require_match(need, if_match)
    return tagged(response, await service.turn_need(session, caller, need, NeedVerb.SEND_BACK, body.reason))


@router.post("/{need_id:uuid}:address", response_model=NeedOut, dependencies=VERB, responses=ON_VERB)
async def address_need(
    need: AnimatedNeed, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> Need:
    """Say that a qualified need is addressed, once an action is for it."""
    require_match(need, if_match)
    return tagged(response, await service.address_need(session, caller, need))


@router.post("/{need_id:uuid}:close", response_model=NeedOut, dependencies=VERB, responses=ON_VERB)
async def close_need(
    body: NeedClose, need: AnimatedNeed, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Need:  # fmt: skip
    """Close a need: it is met, was said twice, or is not for this territory."""
    require_match(need, if_match)
    return tagged(response, await service.turn_need(session, caller, need, NeedVerb.CLOSE, body.reason))


@router.post("/{need_id:uuid}:reopen", response_model=NeedOut, dependencies=VERB, responses=ON_VERB)
async def reopen_need(
    body: NeedReopen, need: AnimatedNeed, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Need:  # fmt: skip
    """Take a closed need up again, or one whose action was not enough. It is qualified anew."""
    require_match(need, if_match)
    return tagged(response, await service.turn_need(session, caller, need, NeedVerb.REOPEN, body.reason))


@router.post("/{need_id:uuid}:publish", response_model=NeedOut, dependencies=VERB, responses=ON_VERB)
async def publish_need(
    need: AnimatedNeed, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response,
    body: Publish = NOW,
) -> Need:  # fmt: skip
    """Show a need to all who work in the territory, now or from an instant on."""
    require_match(need, if_match)
    return tagged(response, await service.publish_need(session, caller, need, body))


@router.post("/{need_id:uuid}:withdraw", response_model=NeedOut, dependencies=VERB, responses=ON_VERB)
async def withdraw_need(
    body: Withdraw, need: AnimatedNeed, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Need:  # fmt: skip
    """Take a need back from its readers. Under embargo it becomes a draft again."""
    require_match(need, if_match)
    return tagged(response, await service.withdraw_need(session, caller, need, body))
