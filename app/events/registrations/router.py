"""`/v1/registrations`, and what is told and noted of an event's whole list. Who reads names is on the audit trail."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.core import idempotency
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_LIST, ON_READ, ON_VERB
from app.core.routing import OpenSession, TransactionalRoute
from app.events.policy import VisibleEvent
from app.events.registrations import attendance, policy, service
from app.events.registrations.answers import described, described_all, on_record
from app.events.registrations.filters import RegistrationFilters
from app.events.registrations.models import Registration
from app.events.registrations.policy import EditableRegistration, VisibleRegistration
from app.events.registrations.schemas import (
    AttendanceNote,
    RegistrationCounts,
    RegistrationCreate,
    RegistrationOut,
    RoomNote,
    RoomOut,
)
from app.events.registrations.states import Action
from app.identity.caller import CurrentCaller, Needs

READ = [Depends(Needs("registrations:read"))]
WRITE = [Depends(Needs("registrations:write"))]
ONCE = Depends(idempotency.begin)
VERB = [*WRITE, ONCE]

router = APIRouter(route_class=TransactionalRoute, tags=["registrations"])


@router.get("/registrations", dependencies=READ, responses=ON_LIST)
async def list_registrations(
    filters: Annotated[RegistrationFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession,
    request: Request,
) -> Page[RegistrationOut]:  # fmt: skip
    """The registrations you see, in the order they were made."""
    rows = await filters.narrow(session, policy.in_full(policy.visible_to(caller)))
    found = await page(session, rows, asked, by=(Registration.id,))
    told = described_all(found["items"], caller)
    on_record(request, caller, told)
    return Page[RegistrationOut](**found | {"items": told})


@router.post("/registrations", status_code=201, dependencies=VERB, responses=ON_CREATE)
async def create_registration(
    body: RegistrationCreate, caller: CurrentCaller, session: OpenSession, response: Response
) -> RegistrationOut:
    """Sign someone up to an event that takes sign-ups here, or invite them. When no seat is left, they wait for one."""
    return described(created(response, await service.create(session, caller, body)), caller)


@router.get("/registrations/{registration_id:uuid}", dependencies=READ, responses=ON_READ)
async def get_registration(
    registration: VisibleRegistration, caller: CurrentCaller, request: Request, response: Response
) -> RegistrationOut:
    """One registration, with what you may do to it."""
    told = described(tagged(response, registration), caller)
    on_record(request, caller, [told])
    return told


@router.delete("/registrations/{registration_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_registration(
    registration: EditableRegistration, if_match: IfMatch, caller: CurrentCaller, session: OpenSession
) -> None:
    """Delete a registration made by mistake. Who does not come any more cancels."""
    require_match(registration, if_match)
    await service.delete(session, caller, registration)


@router.post("/registrations/{registration_id:uuid}:register", dependencies=VERB, responses=ON_VERB)
async def register_invited(
    registration: EditableRegistration, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> RegistrationOut:  # fmt: skip
    """Accept an invitation, also one that was declined. When no seat is left, one waits for one."""
    require_match(registration, if_match)
    return described(tagged(response, await service.move(session, caller, registration, Action.REGISTER)), caller)


@router.post("/registrations/{registration_id:uuid}:decline", dependencies=VERB, responses=ON_VERB)
async def decline_invitation(
    registration: EditableRegistration, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> RegistrationOut:  # fmt: skip
    """Decline an invitation."""
    require_match(registration, if_match)
    return described(tagged(response, await service.move(session, caller, registration, Action.DECLINE)), caller)


@router.post("/registrations/{registration_id:uuid}:cancel", dependencies=VERB, responses=ON_VERB)
async def cancel_registration(
    registration: EditableRegistration, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> RegistrationOut:  # fmt: skip
    """Give a seat, a place among those who wait, or an invitation back. A freed seat goes to who waits longest."""
    require_match(registration, if_match)
    return described(tagged(response, await service.move(session, caller, registration, Action.CANCEL)), caller)


@router.post("/registrations/{registration_id:uuid}:note-attendance", dependencies=VERB, responses=ON_VERB)
async def note_attendance(
    body: AttendanceNote, registration: EditableRegistration, if_match: IfMatch, caller: CurrentCaller,
    session: OpenSession, response: Response,
) -> RegistrationOut:  # fmt: skip
    """Note whether one came, once the event has begun."""
    require_match(registration, if_match)
    noted = await attendance.note(session, caller, registration, body.attendance)
    return described(tagged(response, noted), caller)


@router.post("/events/{event_id:uuid}:note-attendance", dependencies=VERB, responses=ON_VERB)
async def note_room_attendance(
    body: RoomNote, event: VisibleEvent, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> RoomOut:  # fmt: skip
    """Note who came to an event, a whole room in one call, with those who came unannounced."""
    require_match(event, if_match)
    noted = await attendance.note_room(session, caller, event, body)
    tagged(response, event)
    return RoomOut(items=described_all(noted, caller))


@router.get("/events/{event_id:uuid}/registration-counts", dependencies=READ, responses=ON_READ)
async def count_registrations(event: VisibleEvent, caller: CurrentCaller, session: OpenSession) -> RegistrationCounts:
    """How many stand where on an event's list."""
    return await service.counts(session, caller, event)
