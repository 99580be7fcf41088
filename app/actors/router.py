"""`/v1/actors`: the organisations of a territory."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.actors import policy, service
from app.actors.filters import ActorFilters
from app.actors.models import Actor
from app.actors.policy import EditableActor, RemovableActor, VisibleActor
from app.actors.schemas import ActorCreate, ActorOut, ActorUpdate
from app.actors.spreadsheet import sheet
from app.core import idempotency
from app.core.db import remove
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_READ
from app.core.routing import OpenSession, TransactionalRoute
from app.core.spreadsheets import importing
from app.core.spreadsheets.asking import IMPORT_BODY, ON_FILE_LIST, ON_IMPORT, FileAsked, ImportAsked
from app.core.spreadsheets.exporting import page_or_file
from app.core.spreadsheets.report import ImportReport
from app.identity.caller import CurrentCaller, Needs

READ = [Depends(Needs("actors:read"))]
WRITE = [Depends(Needs("actors:write"))]
READ_AND_WRITE = [Depends(Needs("actors:read", "actors:write"))]
ONCE = Depends(idempotency.begin)

router = APIRouter(prefix="/actors", route_class=TransactionalRoute, tags=["actors"])


@router.get("", response_model=Page[ActorOut], dependencies=READ, responses=ON_FILE_LIST)
async def list_actors(
    filters: Annotated[ActorFilters, Query()],
    asked: PageAsked,
    wanted: FileAsked,
    caller: CurrentCaller,
    session: OpenSession,
) -> object:
    """The actors of your territories, by name; all of them as a file for a spreadsheet."""
    rows = await filters.apply(session, policy.visible_to(caller))
    return await page_or_file(session, rows, asked, wanted, await sheet(session, caller))


@router.post(
    ":import",
    response_model=ImportReport,
    dependencies=[*READ_AND_WRITE, ONCE],
    responses=ON_IMPORT,
    openapi_extra=IMPORT_BODY,
)
async def import_actors(asked: ImportAsked, caller: CurrentCaller, session: OpenSession) -> object:
    """Add and change actors by a file in the form of the export; preview first, then apply."""
    return await importing.run(session, await sheet(session, caller), asked)


@router.post("", status_code=201, response_model=ActorOut, dependencies=[*WRITE, ONCE], responses=ON_CREATE)
async def create_actor(body: ActorCreate, caller: CurrentCaller, session: OpenSession, response: Response) -> Actor:
    """Add an actor to a territory. A partner system names it with a source of its own."""
    return created(response, await service.create_actor(session, caller, body))


@router.get("/{actor_id:uuid}", response_model=ActorOut, dependencies=READ, responses=ON_READ)
async def get_actor(actor: VisibleActor, response: Response) -> Actor:
    """One actor."""
    return tagged(response, actor)


@router.patch("/{actor_id:uuid}", response_model=ActorOut, dependencies=WRITE, responses=ON_EDIT)
async def update_actor(
    body: ActorUpdate,
    actor: EditableActor,
    if_match: IfMatch,
    caller: CurrentCaller,
    session: OpenSession,
    response: Response,
) -> Actor:
    """Change the fields given."""
    require_match(actor, if_match)
    return tagged(response, await service.update_actor(session, caller, actor, body))


@router.delete("/{actor_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_actor(actor: RemovableActor, if_match: IfMatch, session: OpenSession) -> None:
    """Delete an actor nothing speaks of. One that has closed is rather given its `valid_until`."""
    require_match(actor, if_match)
    await remove(session, actor)
