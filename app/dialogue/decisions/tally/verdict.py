"""Whether a vote adopts something: the same questions for every method, in this order."""

from collections.abc import Mapping

from app.dialogue.decisions.tally.ranking import Obstacle, Option, first_of
from app.dialogue.decisions.tally.turnout import Turnout


def obstacle_to_adoption(
    ranks: Mapping[Option, int], turnout: Turnout, of_method: Obstacle | None, status_quo: Option | None = None
) -> Obstacle | None:
    """What stands against adopting the first option; None when nothing does.

    `status_quo`: the option that leaves things as they are ("against", "none of these"), which adopts nothing.
    """
    if not turnout.is_quorum_met:
        return Obstacle.QUORUM_NOT_MET
    if turnout.expressed == 0:
        return Obstacle.NO_VOTE_EXPRESSED
    first = first_of(ranks)
    if first == [status_quo]:
        return Obstacle.STATUS_QUO_FIRST
    if len(first) > 1 and of_method is None:
        return Obstacle.TIE
    return of_method
