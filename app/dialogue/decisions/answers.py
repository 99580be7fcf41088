"""A decision put into words for a caller."""

from collections.abc import Sequence

from app.dialogue.decisions import policy
from app.dialogue.decisions.methods import method_of
from app.dialogue.decisions.models import Decision
from app.dialogue.decisions.schemas import DecisionOut, QuorumOut
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
    quorum = QuorumOut(voters=decision.quorum_voters, percent=decision.quorum_percent)
    has_quorum = quorum.voters is not None or quorum.percent is not None
    return DecisionOut.model_validate(
        {**shown, "method": method_of(decision), "quorum": quorum if has_quorum else None}, from_attributes=True
    )
