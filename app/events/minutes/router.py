"""`/v1/minutes`: agendas, minutes, the closing of meetings, and amendments."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.core import idempotency
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST, ON_READ, ON_VERB
from app.core.routing import OpenSession, TransactionalRoute
from app.events.minutes import policy, service
from app.events.minutes.answers import described, described_all
from app.events.minutes.filters import MinutesFilters
from app.events.minutes.models import Minutes
from app.events.minutes.policy import EditableMinutes, VisibleMinutes
from app.events.minutes.schemas import MinutesAmend, MinutesCreate, MinutesOut, MinutesUpdate
from app.identity.caller import CurrentCaller, Needs

READ = [Depends(Needs("events:read"))]
WRITE = [Depends(Needs("events:write"))]
ONCE = Depends(idempotency.begin)
VERB = [*WRITE, ONCE]

router = APIRouter(prefix="/minutes", route_class=TransactionalRoute, tags=["events"])


@router.get("", dependencies=READ, responses=ON_LIST)
async def list_minutes(
    filters: Annotated[MinutesFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> Page[MinutesOut]:
    """The minutes you see, in the order they were begun."""
    rows = await filters.narrow(session, policy.visible_to(caller))
    found = await page(session, rows, asked, by=(Minutes.id,))
    return Page[MinutesOut](**found | {"items": described_all(found["items"], caller)})


@router.post("", status_code=201, dependencies=VERB, responses=ON_CREATE)
async def create_minutes(
    body: MinutesCreate, caller: CurrentCaller, session: OpenSession, response: Response
) -> MinutesOut:
    """Begin the minutes of an event, with its agenda."""
    return described(created(response, await service.create(session, caller, body)), caller)


@router.get("/{minutes_id:uuid}", dependencies=READ, responses=ON_READ)
async def get_minutes(minutes: VisibleMinutes, caller: CurrentCaller, response: Response) -> MinutesOut:
    """The minutes of one event, with their amendments."""
    return described(tagged(response, minutes), caller)


@router.patch("/{minutes_id:uuid}", dependencies=WRITE, responses=ON_EDIT)
async def update_minutes(
    body: MinutesUpdate, minutes: EditableMinutes, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> MinutesOut:  # fmt: skip
    """Change the fields given, while the minutes are open."""
    require_match(minutes, if_match)
    return described(tagged(response, await service.update(session, caller, minutes, body)), caller)


@router.delete("/{minutes_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_minutes(minutes: EditableMinutes, if_match: IfMatch, session: OpenSession) -> None:
    """Delete minutes that are still open."""
    require_match(minutes, if_match)
    await service.delete(session, minutes)


@router.post("/{minutes_id:uuid}:close", dependencies=VERB, responses=ON_VERB)
async def close_minutes(
    minutes: EditableMinutes, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> MinutesOut:
    """Close the meeting: its minutes, its list and its attendance then stand, and are put right by amendments only."""
    require_match(minutes, if_match)
    return described(tagged(response, await service.close(session, caller, minutes)), caller)


@router.post("/{minutes_id:uuid}:amend", dependencies=VERB, responses=ON_VERB)
async def amend_minutes(
    body: MinutesAmend, minutes: EditableMinutes, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> MinutesOut:  # fmt: skip
    """Say what closed minutes should have said, and put attendance right; what was noted stays beside it."""
    require_match(minutes, if_match)
    return described(tagged(response, await service.amend(session, caller, minutes, body)), caller)
