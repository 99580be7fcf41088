"""The result of a closed decision."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from app.actors.models import Actor
from app.core.errors import Conflict, ErrorAt
from app.dialogue.decisions.methods import method_of
from app.dialogue.decisions.models import Ballot, Decision, DecisionState, Elector, MethodName, Secrecy, SecretBallot
from app.dialogue.decisions.results.counting import Content, Counted, count, turnout_of
from app.dialogue.decisions.results.schemas import DecisionResult, Objection, OptionResult, TurnoutOut
from app.dialogue.decisions.tally.ranking import first_of
from app.dialogue.decisions.tally.verdict import obstacle_to_adoption

ARGUMENT = "argument"
NO_FIGURES: dict[str, Any] = {"votes": None, "points": None, "grades": [], "majority_grade": None, "duels": []}


async def result_of(session: AsyncSession, decision: Decision) -> DecisionResult:
    """Counted from the ballots. Raises `Conflict` before the decision is closed."""
    if decision.state is not DecisionState.CLOSED:
        raise Conflict(ErrorAt("path:decision_id", "told_once_closed"), reason=f"decision_{decision.state}")
    contents = await _contents(session, decision)
    turnout = turnout_of(decision, decision.electors or 0, contents)
    found = count(decision, turnout, contents)
    status_quo = next((str(option.id) for option in decision.options if option.is_status_quo), None)
    obstacle = obstacle_to_adoption(found.ranks, turnout, found.obstacle, status_quo)
    return DecisionResult(
        decision_id=decision.id,
        method=method_of(decision),
        secrecy=decision.secrecy,
        turnout=TurnoutOut.model_validate(turnout),
        is_adopted=obstacle is None,
        adopted_option_id=None if obstacle else UUID(first_of(found.ranks)[0]),
        obstacle=obstacle,
        base=found.base,
        ranking=_ranking(decision, found),
        objections=await _objections(session, decision),
    )


def _ranking(decision: Decision, found: Counted) -> list[OptionResult]:
    ranked = sorted(decision.options, key=lambda option: found.ranks[str(option.id)])
    return [
        OptionResult.model_validate(
            {
                **NO_FIGURES,
                **found.figures[str(option.id)],
                "option_id": option.id,
                "label": option.label,
                "rank": found.ranks[str(option.id)],
            }
        )
        for option in ranked
    ]


async def _contents(session: AsyncSession, decision: Decision) -> list[tuple[Content, int]]:
    """Ballots that say the same, counted together; objections are, whatever their arguments."""
    kind = SecretBallot if decision.secrecy is Secrecy.SECRET else Ballot
    said = kind.content.op("-")(ARGUMENT)
    rows = select(said, func.count()).where(kind.decision_id == decision.id).group_by(said)
    return [(content, times) for content, times in await session.execute(rows)]


async def _objections(session: AsyncSession, decision: Decision) -> list[Objection]:
    if decision.method is not MethodName.CONSENT:
        return []
    if decision.secrecy is Secrecy.SECRET:
        argument = SecretBallot.content[ARGUMENT].astext
        rows = select(argument).where(SecretBallot.decision_id == decision.id, argument.is_not(None))
        said = await session.scalars(rows.order_by(SecretBallot.id))
        return [Objection.model_validate({"argument": one, "elector_id": None, "actor": None}) for one in said]
    is_objection = Ballot.content[ARGUMENT].astext.is_not(None)
    signed = select(Ballot).where(Ballot.decision_id == decision.id, is_objection).order_by(Ballot.id)
    shown = joinedload(Ballot.elector).joinedload(Elector.actor).load_only(Actor.name, Actor.kind)
    return [
        Objection.model_validate(
            {"argument": ballot.content[ARGUMENT], "elector_id": ballot.elector_id, "actor": ballot.elector.actor},
            from_attributes=True,
        )
        for ballot in await session.scalars(signed.options(shown))
    ]
