"""`/v1/events`: the work on events, from their draft to their publication and after."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.core import idempotency
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import PageAsked, page
from app.core.publication import Publish, Withdraw
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST, ON_READ, ON_VERB
from app.core.routing import OpenSession, TransactionalRoute
from app.events import policy, service
from app.events.answers import described, described_all
from app.events.filters import EventFilters
from app.events.models import Event
from app.events.policy import EditableEvent, VisibleEvent
from app.events.schemas import (
    EventCreate,
    EventMoveOnline,
    EventNote,
    EventOut,
    EventPage,
    EventReschedule,
    EventUpdate,
)
from app.events.states import Action
from app.identity.caller import CurrentCaller, Needs

READ = [Depends(Needs("events:read"))]
WRITE = [Depends(Needs("events:write"))]
ONCE = Depends(idempotency.begin)
VERB = [*WRITE, ONCE]
ANNOUNCE = [Depends(Needs("events:publish")), ONCE]

router = APIRouter(prefix="/events", route_class=TransactionalRoute, tags=["events"])


@router.get("", dependencies=READ, responses=ON_LIST)
async def list_events(
    filters: Annotated[EventFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> EventPage:
    """The events you see, by their beginning. `window` says which instants the dates asked for stand for."""
    bounds = await filters.resolve(session, caller)
    rows = filters.apply(policy.in_full(policy.visible_to(caller), caller), bounds)
    found = await page(session, rows, asked, by=(Event.starts_at, Event.id))
    return EventPage(**found | {"items": described_all(found["items"], caller)}, window=bounds.window)


@router.post("", status_code=201, dependencies=VERB, responses=ON_CREATE)
async def create_event(body: EventCreate, caller: CurrentCaller, session: OpenSession, response: Response) -> EventOut:
    """Make a draft of an event. Unless you publish, your own school or organisation is among its organisers."""
    return described(created(response, await service.create(session, caller, body)), caller)


@router.get("/{event_id:uuid}", dependencies=READ, responses=ON_READ)
async def get_event(event: VisibleEvent, caller: CurrentCaller, response: Response) -> EventOut:
    """One event, with what you may do to it."""
    return described(tagged(response, event), caller)


@router.patch("/{event_id:uuid}", dependencies=WRITE, responses=ON_EDIT)
async def update_event(
    body: EventUpdate, event: EditableEvent, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> EventOut:  # fmt: skip
    """Change the fields given. Other dates of a published event reschedule it: those it had are kept."""
    require_match(event, if_match)
    return described(tagged(response, await service.update(session, caller, event, body)), caller)


@router.delete("/{event_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_event(event: EditableEvent, if_match: IfMatch, caller: CurrentCaller, session: OpenSession) -> None:
    """Delete an event. Of one that was public, its identifier stays, so that copies of it are taken down."""
    require_match(event, if_match)
    await service.delete(session, caller, event)


@router.post("/{event_id:uuid}:submit", dependencies=VERB, responses=ON_VERB)
async def submit_event(
    event: EditableEvent, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> EventOut:
    """Hand a draft to the collectivité, which publishes it."""
    require_match(event, if_match)
    return described(tagged(response, await service.submit(session, caller, event)), caller)


@router.post("/{event_id:uuid}:publish", dependencies=ANNOUNCE, responses=ON_VERB)
async def publish_event(
    event: EditableEvent, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response,
    body: Publish | None = None,
) -> EventOut:  # fmt: skip
    """Publish an event now, or under embargo until an instant. A withdrawn event comes back at once."""
    require_match(event, if_match)
    published = await service.publish(session, caller, event, body or Publish())
    return described(tagged(response, published), caller)


@router.post("/{event_id:uuid}:withdraw", dependencies=ANNOUNCE, responses=ON_VERB)
async def withdraw_event(
    body: Withdraw, event: EditableEvent, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> EventOut:  # fmt: skip
    """Take an event back from the public, which is told that it is gone. Under embargo it becomes a draft again."""
    require_match(event, if_match)
    return described(tagged(response, await service.withdraw(session, caller, event, body)), caller)


@router.post("/{event_id:uuid}:cancel", dependencies=VERB, responses=ON_VERB)
async def cancel_event(
    event: EditableEvent, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response,
    body: EventNote | None = None,
) -> EventOut:  # fmt: skip
    """Say that a published event does not take place. It stays published, marked so."""
    require_match(event, if_match)
    told = await service.restate(session, caller, event, Action.CANCEL, body or EventNote())
    return described(tagged(response, told), caller)


@router.post("/{event_id:uuid}:postpone", dependencies=VERB, responses=ON_VERB)
async def postpone_event(
    event: EditableEvent, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response,
    body: EventNote | None = None,
) -> EventOut:  # fmt: skip
    """Say that a published event takes place later, on dates not yet known."""
    require_match(event, if_match)
    told = await service.restate(session, caller, event, Action.POSTPONE, body or EventNote())
    return described(tagged(response, told), caller)


@router.post("/{event_id:uuid}:reschedule", dependencies=VERB, responses=ON_VERB)
async def reschedule_event(
    body: EventReschedule, event: EditableEvent, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> EventOut:  # fmt: skip
    """Give a published event other dates. Those it had stay beside them."""
    require_match(event, if_match)
    return described(tagged(response, await service.reschedule(session, caller, event, body)), caller)


@router.post("/{event_id:uuid}:move-online", dependencies=VERB, responses=ON_VERB)
async def move_event_online(
    body: EventMoveOnline, event: EditableEvent, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> EventOut:  # fmt: skip
    """Hold a published event online instead of in its place."""
    require_match(event, if_match)
    return described(tagged(response, await service.move_online(session, caller, event, body)), caller)


@router.post("/{event_id:uuid}:reinstate", dependencies=VERB, responses=ON_VERB)
async def reinstate_event(
    event: EditableEvent, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> EventOut:
    """Say that a cancelled or postponed event takes place after all, on the dates it has."""
    require_match(event, if_match)
    told = await service.restate(session, caller, event, Action.REINSTATE, EventNote())
    return described(tagged(response, told), caller)
