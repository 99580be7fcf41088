"""`/v1/decisions/{id}/result`."""

from fastapi import APIRouter, Depends

from app.core.errors import Conflict
from app.core.responses import ON_READ, problems
from app.core.routing import OpenSession, TransactionalRoute
from app.dialogue.decisions.policy import VisibleDecision
from app.dialogue.decisions.results import service
from app.dialogue.decisions.results.schemas import DecisionResult
from app.identity.caller import Needs

READ = [Depends(Needs("decisions:read"))]

router = APIRouter(prefix="/decisions/{decision_id:uuid}", route_class=TransactionalRoute, tags=["decisions"])


@router.get("/result", dependencies=READ, responses={**ON_READ, **problems(Conflict)})
async def get_decision_result(decision: VisibleDecision, session: OpenSession) -> DecisionResult:
    """The result of a closed decision: every option in its place, the figures, and whether one is adopted."""
    return await service.result_of(session, decision)
