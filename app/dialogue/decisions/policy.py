"""Who sees decisions, who prepares them, and who votes."""

from collections.abc import Iterable
from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, literal, select
from sqlalchemy.orm import selectinload, with_expression

from app.core import clock
from app.core.db import one_or_404, require_visible
from app.core.errors import NotAllowed
from app.core.routing import OpenSession
from app.dialogue.decisions.models import Ballot, Decision, DecisionState, Elector, Secrecy
from app.dialogue.decisions.states import DecisionVerb, blocker
from app.identity.caller import Caller, CurrentCaller, Role


def visible_to(caller: Caller) -> Select[Decision]:
    """The collectivité sees all decisions of its territories. Others see what was put to the vote: a referent and a
    partner system all of it, an organisation what it has a voice in."""
    decisions = select(Decision).where(Decision.territory_id.in_(caller.territory_ids))
    match caller.role:
        case Role.COLLECTIVITE:
            return decisions
        case Role.REFERENT | Role.PARTNER:
            return decisions.where(Decision.opened_at.is_not(None))
        case Role.CLUB_MEMBER:
            return decisions.where(Decision.opened_at.is_not(None), _has_voice(caller))
        case Role.OPERATOR:
            return decisions.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller) -> Select[Decision]:
    """The collectivité prepares the decisions of its territories; no one else does."""
    decisions = visible_to(caller)
    return decisions if caller.role is Role.COLLECTIVITE else decisions.where(false())


def in_full(decisions: Select[Decision], caller: Caller) -> Select[Decision]:
    """The same decisions with all that is shown of them."""
    electors = select(func.count()).where(Elector.decision_id == Decision.id)
    ballots = select(func.count()).where(Ballot.decision_id == Decision.id)
    voters = case(
        (Decision.state == DecisionState.OPEN, ballots.scalar_subquery()),
        else_=electors.where(Elector.has_voted.is_(True)).scalar_subquery(),
    )
    voiceless = exists(literal(1)).where(Elector.decision_id == Decision.id, Elector.actor_id.is_(None))
    return decisions.options(
        selectinload(Decision.options),
        with_expression(Decision.electors, electors.scalar_subquery()),
        with_expression(Decision.voters, voters),
        with_expression(Decision.is_elector, _may_vote_somewhere(caller)),
        with_expression(Decision.has_voiceless, voiceless),
    )


def is_writer(caller: Caller) -> bool:
    """Whether the caller prepares decisions: the collectivité, with a token that says so."""
    return caller.role is Role.COLLECTIVITE and "decisions:write" in caller.scopes


def require_may_write(caller: Caller, territory_id: UUID) -> None:
    """Raises `NotAllowed` unless the caller prepares decisions in this territory."""
    if caller.role is not Role.COLLECTIVITE or territory_id not in caller.territory_ids:
        raise NotAllowed(reason="out_of_sight")


def tell_actions(caller: Caller, decisions: Iterable[Decision]) -> None:
    """Put in `allowed_actions` of each decision what the caller may do with it now."""
    now = clock.now()
    for decision in decisions:
        entitled = set(DecisionVerb) - {DecisionVerb.VOTE} if is_writer(caller) else set()
        if decision.is_elector and "decisions:vote" in caller.scopes:
            entitled.add(DecisionVerb.VOTE)
        decision.allowed_actions = [
            verb for verb in DecisionVerb if verb in entitled and blocker(verb, decision, now) is None
        ]


def _has_voice(caller: Caller) -> ColumnElement[bool]:
    own = Elector.actor_id.in_(caller.own_actor_ids)
    return exists(literal(1)).where(Elector.decision_id == Decision.id, own)


def _may_vote_somewhere(caller: Caller) -> ColumnElement[bool]:
    """The collectivité notes hands raised in the room, where the vote is open; others vote for their own."""
    match caller.role:
        case Role.COLLECTIVITE:
            return and_(Decision.secrecy == Secrecy.OPEN)
        case Role.REFERENT | Role.CLUB_MEMBER:
            return _has_voice(caller)
        case Role.PARTNER | Role.OPERATOR:
            return false()
        case unknown:
            assert_never(unknown)


async def load(decision_id: UUID, caller: CurrentCaller, session: OpenSession) -> Decision:
    """Raises `NotFound`."""
    return await one_or_404(session, in_full(visible_to(caller), caller).where(Decision.id == decision_id))


async def load_editable(decision_id: UUID, caller: CurrentCaller, session: OpenSession) -> Decision:
    """Held until the end of the request: no ballot comes in while it is opened, closed or cancelled.

    Raises `NotFound`, or `NotAllowed` for a decision the caller only reads.
    """
    held = in_full(visible_to(caller), caller).with_for_update(key_share=True, of=Decision)
    decision = await one_or_404(session, held.where(Decision.id == decision_id))
    await require_visible(session, decision, within=editable(caller))
    return decision


VisibleDecision = Annotated[Decision, Depends(load)]
EditableDecision = Annotated[Decision, Depends(load_editable)]
