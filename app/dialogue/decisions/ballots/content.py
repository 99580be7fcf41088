"""What a ballot says: held against its decision, and written so that ballots that say the same are the same."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, assert_never
from uuid import UUID

from pydantic import TypeAdapter

from app.core.errors import ErrorAt, InvalidInput, pointer
from app.dialogue.decisions.ballots.schemas import (
    AbstentionVote,
    ApprovalVote,
    BlankVote,
    ChoiceVote,
    ConsentVote,
    GradesVote,
    ObjectionVote,
    PointsVote,
    RankingVote,
    Vote,
)
from app.dialogue.decisions.models import Ballot, Decision, MethodName

KINDS: Mapping[MethodName, tuple[str, ...]] = {
    MethodName.CONSENT: ("consent", "objection", "abstention"),
    MethodName.MAJORITY: ("choice", "blank", "abstention"),
    MethodName.APPROVAL: ("approval", "blank", "abstention"),
    MethodName.POINTS: ("points", "blank", "abstention"),
    MethodName.RANKED: ("ranking", "blank", "abstention"),
    MethodName.MAJORITY_JUDGMENT: ("grades", "blank", "abstention"),
}
"""The kinds of vote each method takes."""

Placed = Iterable[tuple[tuple[str | int, ...], UUID]]
_VOTE: TypeAdapter[Any] = TypeAdapter(Vote)


def require_valid(decision: Decision, vote: Any) -> None:
    """Raises `InvalidInput` for a vote that is not of the decision's method, or names what it does not have."""
    kinds = KINDS[decision.method]
    if vote.kind not in kinds:
        raise InvalidInput(ErrorAt("#/vote/kind", "vote_of_other_method", {"kinds": ", ".join(kinds)}))
    faults = [*_unknown_options(decision, vote), *_out_of_bounds(decision, vote)]
    if faults:
        raise InvalidInput(*faults)


def content_of(vote: Any) -> dict[str, Any]:
    """What is kept and counted."""
    said: dict[str, Any] = vote.model_dump(mode="json")
    match vote:
        case ApprovalVote():
            said["option_ids"].sort()
        case PointsVote():
            said["points"] = sorted((one for one in said["points"] if one["points"]), key=_option)
        case RankingVote():
            said["ranking"] = [sorted(level) for level in said["ranking"]]
        case GradesVote():
            said["grades"].sort(key=_option)
    return said


def vote_of(ballot: Ballot) -> Any:
    """What was cast."""
    return _VOTE.validate_python(ballot.content)


def _option(given: dict[str, Any]) -> str:
    return str(given["option_id"])


def _unknown_options(decision: Decision, vote: Any) -> Iterator[ErrorAt]:
    known, named = {option.id for option in decision.options}, set()
    for steps, option_id in _options_named(vote):
        if option_id not in known:
            yield ErrorAt(pointer("vote", *steps), "unknown_option")
        elif option_id in named:
            yield ErrorAt(pointer("vote", *steps), "ranked_twice")
        named.add(option_id)


def _options_named(vote: Any) -> Placed:
    """The options a vote names, each with its place."""
    match vote:
        case ChoiceVote():
            return [(("option_id",), vote.option_id)]
        case ApprovalVote():
            return [(("option_ids", place), option_id) for place, option_id in enumerate(vote.option_ids)]
        case PointsVote():
            return [(("points", place, "option_id"), given.option_id) for place, given in enumerate(vote.points)]
        case GradesVote():
            return [(("grades", place, "option_id"), given.option_id) for place, given in enumerate(vote.grades)]
        case RankingVote():
            levels = enumerate(vote.ranking)
            return [(("ranking", at, place), one) for at, level in levels for place, one in enumerate(level)]
        case ConsentVote() | ObjectionVote() | BlankVote() | AbstentionVote():
            return []
        case unknown:
            assert_never(unknown)


def _out_of_bounds(decision: Decision, vote: Any) -> Iterator[ErrorAt]:
    if isinstance(vote, GradesVote):
        for place, graded in enumerate(vote.grades):
            if graded.grade not in (decision.grades or ()):
                yield ErrorAt(pointer("vote", "grades", place, "grade"), "unknown_grade")
    if isinstance(vote, PointsVote):
        budget = decision.points_budget or 0
        most = decision.points_per_option or budget
        for place, given in enumerate(vote.points):
            if given.points > most:
                yield ErrorAt(pointer("vote", "points", place, "points"), "too_many_points", {"most": most})
        if sum(given.points for given in vote.points) > budget:
            yield ErrorAt(pointer("vote", "points"), "points_over_budget", {"budget": budget})
