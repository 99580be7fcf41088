"""Ranked ballots, by Schulze's method (M. Schulze, "A new monotonic, clone-independent, reversal symmetric, and
Condorcet-consistent single-winner election method", Social Choice and Welfare 36, 2011).

Between two options stands the strongest path of duels won from one to the other; a path is as strong as its weakest
duel, and a duel as the ballots that won it (the "winning votes" of the article).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.dialogue.decisions.tally.ranking import Counted, Option

Ranking = Sequence[Collection[Option]]
"""Options best first, those put on a level together. Those left out come together after all others."""

Duels = dict[Option, dict[Option, int]]
DIGIT = 64
"""Bits of one counter, of which one long number holds a whole row."""


@dataclass(frozen=True, slots=True)
class RankedTally:
    """`preferred[a][b]`: ballots that put a before b. `paths[a][b]`: the strongest path from a to b."""

    ranks: dict[Option, int]
    preferred: Duels
    paths: Duels
    obstacle: None = None


def tally(options: Sequence[Option], ballots: Counted[Ranking]) -> RankedTally:
    """Count the duels, find the strongest paths, and rank by them."""
    preferred = _duels(options, ballots)
    paths = _strongest_paths(options, preferred)
    return RankedTally(_ranks(options, paths), preferred, paths)


def _duels(options: Sequence[Option], ballots: Counted[Ranking]) -> Duels:
    """Each option's row is one number whose digits count its duels: a ballot is added to a row at once."""
    digit = {option: 1 << DIGIT * place for place, option in enumerate(options)}
    everything, rows = sum(digit.values()), dict.fromkeys(options, 0)
    for ranking, times in ballots:
        after = everything
        for level in ranking:
            after -= sum(digit[option] for option in level)
            for option in level:
                rows[option] += after * times
    mask = (1 << DIGIT) - 1
    return {
        one: {other: rows[one] >> DIGIT * place & mask for place, other in enumerate(options) if other != one}
        for one in options
    }


def _strongest_paths(options: Sequence[Option], preferred: Duels) -> Duels:
    """The widest path between any two options, by way of one option more each time (Floyd–Warshall)."""
    paths = {
        one: {other: votes if votes > preferred[other][one] else 0 for other, votes in duels.items()}
        for one, duels in preferred.items()
    }
    for via in options:
        for one in options:
            for other in options:
                if via != one != other != via:
                    paths[one][other] = max(paths[one][other], min(paths[one][via], paths[via][other]))
    return paths


def _ranks(options: Sequence[Option], paths: Duels) -> dict[Option, int]:
    """First those no option beats; then, among the rest, those none of the rest beats; and so on."""
    ranks: dict[Option, int] = {}
    left = list(options)
    while left:
        best = [one for one in left if not any(paths[other][one] > paths[one][other] for other in left if other != one)]
        ranks |= dict.fromkeys(best, len(ranks) + 1)
        left = [option for option in left if option not in ranks]
    return ranks
