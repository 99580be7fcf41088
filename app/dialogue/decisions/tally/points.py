"""Points: each ballot shares out a budget of points; the option with the most comes first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.dialogue.decisions.tally.ranking import Counted, Obstacle, Option, ranks_by


@dataclass(frozen=True, slots=True)
class PointsTally:
    """The points of each option, and how many ballots gave it any."""

    ranks: dict[Option, int]
    points: dict[Option, int]
    givers: dict[Option, int]
    obstacle: Obstacle | None


def tally(options: Sequence[Option], ballots: Counted[Mapping[Option, int]]) -> PointsTally:
    """Add up the points. An option a ballot does not name gets none of it."""
    points, givers = dict.fromkeys(options, 0), dict.fromkeys(options, 0)
    for given, times in ballots:
        for option, number in given.items():
            points[option] += number * times
            givers[option] += times if number else 0
    return PointsTally(ranks_by(points), points, givers, None if any(points.values()) else Obstacle.NOT_SUPPORTED)
