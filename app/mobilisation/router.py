"""`/v1/actors/mobilisation`: how far the actors of a territory, and their people, are mobilised."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from app.core.pagination import Page, PageAsked
from app.core.responses import ON_LIST
from app.core.routing import OpenSession, TransactionalRoute
from app.identity import audit
from app.identity.caller import CurrentCaller, Needs
from app.mobilisation import service
from app.mobilisation.filters import MobilisationFilters
from app.mobilisation.policy import territories_counted
from app.mobilisation.schemas import Breakdown, Counted, Funnel, Mobilised, Step

READ = [Depends(Needs("mobilisation:read"))]

router = APIRouter(prefix="/actors/mobilisation", route_class=TransactionalRoute, tags=["mobilisation"])


class FunnelAsked(MobilisationFilters):
    """What the figures are narrowed to, and told apart by."""

    by: Annotated[Breakdown | None, Query(description="also tell the figures apart by this")] = None


class RowsAsked(MobilisationFilters):
    """Which figure is to be opened."""

    step: Annotated[Step, Query(description="the step counted")] = Step.INVITED
    of: Annotated[Counted, Query(description="whether organisations or people are counted")] = Counted.ACTORS


@router.get("", dependencies=READ, responses=ON_LIST)
async def get_mobilisation(
    asked: Annotated[FunnelAsked, Query()], caller: CurrentCaller, session: OpenSession
) -> Funnel:
    """The funnel invited → registered → attended → contributed → still active, counted from rows.

    Within the period: *invited* stood on the list of an event, *registered* signed up to one, *attended* came to one,
    *contributed* came to a session of a working group, belonged to one or led it, led or helped an action under way,
    mentored, or gave means; *still active* contributed in the last twelve months of the period.
    """
    resolved = await asked.resolve(session, territories_counted(caller))
    return await service.funnel(session, resolved, asked, asked.by)


@router.get("/rows", dependencies=READ, responses=ON_LIST)
async def list_mobilised(
    filters: Annotated[RowsAsked, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession,
    request: Request,
) -> Page[Mobilised]:  # fmt: skip
    """Those a figure of the funnel counts, by name."""
    resolved = await filters.resolve(session, territories_counted(caller))
    found = await service.mobilised(session, caller, resolved, filters.step, filters.of, asked)
    if filters.of is Counted.PEOPLE and found["items"]:
        line = audit.entry(
            caller.id, "list_mobilised", request=request, resource="people", detail=f"rows:{len(found['items'])}"
        )
        audit.reading(request, line)
    return Page[Mobilised](**found)
