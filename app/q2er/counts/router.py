"""`/v1/q2er/editions/{id}/counts` and `/ledger`: whom an edition reached."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_FIGURES, ON_LIST_WITHIN
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs
from app.q2er.counts import policy, service
from app.q2er.counts.filters import LedgerFilters
from app.q2er.counts.policy import CountedEdition
from app.q2er.counts.schemas import EditionCounts, LedgerLine
from app.q2er.pupils.accesses import note_reading
from app.q2er.pupils.models import Pupil

READ = [Depends(Needs("participations:read"))]

router = APIRouter(prefix="/q2er/editions", route_class=TransactionalRoute, tags=["q2er"])


@router.get("/{edition_id:uuid}/counts", response_model=EditionCounts, dependencies=READ, responses=ON_FIGURES)
async def get_edition_counts(edition: CountedEdition, caller: CurrentCaller, session: OpenSession) -> EditionCounts:
    """How many pupils an edition reached, by class and sequence. Outside their school, counts under 5 are hidden with
    whatever would give them away; a referent is told all of their own classes, and of no others."""
    return await service.counts(session, caller, edition)


@router.get("/{edition_id:uuid}/ledger", response_model=Page[LedgerLine], dependencies=READ, responses=ON_LIST_WITHIN)
async def list_edition_ledger(
    edition: CountedEdition,
    filters: Annotated[LedgerFilters, Query()],
    asked: PageAsked,
    caller: CurrentCaller,
    session: OpenSession,
    request: Request,
) -> dict[str, Any]:
    """What each pupil followed, for their school, which may ask who has nothing on some days; for others what each
    class did, by counts, all on one page."""
    if not policy.is_inside(caller):
        if filters.is_asked:
            policy.require_inside(caller)
        return {"items": await service.class_lines(session, caller, edition), "next": None, "count": None}
    rows = filters.apply(policy.pupils_of(caller, edition))
    found = await page(session, rows, asked, by=(Pupil.sort_name, Pupil.id))
    note_reading(request, caller, found["items"])
    return {**found, "items": await service.pupil_lines(session, edition, found["items"])}
