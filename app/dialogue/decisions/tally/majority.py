"""Majority: one option a ballot; the first is adopted when it has more votes than any other (simple majority), or
beside that a share of the votes (qualified majority)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from app.dialogue.decisions.tally.ranking import Counted, Obstacle, Option, first_of, ranks_by
from app.dialogue.decisions.tally.turnout import Turnout


class MajorityBase(StrEnum):
    """Of what a qualified majority is a share: each takes in more than the one before it."""

    EXPRESSED = "expressed"
    WITH_BLANK = "with_blank"
    BALLOTS = "ballots"
    ELECTORS = "electors"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A share to reach, or to pass when `is_strict`: two thirds are reached, one half is passed."""

    share: Fraction
    is_strict: bool = False

    def is_reached(self, votes: int, base: int) -> bool:
        """In whole numbers: no rounding comes in."""
        have, asked = votes * self.share.denominator, base * self.share.numerator
        return have > asked if self.is_strict else have >= asked


@dataclass(frozen=True, slots=True)
class MajorityTally:
    """The votes of each option, and the number a qualified majority is a share of."""

    ranks: dict[Option, int]
    votes: dict[Option, int]
    base: int
    obstacle: Obstacle | None


def tally(
    options: Sequence[Option],
    ballots: Counted[Option],
    turnout: Turnout,
    *,
    base: MajorityBase = MajorityBase.EXPRESSED,
    threshold: Threshold | None = None,
) -> MajorityTally:
    """Count the votes. Without a threshold, the majority is simple."""
    votes = dict.fromkeys(options, 0)
    for option, times in ballots:
        votes[option] += times
    ranks, whole = ranks_by(votes), _whole(turnout, base)
    first = first_of(ranks)[0]
    is_short = threshold is not None and not threshold.is_reached(votes[first], whole)
    return MajorityTally(ranks, votes, whole, Obstacle.BELOW_THRESHOLD if is_short else None)


def _whole(turnout: Turnout, base: MajorityBase) -> int:
    return {
        MajorityBase.EXPRESSED: turnout.expressed,
        MajorityBase.WITH_BLANK: turnout.expressed + turnout.blank,
        MajorityBase.BALLOTS: turnout.ballots,
        MajorityBase.ELECTORS: turnout.electors,
    }[base]
