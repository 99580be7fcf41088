"""`/v1/decisions`: questions put to the vote, from their draft to their result."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.core import idempotency
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST, ON_READ, ON_VERB
from app.core.routing import OpenSession, TransactionalRoute
from app.dialogue.decisions import policy, service
from app.dialogue.decisions.answers import described, described_all
from app.dialogue.decisions.filters import DecisionFilters
from app.dialogue.decisions.models import Decision
from app.dialogue.decisions.policy import EditableDecision, VisibleDecision
from app.dialogue.decisions.schemas import DecisionCancel, DecisionCreate, DecisionOut, DecisionUpdate
from app.identity.caller import CurrentCaller, Needs

READ = [Depends(Needs("decisions:read"))]
WRITE = [Depends(Needs("decisions:write"))]
VERB = [*WRITE, Depends(idempotency.begin)]

router = APIRouter(prefix="/decisions", route_class=TransactionalRoute, tags=["decisions"])


@router.get("", dependencies=READ, responses=ON_LIST)
async def list_decisions(
    filters: Annotated[DecisionFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> Page[DecisionOut]:
    """The decisions you see, in the order they were made."""
    rows = await filters.narrow(session, policy.in_full(policy.visible_to(caller), caller))
    found = await page(session, rows, asked, by=(Decision.id,))
    return Page[DecisionOut](**found | {"items": described_all(found["items"], caller)})


@router.post("", status_code=201, dependencies=VERB, responses=ON_CREATE)
async def create_decision(
    body: DecisionCreate, caller: CurrentCaller, session: OpenSession, response: Response
) -> DecisionOut:
    """Make a draft of a decision."""
    return described(created(response, await service.create(session, caller, body)), caller)


@router.get("/{decision_id:uuid}", dependencies=READ, responses=ON_READ)
async def get_decision(decision: VisibleDecision, caller: CurrentCaller, response: Response) -> DecisionOut:
    """One decision, with what you may do with it."""
    return described(tagged(response, decision), caller)


@router.patch("/{decision_id:uuid}", dependencies=WRITE, responses=ON_EDIT)
async def update_decision(
    body: DecisionUpdate, decision: EditableDecision, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> DecisionOut:  # fmt: skip
    """Change the fields given. Once the vote is open, only its dates change."""
    require_match(decision, if_match)
    return described(tagged(response, await service.update(session, caller, decision, body)), caller)


@router.delete("/{decision_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_decision(decision: EditableDecision, if_match: IfMatch, session: OpenSession) -> None:
    """Delete a draft. What was put to the vote stays, or is cancelled."""
    require_match(decision, if_match)
    await service.delete(session, decision)


@router.post("/{decision_id:uuid}:open", dependencies=VERB, responses=ON_VERB)
async def open_decision(
    decision: EditableDecision, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> DecisionOut:
    """Put a draft to the vote: its electors and all but its dates are frozen."""
    require_match(decision, if_match)
    return described(tagged(response, await service.open_vote(session, caller, decision)), caller)


@router.post("/{decision_id:uuid}:close", dependencies=VERB, responses=ON_VERB)
async def close_decision(
    decision: EditableDecision, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> DecisionOut:
    """Close the vote: no ballot changes any more, and the result is known. Of a secret vote, what ties ballots to
    electors is destroyed for good. Before `closes_at`, only once everyone has voted."""
    require_match(decision, if_match)
    return described(tagged(response, await service.close(session, caller, decision)), caller)


@router.post("/{decision_id:uuid}:cancel", dependencies=VERB, responses=ON_VERB)
async def cancel_decision(
    body: DecisionCancel, decision: EditableDecision, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> DecisionOut:  # fmt: skip
    """Call the vote off. Ballots already cast are deleted."""
    require_match(decision, if_match)
    return described(tagged(response, await service.cancel(session, caller, decision, body)), caller)
