"""Where a decision can go from where it stands, and what stands in the way."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from app.core.errors import IllegalTransition
from app.core.states import led_by
from app.dialogue.decisions.models import Decision, DecisionState, MethodName, Secrecy


class DecisionVerb(StrEnum):
    """What may be done to a decision: PATCH, DELETE, the verbs of its paths, its electors, and a ballot on it."""

    EDIT = "edit"
    DELETE = "delete"
    CHOOSE_ELECTORS = "choose-electors"
    OPEN = "open"
    CLOSE = "close"
    CANCEL = "cancel"
    VOTE = "vote"


MOVES: Mapping[DecisionVerb, Mapping[DecisionState, DecisionState]] = {
    DecisionVerb.OPEN: {DecisionState.DRAFT: DecisionState.OPEN},
    DecisionVerb.CLOSE: {DecisionState.OPEN: DecisionState.CLOSED},
    DecisionVerb.CANCEL: {
        DecisionState.DRAFT: DecisionState.CANCELLED,
        DecisionState.OPEN: DecisionState.CANCELLED,
    },
}
"""From where each verb leads where."""

ALIVE = {DecisionState.DRAFT, DecisionState.OPEN}
DRAFTS_ONLY = {DecisionVerb.DELETE, DecisionVerb.CHOOSE_ELECTORS}


def blocker(verb: DecisionVerb, decision: Decision, now: datetime) -> str | None:
    """Why this cannot be done now, as a code of `reason.*`; None when it can. The decision is one of `in_full`."""
    state = decision.state
    if verb is DecisionVerb.VOTE:
        return vote_blocker(decision, now)
    if verb is DecisionVerb.EDIT:
        return None if state in ALIVE else f"decision_{state}"
    if verb in DRAFTS_ONLY:
        return None if state is DecisionState.DRAFT else f"decision_{state}"
    if state not in MOVES[verb]:
        return f"decision_{state}"
    if verb is DecisionVerb.OPEN:
        return _opening_blocker(decision, now)
    if verb is DecisionVerb.CLOSE and decision.closes_at and decision.closes_at > now:
        return None if decision.voters == decision.electors else "decision_closes_later"
    return None


def vote_blocker(decision: Decision, now: datetime) -> str | None:
    """Why no ballot is taken now; None when ballots are."""
    if decision.state is not DecisionState.OPEN:
        return f"decision_{decision.state}"
    if decision.opens_at and decision.opens_at > now:
        return "vote_not_begun"
    return "vote_over" if decision.closes_at and decision.closes_at <= now else None


def move(verb: DecisionVerb, decision: Decision, now: datetime) -> None:
    """Take the decision where the verb leads. Raises `IllegalTransition`."""
    goal = led_by(MOVES, verb, decision.state, what="decision")
    reason = blocker(verb, decision, now)
    if reason:
        raise IllegalTransition(decision.state, goal, reason)
    decision.state = goal


def _opening_blocker(decision: Decision, now: datetime) -> str | None:
    """A vote needs something to choose from, someone to choose, and time to do so."""
    options = len(decision.options)
    if options != 1 if decision.method is MethodName.CONSENT else options < 2:
        return "proposal_needed" if decision.method is MethodName.CONSENT else "options_needed"
    if not decision.electors:
        return "electors_needed"
    if decision.secrecy is Secrecy.SECRET and decision.has_voiceless:
        return "electors_voiceless"
    return "vote_over" if decision.closes_at and decision.closes_at <= now else None
