"""Ballots: cast and seen by their own elector while the vote is open; listed once an open vote is closed."""

from fastapi import APIRouter, Depends, Request, Response

from app.core.errors import Conflict
from app.core.etag import IfMatch, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_EDIT, ON_LIST_WITHIN, ON_READ, TAG, problems
from app.core.routing import OpenSession, TransactionalRoute
from app.dialogue.decisions.ballots import service
from app.dialogue.decisions.ballots.answers import ballot_out
from app.dialogue.decisions.ballots.policy import HeldDecision, HeldElector, VisibleBallot
from app.dialogue.decisions.ballots.schemas import BallotOut, BallotWrite
from app.dialogue.decisions.electors.answers import on_record
from app.dialogue.decisions.models import Ballot
from app.dialogue.decisions.policy import VisibleDecision
from app.identity.caller import CurrentCaller, Needs

READ = [Depends(Needs("decisions:read"))]
VOTE = [Depends(Needs("decisions:vote"))]
ON_CAST = {**ON_EDIT, 201: {"model": BallotOut, "description": "The elector's first ballot.", "headers": TAG}}

router = APIRouter(prefix="/decisions/{decision_id:uuid}", route_class=TransactionalRoute, tags=["decisions"])


@router.get("/electors/{elector_id:uuid}/ballot", dependencies=READ, responses=ON_READ)
async def get_ballot(ballot: VisibleBallot, caller: CurrentCaller, request: Request, response: Response) -> BallotOut:
    """The ballot of one of your voices; of an open vote that is closed, of any."""
    on_record(request, caller, ballot.decision_id, ballot.territory_id, [ballot.elector])
    return ballot_out(tagged(response, ballot))


@router.put("/electors/{elector_id:uuid}/ballot", dependencies=VOTE, responses=ON_CAST)
async def cast_ballot(
    body: BallotWrite, decision: HeldDecision, elector: HeldElector, if_match: IfMatch, caller: CurrentCaller,
    session: OpenSession, response: Response,
) -> BallotOut:  # fmt: skip
    """Vote for one of your voices, or replace its ballot while the vote is open (`If-Match`: the one you read).

    The collectivité notes a hand raised in the room, in an open vote only. Sent twice, a ballot is cast once: there
    is no `Idempotency-Key`, and nothing is kept of what was sent.
    """
    ballot, is_new = await service.cast(session, caller, decision, elector, body, if_match)
    if is_new:
        response.status_code = 201
    return ballot_out(tagged(response, ballot))


@router.get("/ballots", dependencies=READ, responses={**ON_LIST_WITHIN, **problems(Conflict)})
async def list_ballots(
    decision: VisibleDecision, asked: PageAsked, caller: CurrentCaller, session: OpenSession, request: Request
) -> Page[BallotOut]:
    """Who voted what in an open vote, once it is closed. Refused of a secret vote."""
    found = await page(session, service.listed(caller, decision), asked, by=(Ballot.id,))
    on_record(request, caller, decision.id, decision.territory_id, [ballot.elector for ballot in found["items"]])
    return Page[BallotOut](**found | {"items": [ballot_out(ballot) for ballot in found["items"]]})
