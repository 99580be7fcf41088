"""Who casts a ballot, and who sees one. While a vote is open nobody sees a ballot but who cast it."""

from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import ColumnElement, Select, and_, exists, false, literal, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.actors.models import Actor
from app.actors.people.models import Person
from app.core.db import one_or_404
from app.core.errors import ErrorAt, NotAllowed
from app.core.routing import OpenSession
from app.dialogue.decisions.electors.policy import visible_to as electors_visible_to
from app.dialogue.decisions.models import Ballot, Decision, DecisionState, Elector, Secrecy
from app.dialogue.decisions.policy import visible_to as decisions_visible_to
from app.identity.caller import Caller, CurrentCaller, Role

EVERYTHING = (
    joinedload(Ballot.elector).options(
        joinedload(Elector.person).load_only(Person.first_name, Person.last_name),
        joinedload(Elector.actor).load_only(Actor.name, Actor.kind),
    ),
)


def visible_to(caller: Caller, decision: Decision) -> Select[Ballot]:
    """Of a decision the caller sees: those of their own voices; those the collectivité noted by hand, for itself;
    and of an open vote, once it is closed, all. Of a secret vote there is then nothing left to see."""
    is_told = literal(decision.secrecy is Secrecy.OPEN and decision.state is DecisionState.CLOSED)
    return (
        select(Ballot)
        .where(Ballot.decision_id == decision.id, or_(is_told, _is_own(caller, decision)))
        .options(*EVERYTHING)
    )


def is_by_hand(caller: Caller) -> bool:
    """Whether what the caller casts is noted for a hand raised in the room."""
    return caller.role is Role.COLLECTIVITE


def _is_own(caller: Caller, decision: Decision) -> ColumnElement[bool]:
    match caller.role:
        case Role.COLLECTIVITE:
            return and_(literal(decision.secrecy is Secrecy.OPEN), Ballot.is_by_hand)
        case Role.REFERENT | Role.CLUB_MEMBER:
            own = Elector.actor_id.in_(caller.own_actor_ids)
            return exists(literal(1)).where(Elector.id == Ballot.elector_id, own)
        case Role.PARTNER | Role.OPERATOR:
            return false()
        case unknown:
            assert_never(unknown)


async def load(decision_id: UUID, elector_id: UUID, caller: CurrentCaller, session: OpenSession) -> Ballot:
    """The ballot of an elector. Raises `NotFound`."""
    decision = await one_or_404(session, decisions_visible_to(caller).where(Decision.id == decision_id))
    return await one_or_404(session, visible_to(caller, decision).where(Ballot.elector_id == elector_id))


async def hold_decision(decision_id: UUID, caller: CurrentCaller, session: OpenSession) -> Decision:
    """The decision, which is not closed before this request ends. Raises `NotFound`."""
    held = decisions_visible_to(caller).options(selectinload(Decision.options))
    return await one_or_404(session, held.where(Decision.id == decision_id).with_for_update(read=True))


async def hold_elector(
    elector_id: UUID, decision: Annotated[Decision, Depends(hold_decision)], caller: CurrentCaller, session: OpenSession
) -> Elector:
    """The elector the caller casts a ballot for; of those cast at one time, one after the other.

    Raises `NotFound`, and `NotAllowed` for the collectivité in a secret vote: no hand is raised there.
    """
    electors = electors_visible_to(caller, decision).where(Elector.id == elector_id)
    elector = await one_or_404(session, electors.with_for_update())
    if is_by_hand(caller) and decision.secrecy is Secrecy.SECRET:
        raise NotAllowed(ErrorAt("#", "secret_by_hand"))
    return elector


VisibleBallot = Annotated[Ballot, Depends(load)]
HeldDecision = Annotated[Decision, Depends(hold_decision)]
HeldElector = Annotated[Elector, Depends(hold_elector)]
