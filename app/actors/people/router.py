"""`/v1/people` and `/v1/affiliations`. Who reads of persons is written to the audit trail."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from app.actors.people import policy, service
from app.actors.people.filters import PeopleFilters
from app.actors.people.models import Affiliation, Person
from app.actors.people.policy import EditableAffiliation, EditablePerson, VisibleAffiliation, VisiblePerson
from app.actors.people.schemas import (
    AffiliationCreate,
    AffiliationOut,
    AffiliationUpdate,
    PersonCreate,
    PersonOut,
    PersonUpdate,
)
from app.actors.people.spreadsheet import sheet
from app.core import idempotency
from app.core.db import apply, remove, save
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST_WITHIN, ON_READ
from app.core.routing import OpenSession, TransactionalRoute
from app.core.spreadsheets import importing
from app.core.spreadsheets.asking import IMPORT_BODY, ON_FILE_LIST, ON_IMPORT, FileAsked, ImportAsked
from app.core.spreadsheets.exporting import page_or_file, rows_in
from app.core.spreadsheets.report import ImportReport
from app.identity import audit
from app.identity.caller import Caller, CurrentCaller, Needs

READ = [Depends(Needs("people:read"))]
WRITE = [Depends(Needs("people:write"))]
READ_AND_WRITE = [Depends(Needs("people:read", "people:write"))]
ONCE = Depends(idempotency.begin)

router = APIRouter(route_class=TransactionalRoute, tags=["people"])


@router.get("/people", response_model=Page[PersonOut], dependencies=READ, responses=ON_FILE_LIST)
async def list_people(
    filters: Annotated[PeopleFilters, Query()],
    asked: PageAsked,
    wanted: FileAsked,
    caller: CurrentCaller,
    session: OpenSession,
) -> object:
    """The people you may reach: of your territory, or of your school or organisation, by last name; all of them, with
    their affiliations, as a file for a spreadsheet."""
    rows = await filters.apply(session, policy.visible_to(caller))
    in_full = policy.with_affiliations(caller, rows) if wanted.is_file else rows
    found = await page_or_file(session, in_full, asked, wanted, await sheet(session, caller))
    _tell_of(wanted.request, caller, rows_in(found))
    return found


@router.post(
    "/people:import",
    response_model=ImportReport,
    dependencies=[*READ_AND_WRITE, ONCE],
    responses=ON_IMPORT,
    openapi_extra=IMPORT_BODY,
)
async def import_people(asked: ImportAsked, caller: CurrentCaller, session: OpenSession) -> object:
    """Add and change people, with their affiliations, by a file in the form of the export; preview first, then
    apply."""
    told = await importing.run(session, await sheet(session, caller), asked)
    _tell_of(asked.answer.request, caller, importing.rows_in(told))
    return told


@router.post("/people", status_code=201, response_model=PersonOut, dependencies=[*WRITE, ONCE], responses=ON_CREATE)
async def create_person(body: PersonCreate, caller: CurrentCaller, session: OpenSession, response: Response) -> Person:
    """Add a person with their affiliations. An organisation adds people of its own."""
    return created(response, await service.create_person(session, caller, body))


@router.get("/people/{person_id:uuid}", response_model=PersonOut, dependencies=READ, responses=ON_READ)
async def get_person(person: VisiblePerson, caller: CurrentCaller, request: Request, response: Response) -> Person:
    """One person."""
    _tell(request, caller, resource_id=person.id, territory_id=person.territory_id)
    return tagged(response, person)


@router.patch("/people/{person_id:uuid}", response_model=PersonOut, dependencies=WRITE, responses=ON_EDIT)
async def update_person(
    body: PersonUpdate,
    person: EditablePerson,
    if_match: IfMatch,
    caller: CurrentCaller,
    session: OpenSession,
    response: Response,
) -> Person:
    """Change the fields given."""
    require_match(person, if_match)
    apply(person, body.given())
    return tagged(response, await save(session, person, within=policy.editable(caller)))


@router.delete("/people/{person_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_person(person: EditablePerson, if_match: IfMatch, caller: CurrentCaller, session: OpenSession) -> None:
    """Delete a person with their affiliations. An organisation deletes those who are of no other."""
    require_match(person, if_match)
    await service.delete_person(session, caller, person)


@router.get(
    "/people/{person_id:uuid}/affiliations",
    response_model=Page[AffiliationOut],
    dependencies=READ,
    responses=ON_LIST_WITHIN,
)
async def list_affiliations(
    person: VisiblePerson, asked: PageAsked, caller: CurrentCaller, session: OpenSession, request: Request
) -> object:
    """What a person is, or was, to the organisations you answer for, in the order it was entered."""
    _tell(request, caller, resource_id=person.id, territory_id=person.territory_id)
    return await page(session, policy.affiliations_of(caller, person), asked, by=(Affiliation.id,))


@router.post(
    "/people/{person_id:uuid}/affiliations",
    status_code=201,
    response_model=AffiliationOut,
    dependencies=[*WRITE, ONCE],
    responses=ON_CREATE,
)
async def create_affiliation(
    body: AffiliationCreate, person: EditablePerson, caller: CurrentCaller, session: OpenSession, response: Response
) -> Affiliation:
    """Say what a person is to an actor of their territory."""
    return created(response, await service.add_affiliation(session, caller, person, body))


@router.get("/affiliations/{affiliation_id:uuid}", response_model=AffiliationOut, dependencies=READ, responses=ON_READ)
async def get_affiliation(
    affiliation: VisibleAffiliation, caller: CurrentCaller, request: Request, response: Response
) -> Affiliation:
    """One affiliation."""
    _tell(request, caller, resource_id=affiliation.person_id, territory_id=affiliation.territory_id)
    return tagged(response, affiliation)


@router.patch(
    "/affiliations/{affiliation_id:uuid}", response_model=AffiliationOut, dependencies=WRITE, responses=ON_EDIT
)
async def update_affiliation(
    body: AffiliationUpdate,
    affiliation: EditableAffiliation,
    if_match: IfMatch,
    caller: CurrentCaller,
    session: OpenSession,
    response: Response,
) -> Affiliation:
    """Change the fields given; one that has ended is given its `valid_until`."""
    require_match(affiliation, if_match)
    apply(affiliation, body.given())
    return tagged(response, await save(session, affiliation, within=policy.affiliations_editable(caller)))


@router.delete("/affiliations/{affiliation_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_affiliation(affiliation: EditableAffiliation, if_match: IfMatch, session: OpenSession) -> None:
    """Delete an affiliation that never was. A person without any is seen by the collectivité alone."""
    require_match(affiliation, if_match)
    await remove(session, affiliation)


def _tell_of(request: Request, caller: Caller, rows: int) -> None:
    """The same of a number of people; of none there is nothing to say."""
    if rows:
        _tell(request, caller, detail=f"rows:{rows}")


def _tell(request: Request, caller: Caller, **what: Any) -> None:
    """Put on record that this caller read of persons, by the operation they asked for."""
    operation = request.scope["route"].name
    audit.reading(request, audit.entry(caller.id, operation, request=request, resource="people", **what))
