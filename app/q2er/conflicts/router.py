"""`/v1/q2er/editions/{id}/conflicts`: what is asked for twice at one time."""

from fastapi import APIRouter, Depends

from app.core.responses import ON_FIGURES
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs
from app.q2er.conflicts import service
from app.q2er.conflicts.schemas import ConflictsOut
from app.q2er.editions.policy import VisibleEdition

READ = [Depends(Needs("q2er:read", "events:read"))]

router = APIRouter(prefix="/q2er/editions", route_class=TransactionalRoute, tags=["q2er"])


@router.get("/{edition_id:uuid}/conflicts", dependencies=READ, responses=ON_FIGURES)
async def list_conflicts(edition: VisibleEdition, caller: CurrentCaller, session: OpenSession) -> ConflictsOut:
    """The sessions of an edition that share a class, teacher, company or place with another at the same time."""
    return ConflictsOut(items=await service.conflicts(session, caller, edition))
