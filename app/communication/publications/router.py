"""`/v1/publications`: what came out in the channels."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.communication.publications import policy, service
from app.communication.publications.filters import PublicationFilters
from app.communication.publications.models import Publication
from app.communication.publications.policy import EditablePublication, VisiblePublication
from app.communication.publications.schemas import PublicationCreate, PublicationOut, PublicationUpdate
from app.core import idempotency
from app.core.db import remove
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST, ON_READ
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs

READ = [Depends(Needs("communication:read"))]
WRITE = [Depends(Needs("communication:write"))]
ONCE = Depends(idempotency.begin)

router = APIRouter(prefix="/publications", route_class=TransactionalRoute, tags=["communication"])


@router.get("", response_model=Page[PublicationOut], dependencies=READ, responses=ON_LIST)
async def list_publications(
    filters: Annotated[PublicationFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """What was published of your territories, latest first."""
    rows = await filters.narrow(session, policy.visible_to(caller))
    return await page(session, rows, asked, by=(Publication.published_on, Publication.id), descending=True)


@router.post("", status_code=201, response_model=PublicationOut, dependencies=[*WRITE, ONCE], responses=ON_CREATE)
async def create_publication(
    body: PublicationCreate, caller: CurrentCaller, session: OpenSession, response: Response
) -> Publication:
    """Note what came out in a channel."""
    return created(response, await service.create_publication(session, caller, body))


@router.get("/{publication_id:uuid}", response_model=PublicationOut, dependencies=READ, responses=ON_READ)
async def get_publication(publication: VisiblePublication, response: Response) -> Publication:
    """One publication."""
    return tagged(response, publication)


@router.patch("/{publication_id:uuid}", response_model=PublicationOut, dependencies=WRITE, responses=ON_EDIT)
async def update_publication(
    body: PublicationUpdate, publication: EditablePublication, if_match: IfMatch, caller: CurrentCaller,
    session: OpenSession, response: Response,
) -> Publication:  # fmt: skip
    """Change the fields given: how many it reached is often known later."""
    require_match(publication, if_match)
    return tagged(response, await service.update_publication(session, caller, publication, body))


@router.delete("/{publication_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_publication(publication: EditablePublication, if_match: IfMatch, session: OpenSession) -> None:
    """Delete a publication that never came out."""
    require_match(publication, if_match)
    await remove(session, publication)
