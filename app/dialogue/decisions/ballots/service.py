"""Casting a ballot, and replacing it."""

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.db import one_or_404, save
from app.core.errors import Conflict, ErrorAt, VersionMismatch
from app.core.etag import require_match
from app.dialogue.decisions import states
from app.dialogue.decisions.ballots import policy
from app.dialogue.decisions.ballots.content import content_of, require_valid
from app.dialogue.decisions.ballots.schemas import BallotWrite
from app.dialogue.decisions.models import Ballot, Decision, DecisionState, Elector, Secrecy
from app.identity.caller import Caller


async def cast(
    session: AsyncSession, caller: Caller, decision: Decision, elector: Elector, body: BallotWrite, if_match: str | None
) -> tuple[Ballot, bool]:
    """The elector's ballot, and whether it is the first, rather than in place of another.

    Raises `Conflict` while no ballot is taken, and for a hand that would stand for a ballot its elector cast;
    `InvalidInput`; `PreconditionRequired` and `VersionMismatch` for a ballot that is already there.
    """
    reason = states.vote_blocker(decision, clock.now())
    if reason:
        raise Conflict(ErrorAt("#", "vote_not_open"), reason=reason)
    require_valid(decision, body.vote)
    former: Ballot | None = await session.scalar(select(Ballot).where(Ballot.elector_id == elector.id))
    if former:
        if policy.is_by_hand(caller) and not former.is_by_hand:
            raise Conflict(ErrorAt("#", "cast_by_elector"))
        require_match(former, if_match)
    elif if_match is not None:
        raise VersionMismatch
    ballot = former or Ballot(territory_id=decision.territory_id, decision_id=decision.id, elector_id=elector.id)
    ballot.content = content_of(body.vote)
    ballot.cast_by, ballot.is_by_hand = caller.id, policy.is_by_hand(caller)
    within = policy.visible_to(caller, decision)
    await save(session, ballot, within=within)
    shown = within.where(Ballot.id == ballot.id)
    return await one_or_404(session, shown.execution_options(populate_existing=True)), former is None


def listed(caller: Caller, decision: Decision) -> Select[Ballot]:
    """The ballots of an open vote that is closed. Raises `Conflict` before, and for a secret vote."""
    if decision.secrecy is Secrecy.SECRET:
        raise Conflict(ErrorAt("path:decision_id", "ballots_are_secret"))
    if decision.state is not DecisionState.CLOSED:
        raise Conflict(ErrorAt("path:decision_id", "told_once_closed"), reason=f"decision_{decision.state}")
    return policy.visible_to(caller, decision)
