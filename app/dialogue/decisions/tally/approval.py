"""Approval: each ballot approves of as many options as it likes; the most approved comes first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.dialogue.decisions.tally.ranking import Counted, Obstacle, Option, ranks_by


@dataclass(frozen=True, slots=True)
class ApprovalTally:
    """The ballots that approve of each option."""

    ranks: dict[Option, int]
    approvals: dict[Option, int]
    obstacle: Obstacle | None


def tally(options: Sequence[Option], ballots: Counted[Collection[Option]]) -> ApprovalTally:
    """Count the approvals."""
    approvals = dict.fromkeys(options, 0)
    for approved, times in ballots:
        for option in approved:
            approvals[option] += times
    return ApprovalTally(ranks_by(approvals), approvals, None if any(approvals.values()) else Obstacle.NOT_SUPPORTED)
