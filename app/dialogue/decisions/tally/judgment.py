"""Majority judgment: each ballot grades the options; the one with the best median grade comes first.

Of two options with the same median, one takes a median away from each, again and again, until they differ; only
options with equal profiles tie (M. Balinski and R. Laraki, "Majority Judgment", MIT Press 2010, chapter 1). Where the
number of grades is even, the median is the worse of the two in the middle.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from app.dialogue.decisions.tally.ranking import Counted, Obstacle, Option, first_of, ranks_by

Profile = Sequence[int]
"""How many ballots gave each grade, the best grade first."""


@dataclass(frozen=True, slots=True)
class JudgmentTally:
    """The profile of each option, and its median, as a place in the list of grades (None when nobody voted)."""

    ranks: dict[Option, int]
    profiles: dict[Option, list[int]]
    medians: dict[Option, int | None]
    obstacle: Obstacle | None


def tally(options: Sequence[Option], grades: int, ballots: Counted[Mapping[Option, int]]) -> JudgmentTally:
    """Rank by median. A ballot gives places in the list of grades, 0 the best; an option left out gets the worst."""
    profiles = _profiles(options, grades, ballots)
    ranks = ranks_by(majority_values(profiles))
    medians = {option: _median(profile) for option, profile in profiles.items()}
    is_rejected = medians[first_of(ranks)[0]] == grades - 1
    return JudgmentTally(ranks, profiles, medians, Obstacle.NOT_SUPPORTED if is_rejected else None)


def majority_values(profiles: Mapping[Option, Profile]) -> dict[Option, tuple[tuple[int, int], ...]]:
    """What to compare options by, the greater the better.

    Taking medians away walks outwards from the middle of an option's grades, a step down and a step up in turn. What
    is met changes only where one of the options changes grade: those distances from the middle are enough.
    """
    upto = {option: list(accumulate(profile)) for option, profile in profiles.items()}
    voters = max((ends[-1] for ends in upto.values()), default=0)
    down, up = voters // 2, (voters - 1) // 2
    turns = {turn for ends in upto.values() for end in ends for turn in (end - down, up - end + 1)}
    steps = sorted(step for step in turns | {0} if 0 <= step <= up)
    return {
        option: tuple((-bisect_right(ends, down + step), -bisect_right(ends, up - step)) for step in steps)
        for option, ends in upto.items()
    }


def _profiles(
    options: Sequence[Option], grades: int, ballots: Counted[Mapping[Option, int]]
) -> dict[Option, list[int]]:
    counts, voters = {option: Counter[int]() for option in options}, 0
    for given, times in ballots:
        voters += times
        for option, grade in given.items():
            counts[option][grade] += times
    for of_option in counts.values():
        of_option[grades - 1] += voters - of_option.total()
    return {option: [counts[option][grade] for grade in range(grades)] for option in options}


def _median(profile: Profile) -> int | None:
    ends = list(accumulate(profile))
    return bisect_right(ends, ends[-1] // 2) if ends[-1] else None
