"""`/v1/means`: what is put into programmes and actions."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.action_plans.means import policy, service
from app.action_plans.means.filters import MeansFilters
from app.action_plans.means.models import Means
from app.action_plans.means.policy import EditableMeans, VisibleMeans
from app.action_plans.means.schemas import MeansCreate, MeansOut, MeansTotals, MeansUpdate
from app.action_plans.means.spreadsheet import sheet
from app.core import idempotency
from app.core.db import remove
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST, ON_READ
from app.core.routing import OpenSession, TransactionalRoute
from app.core.spreadsheets import importing
from app.core.spreadsheets.asking import IMPORT_BODY, ON_FILE_LIST, ON_IMPORT, FileAsked, ImportAsked
from app.core.spreadsheets.exporting import page_or_file
from app.core.spreadsheets.report import ImportReport
from app.identity.caller import CurrentCaller, Needs

READ = [Depends(Needs("means:read"))]
WRITE = [Depends(Needs("means:write"))]
READ_AND_WRITE = [Depends(Needs("means:read", "means:write"))]
ONCE = Depends(idempotency.begin)

router = APIRouter(prefix="/means", route_class=TransactionalRoute, tags=["means"])


@router.get("", response_model=Page[MeansOut], dependencies=READ, responses=ON_FILE_LIST)
async def list_means(
    filters: Annotated[MeansFilters, Query()],
    asked: PageAsked,
    wanted: FileAsked,
    caller: CurrentCaller,
    session: OpenSession,
) -> object:
    """The means you see, by label; all of them as a file for a spreadsheet."""
    rows = await filters.apply(session, policy.visible_to(caller))
    return await page_or_file(session, rows, asked, wanted, await sheet(session, caller))


@router.post(
    ":import",
    response_model=ImportReport,
    dependencies=[*READ_AND_WRITE, ONCE],
    responses=ON_IMPORT,
    openapi_extra=IMPORT_BODY,
)
async def import_means(asked: ImportAsked, caller: CurrentCaller, session: OpenSession) -> object:
    """Add and change means by a file in the form of the export; preview first, then apply."""
    return await importing.run(session, await sheet(session, caller), asked)


@router.get("/totals", response_model=MeansTotals, dependencies=READ, responses=ON_LIST)
async def total_means(
    filters: Annotated[MeansFilters, Query()], caller: CurrentCaller, session: OpenSession
) -> MeansTotals:
    """The means you see, added up by kind and unit; different units are never added."""
    rows = await filters.apply(session, policy.visible_to(caller))
    return MeansTotals(items=await service.total(session, rows))


@router.post("", status_code=201, response_model=MeansOut, dependencies=[*WRITE, ONCE], responses=ON_CREATE)
async def create_means(body: MeansCreate, caller: CurrentCaller, session: OpenSession, response: Response) -> Means:
    """Say what is put into a programme or an action."""
    return created(response, await service.create_means(session, caller, body))


@router.get("/{means_id:uuid}", response_model=MeansOut, dependencies=READ, responses=ON_READ)
async def get_means(means: VisibleMeans, response: Response) -> Means:
    """One of the means."""
    return tagged(response, means)


@router.patch("/{means_id:uuid}", response_model=MeansOut, dependencies=WRITE, responses=ON_EDIT)
async def update_means(
    body: MeansUpdate, means: EditableMeans, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Means:  # fmt: skip
    """Change the fields given."""
    require_match(means, if_match)
    return tagged(response, await service.update_means(session, caller, means, body))


@router.delete("/{means_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_means(means: EditableMeans, if_match: IfMatch, session: OpenSession) -> None:
    """Delete means."""
    require_match(means, if_match)
    await remove(session, means)
