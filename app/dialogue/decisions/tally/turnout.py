"""How many could vote, how many did, and whether they are enough."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quorum:
    """The electors whose ballot is needed for the vote to count: a number, or a percentage of all, rounded up."""

    voters: int | None = None
    percent: int | None = None

    def needed(self, electors: int) -> int:
        """How many ballots that is."""
        if self.voters is not None:
            return self.voters
        return -(-electors * (self.percent or 0) // 100)


@dataclass(frozen=True, slots=True)
class Turnout:
    """Electors, and what they did: a vote expressed, a blank one, or an abstention, which is a ballot too.

    Whoever did none of the three is absent, and counts in no quorum.
    """

    electors: int
    expressed: int
    blank: int = 0
    abstentions: int = 0
    quorum: Quorum = Quorum()

    @property
    def ballots(self) -> int:
        """All ballots cast."""
        return self.expressed + self.blank + self.abstentions

    @property
    def needed(self) -> int:
        """The ballots the quorum asks for; 0 without a quorum."""
        return self.quorum.needed(self.electors)

    @property
    def is_quorum_met(self) -> bool:
        """Whether enough electors cast a ballot."""
        return self.ballots >= self.needed
