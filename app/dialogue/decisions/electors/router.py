"""`/v1/decisions/{id}/electors`: who votes. Who reads names is on the audit trail."""

from fastapi import APIRouter, Depends, Request, Response

from app.core.etag import IfMatch, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_EDIT, ON_LIST_WITHIN
from app.core.routing import OpenSession, TransactionalRoute
from app.dialogue.decisions.answers import described
from app.dialogue.decisions.electors import policy, service
from app.dialogue.decisions.electors.answers import elector_out, on_record
from app.dialogue.decisions.electors.schemas import ElectorOut, ElectorsChoice
from app.dialogue.decisions.models import Elector
from app.dialogue.decisions.policy import EditableDecision, VisibleDecision
from app.dialogue.decisions.schemas import DecisionOut
from app.identity.caller import CurrentCaller, Needs

READ = [Depends(Needs("decisions:read"))]
WRITE = [Depends(Needs("decisions:write"))]

router = APIRouter(prefix="/decisions/{decision_id:uuid}", route_class=TransactionalRoute, tags=["decisions"])


@router.get("/electors", dependencies=READ, responses=ON_LIST_WITHIN)
async def list_electors(
    decision: VisibleDecision, asked: PageAsked, caller: CurrentCaller, session: OpenSession, request: Request
) -> Page[ElectorOut]:
    """Who votes: all of them for the collectivité, your own voices for others."""
    rows = policy.in_full(policy.visible_to(caller, decision), decision)
    found = await page(session, rows, asked, by=(Elector.id,))
    on_record(request, caller, decision.id, decision.territory_id, found["items"])
    return Page[ElectorOut](**found | {"items": [elector_out(elector) for elector in found["items"]]})


@router.put("/electors", dependencies=WRITE, responses=ON_EDIT)
async def choose_electors(
    body: ElectorsChoice, decision: EditableDecision, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> DecisionOut:  # fmt: skip
    """Say who votes, in place of those there were. Answers the draft with its new version."""
    require_match(decision, if_match)
    return described(tagged(response, await service.choose(session, caller, decision, body)), caller)
