"""Decision by consent: a proposal is adopted when no argued objection stands.

An objection that was answered is lifted by its author, who casts another ballot before the vote is closed. To abstain
is neither to consent nor to object.
"""

from dataclasses import dataclass

from app.dialogue.decisions.tally.ranking import Obstacle, Option


@dataclass(frozen=True, slots=True)
class ConsentTally:
    """How many consent to the only option, and how many object to it."""

    ranks: dict[Option, int]
    consents: int
    objections: int
    obstacle: Obstacle | None


def tally(proposal: Option, *, consents: int, objections: int) -> ConsentTally:
    """One objection is enough to block."""
    return ConsentTally({proposal: 1}, consents, objections, Obstacle.OBJECTION_STANDS if objections else None)
