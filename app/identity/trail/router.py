"""`/v1/audit`: the trail, latest first."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_LIST
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs
from app.identity.trail.filters import TrailFilters
from app.identity.trail.policy import TrailEntry, visible_to
from app.identity.trail.schemas import TrailView

router = APIRouter(prefix="/audit", tags=["audit"], route_class=TransactionalRoute)


@router.get("", response_model=Page[TrailView], dependencies=[Depends(Needs("audit:read"))], responses=ON_LIST)
async def list_audit_entries(
    asked: PageAsked, filters: Annotated[TrailFilters, Depends()], caller: CurrentCaller, session: OpenSession
) -> dict[str, object]:
    """Who did what, what was refused, and who read of persons: latest first."""
    return await page(session, filters.within(visible_to(caller)), asked, by=[TrailEntry.seq], descending=True)
