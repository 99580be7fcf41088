"""A decision put into words for a caller."""

from collections.abc import Sequence

from app.dialogue.decisions import policy
from app.dialogue.decisions.methods import method_of
from app.dialogue.decisions.models import Decision
from app.dialogue.decisions.schemas import DecisionOut, QuorumKind, QuorumOut
from app.identity.caller import Caller

AS_IS = DecisionOut.model_fields.keys() - {"method", "quorum"}


def described(decision: Decision, caller: Caller) -> DecisionOut:
    """The decision, with what this caller may do with it now."""
    return described_all([decision], caller)[0]


def described_all(decisions: Sequence[Decision], caller: Caller) -> list[DecisionOut]:
    """The decisions of a page."""
    policy.tell_actions(caller, decisions)
    return [_described(decision) for decision in decisions]


def _described(decision: Decision) -> DecisionOut:
    shown = {name: getattr(decision, name) for name in AS_IS}
    return DecisionOut.model_validate(
        {**shown, "method": method_of(decision), "quorum": _quorum(decision)}, from_attributes=True
    )


def _quorum(decision: Decision) -> QuorumOut | None:
    if decision.quorum_voters is not None:
        return QuorumOut(kind=QuorumKind.BALLOTS, value=decision.quorum_voters)
    if decision.quorum_percent is not None:
        return QuorumOut(kind=QuorumKind.PERCENT, value=decision.quorum_percent)
    return None
