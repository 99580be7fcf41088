"""Decisions as the matrix asks for them: own are those one's own organisation has a voice in. Unless an operation
asks for another state the vote is open; hidden is a neighbour's draft."""

from typing import Any

from sqlalchemy import select

from app.dialogue.decisions.models import DecisionState, Elector, Secrecy
from tests.dialogue.decisions.factories import a_decision
from tests.permissions.world import Ask, Prepare, World, made_in, nothing

BLANK = {"kind": "blank"}
CLOSED = {"state": DecisionState.CLOSED, "secrecy": Secrecy.OPEN}


async def row(world: World, whose: str, role: str, **traits: Any) -> Any:
    state = DecisionState.DRAFT if whose == "hidden" else DecisionState.OPEN
    voter = world.actor(whose, role)
    return await a_decision(world.session, world.territory(whose), electors=(voter,), **{"state": state, **traits})


def decision(body: dict[str, Any] | None = None, **traits: Any) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        return Ask({"decision_id": (await row(world, whose, role, **traits)).id}, body)

    return prepare


def ballot(body: dict[str, Any] | None = None) -> Prepare:
    """One that was cast, of a secret vote."""

    async def prepare(world: World, whose: str, role: str) -> Ask:
        found = await row(world, whose, role, votes={0: BLANK})
        return Ask({"decision_id": found.id, "elector_id": await elector_of(world, found)}, body)

    return prepare


async def elector_of(world: World, found: Any) -> Any:
    elector_id = await world.session.scalar(select(Elector.id).where(Elector.decision_id == found.id))
    await world.session.commit()  # the transaction of the reading
    return elector_id


async def electors(world: World, whose: str, role: str) -> Ask:
    found = await row(world, whose, role, state=DecisionState.DRAFT)
    chosen = {"kind": "chosen", "electors": [{"actor_id": str(world.actor(whose, role).id)}]}
    return Ask({"decision_id": found.id}, {"voices": "actors", "source": chosen})


DRAFT = {"state": DecisionState.DRAFT}
PREPARE: dict[str, Prepare] = {
    "list_decisions": nothing,
    "create_decision": made_in(question="Que faire ?", secrecy="secret", method={"name": "ranked"}),
    "get_decision": decision(),
    "update_decision": decision({"closes_at": "2100-01-01T00:00:00Z"}),
    "delete_decision": decision(**DRAFT),
    "open_decision": decision(**DRAFT),
    "close_decision": decision(),
    "cancel_decision": decision({"reason": "Mal posée"}),
    "list_electors": decision(),
    "choose_electors": electors,
    "get_ballot": ballot(),
    "cast_ballot": ballot({"vote": BLANK}),
    "list_ballots": decision(**CLOSED),
    "get_decision_result": decision(**CLOSED),
}
