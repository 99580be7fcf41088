"""`/v1/q2er/participations`: who takes part in the sessions of Q2ER."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.core import idempotency
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST, ON_READ
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs
from app.q2er.participations import policy, service
from app.q2er.participations.filters import ParticipationFilters
from app.q2er.participations.models import Participation
from app.q2er.participations.policy import EditableParticipation, VisibleParticipation
from app.q2er.participations.schemas import (
    ClassEntered,
    ClassEntry,
    ParticipationCreate,
    ParticipationOut,
    ParticipationUpdate,
)

READ = [Depends(Needs("participations:read"))]
WRITE = [Depends(Needs("participations:write"))]
ONCE = Depends(idempotency.begin)

ON_ENTRY = {status: told for status, told in ON_CREATE.items() if status != 201}

router = APIRouter(prefix="/q2er/participations", route_class=TransactionalRoute, tags=["q2er"])


@router.get("", response_model=Page[ParticipationOut], dependencies=READ, responses=ON_LIST)
async def list_participations(
    filters: Annotated[ParticipationFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The participations you see, in the order they were entered; pupils' only in their school."""
    rows = await filters.narrow(session, policy.visible_to(caller))
    return await page(session, rows, asked, by=(Participation.id,))


@router.post("", status_code=201, response_model=ParticipationOut, dependencies=[*WRITE, ONCE], responses=ON_CREATE)
async def create_participation(
    body: ParticipationCreate, caller: CurrentCaller, session: OpenSession, response: Response
) -> Participation:
    """Enter who takes part in a session: a school its classes, pupils and teachers, others their own organisation, the
    collectivité any actor."""
    return created(response, await service.create(session, caller, body))


@router.post(":enter-class", response_model=ClassEntered, dependencies=[*WRITE, ONCE], responses=ON_ENTRY)
async def enter_class_pupils(body: ClassEntry, caller: CurrentCaller, session: OpenSession) -> ClassEntered:
    """Enter all pupils of a class of your school in a session, but those who are on its list already."""
    return await service.enter_class(session, caller, body)


@router.get("/{participation_id:uuid}", response_model=ParticipationOut, dependencies=READ, responses=ON_READ)
async def get_participation(participation: VisibleParticipation, response: Response) -> Participation:
    """One participation."""
    return tagged(response, participation)


@router.patch("/{participation_id:uuid}", response_model=ParticipationOut, dependencies=WRITE, responses=ON_EDIT)
async def update_participation(
    body: ParticipationUpdate,
    participation: EditableParticipation,
    if_match: IfMatch,
    caller: CurrentCaller,
    session: OpenSession,
    response: Response,
) -> Participation:
    """Note who came once the session has begun, and what they thought of it."""
    require_match(participation, if_match)
    return tagged(response, await service.update(session, caller, participation, body))


@router.delete("/{participation_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_participation(participation: EditableParticipation, if_match: IfMatch, session: OpenSession) -> None:
    """Delete a participation entered by mistake."""
    require_match(participation, if_match)
    await service.delete(session, participation)
