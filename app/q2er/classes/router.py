"""`/v1/q2er/classes`: the classes of a school in a school year, with their head counts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.core import idempotency
from app.core.db import remove
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST, ON_READ
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs
from app.q2er.classes import policy, service
from app.q2er.classes.answers import described
from app.q2er.classes.filters import ClassFilters
from app.q2er.classes.models import SchoolClass
from app.q2er.classes.policy import VisibleClass
from app.q2er.classes.schemas import ClassCreate, ClassOut, ClassUpdate

READ = [Depends(Needs("q2er:read"))]
WRITE = [Depends(Needs("q2er:write"))]
ONCE = Depends(idempotency.begin)

router = APIRouter(prefix="/q2er/classes", route_class=TransactionalRoute, tags=["q2er"])


@router.get("", response_model=Page[ClassOut], dependencies=READ, responses=ON_LIST)
async def list_classes(
    filters: Annotated[ClassFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The classes you see, by school year and name."""
    rows = await filters.apply(session, policy.visible_to(caller))
    found = await page(session, rows, asked, by=(SchoolClass.school_year, SchoolClass.sort_name, SchoolClass.id))
    return found | {"items": [described(row, caller) for row in found["items"]]}


@router.post("", status_code=201, dependencies=[*WRITE, ONCE], responses=ON_CREATE)
async def create_class(body: ClassCreate, caller: CurrentCaller, session: OpenSession, response: Response) -> ClassOut:
    """Enter a class of a school, with its head count."""
    return described(created(response, await service.create_class(session, caller, body)), caller)


@router.get("/{class_id:uuid}", dependencies=READ, responses=ON_READ)
async def get_class(row: VisibleClass, caller: CurrentCaller, response: Response) -> ClassOut:
    """One class."""
    return described(tagged(response, row), caller)


@router.patch("/{class_id:uuid}", dependencies=WRITE, responses=ON_EDIT)
async def update_class(
    body: ClassUpdate, row: VisibleClass, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> ClassOut:  # fmt: skip
    """Change the fields given."""
    require_match(row, if_match)
    return described(tagged(response, await service.update_class(session, caller, row, body)), caller)


@router.delete("/{class_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_class(row: VisibleClass, if_match: IfMatch, session: OpenSession) -> None:
    """Delete a class nothing else names."""
    require_match(row, if_match)
    await remove(session, row)
