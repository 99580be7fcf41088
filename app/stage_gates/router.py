"""`/v1/stages/{id}/checklist`: what must hold before a stage can be completed."""

from fastapi import APIRouter, Depends

from app.core.responses import ON_FIGURES
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import Needs
from app.stage_gates import service
from app.stage_gates.policy import CheckableStage
from app.stage_gates.schemas import ChecklistOut

router = APIRouter(route_class=TransactionalRoute, tags=["territories"])


@router.get("/stages/{stage_id:uuid}/checklist", dependencies=[Depends(Needs("programmes:read"))], responses=ON_FIGURES)
async def get_stage_checklist(stage: CheckableStage, session: OpenSession) -> ChecklistOut:
    """What the gate of a stage asks for, line by line, and what stands in the way now."""
    return await service.checklist_of(session, stage)
