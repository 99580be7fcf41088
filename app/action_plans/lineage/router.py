"""`/v1/actions/{id}/lineage`: where an action comes from."""

from uuid import UUID

from fastapi import APIRouter, Depends

from app.action_plans.lineage import service
from app.action_plans.lineage.schemas import Lineage
from app.core.responses import ON_LIST_WITHIN
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs

READ = [Depends(Needs("plans:read"))]

router = APIRouter(prefix="/actions", route_class=TransactionalRoute, tags=["actions"])


@router.get("/{action_id:uuid}/lineage", response_model=Lineage, dependencies=READ, responses=ON_LIST_WITHIN)
async def get_lineage(action_id: UUID, caller: CurrentCaller, session: OpenSession) -> Lineage:
    """The chain from the needs an action addresses to the means put into it, as far as you see it."""
    return Lineage(items=await service.lineage_of(session, caller, action_id))
