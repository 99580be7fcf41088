"""Who sees the electors of a decision. Names come through the people's own wall: a person out of the caller's sight
is null in a voice within it."""

from typing import assert_never

from sqlalchemy import Select, case, exists, false, literal, select
from sqlalchemy.orm import joinedload, with_expression

from app.actors.models import Actor
from app.actors.people.models import Person
from app.dialogue.decisions.models import Ballot, Decision, DecisionState, Elector
from app.identity.caller import Caller, Role


def visible_to(caller: Caller, decision: Decision) -> Select[Elector]:
    """Of a decision the caller sees: the collectivité sees all electors, a school or an organisation its own."""
    electors = select(Elector).where(Elector.decision_id == decision.id)
    match caller.role:
        case Role.COLLECTIVITE:
            return electors
        case Role.REFERENT | Role.CLUB_MEMBER:
            return electors.where(Elector.actor_id.in_(caller.own_actor_ids))
        case Role.PARTNER | Role.OPERATOR:
            return electors.where(false())
        case unknown:
            assert_never(unknown)


def in_full(electors: Select[Elector], decision: Decision) -> Select[Elector]:
    """The same electors with all that is shown of them."""
    cast = exists(literal(1)).where(Ballot.elector_id == Elector.id)
    is_open = literal(decision.state is DecisionState.OPEN)
    return electors.options(
        joinedload(Elector.person).load_only(Person.first_name, Person.last_name),
        joinedload(Elector.actor).load_only(Actor.name, Actor.kind),
        with_expression(Elector.has_ballot, case((is_open, cast), else_=Elector.has_voted)),
    )
