"""Decisions for tests, taken by the database itself from draft to the state asked for."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from app.actors.models import Actor
from app.actors.people.models import Person
from app.core import clock
from app.dialogue.decisions.models import (
    Ballot,
    Decision,
    DecisionOption,
    DecisionState,
    Elector,
    MethodName,
    Secrecy,
    Voices,
)
from app.dialogue.decisions.tally.majority import MajorityBase
from app.territories.models import Territory

PARAMETERS: Mapping[MethodName, dict[str, Any]] = {
    MethodName.CONSENT: {},
    MethodName.MAJORITY: {"majority_base": MajorityBase.EXPRESSED},
    MethodName.APPROVAL: {},
    MethodName.POINTS: {"points_budget": 10, "points_per_option": 6},
    MethodName.RANKED: {},
    MethodName.MAJORITY_JUDGMENT: {"grades": ["Très bien", "Bien", "Passable", "À rejeter"]},
}


SAID_AS_IS = ("kind", "grade", "argument")


async def a_decision(
    session: AsyncSession,
    territory: Territory,
    *,
    electors: tuple[Actor | tuple[Person, Actor | None], ...] = (),
    options: tuple[str, ...] | None = None,
    state: DecisionState = DecisionState.DRAFT,
    votes: Mapping[int, dict[str, Any]] | None = None,
    **traits: Any,
) -> Decision:
    """`electors`: actors, or people with the actor they vote through. `options`: their labels; a label that begins
    with "=" is the status quo. `votes`: what the electors at these places vote, options by their labels."""
    method = MethodName(traits.setdefault("method", MethodName.MAJORITY))
    voices = None if not electors else Voices.PEOPLE if isinstance(electors[0], tuple) else Voices.ACTORS
    labels = options if options is not None else ("A",) if method is MethodName.CONSENT else ("A", "B", "C")
    row = Decision(
        territory_id=territory.id,
        **{"question": "Que faire ?", "secrecy": Secrecy.SECRET, "voices": voices, **PARAMETERS[method], **traits},
    )
    row.options = [
        DecisionOption(id=uuid7(), position=place, label=label.lstrip("="), is_status_quo=label.startswith("="))
        for place, label in enumerate(labels, 1)
    ]
    session.add(row)
    await session.flush()
    voters = [
        Elector(id=uuid4(), decision_id=row.id, **dict(zip(("person_id", "actor_id"), _who(who), strict=True)))
        for who in electors
    ]
    session.add_all(voters)
    await session.flush()
    if state is not DecisionState.DRAFT:
        row.state, row.opened_at = DecisionState.OPEN, clock.now()
        await session.flush()
    session.add_all(
        Ballot(
            territory_id=territory.id, decision_id=row.id, elector_id=voters[place].id,
            content=named(vote, {option.label: option.id for option in row.options}), cast_by="test", is_by_hand=False,
        )
        for place, vote in (votes or {}).items()
    )  # fmt: skip
    await session.flush()
    if state is DecisionState.CLOSED:
        row.state, row.closed_at = state, clock.now()
    elif state is DecisionState.CANCELLED:
        row.state, row.cancelled_at, row.cancellation_reason = state, clock.now(), "Question mal posée"
    await session.commit()
    return row


def named(vote: Any, ids: Mapping[str, UUID]) -> Any:
    """The same vote, its options named by their identifiers."""
    if isinstance(vote, dict):
        return {name: one if name in SAID_AS_IS else named(one, ids) for name, one in vote.items()}
    if isinstance(vote, list):
        return [named(one, ids) for one in vote]
    return str(ids[vote]) if isinstance(vote, str) and vote in ids else vote


def _who(who: Actor | tuple[Person, Actor | None]) -> tuple[UUID | None, UUID | None]:
    if isinstance(who, tuple):
        person, actor = who
        return person.id, actor.id if actor else None
    return None, who.id
