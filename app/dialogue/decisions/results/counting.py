"""From ballots alike counted together to the tally of their method, and its figures option by option."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, assert_never

from app.dialogue.decisions.models import Decision, MethodName
from app.dialogue.decisions.tally import approval, consent, judgment, majority, points, ranked
from app.dialogue.decisions.tally.majority import MajorityBase, Threshold
from app.dialogue.decisions.tally.ranking import Obstacle, Option
from app.dialogue.decisions.tally.turnout import Quorum, Turnout

Content = Mapping[str, Any]
Figures = dict[str, Any]
NOT_EXPRESSED = {"blank", "abstention"}


@dataclass(frozen=True, slots=True)
class Counted:
    """Ranks and figures of the options, what a threshold is a share of, and what the method has against the first."""

    ranks: Mapping[Option, int]
    figures: Mapping[Option, Figures]
    obstacle: Obstacle | None
    base: int | None = None


def turnout_of(decision: Decision, electors: int, contents: Sequence[tuple[Content, int]]) -> Turnout:
    """Who took part."""
    return Turnout(
        electors=electors,
        expressed=sum(times for content, times in contents if content["kind"] not in NOT_EXPRESSED),
        blank=_of_kind("blank", contents),
        abstentions=_of_kind("abstention", contents),
        quorum=Quorum(decision.quorum_voters, decision.quorum_percent),
    )


def count(decision: Decision, turnout: Turnout, contents: Sequence[tuple[Content, int]]) -> Counted:
    """The tally of the decision's method."""
    options = [str(option.id) for option in decision.options]
    votes = [(content, times) for content, times in contents if content["kind"] not in NOT_EXPRESSED]
    match decision.method:
        case MethodName.CONSENT:
            return _consent(options[0], votes)
        case MethodName.MAJORITY:
            return _majority(decision, options, turnout, votes)
        case MethodName.APPROVAL:
            return _approval(options, votes)
        case MethodName.POINTS:
            return _points(options, votes)
        case MethodName.RANKED:
            return _ranked(options, votes)
        case MethodName.MAJORITY_JUDGMENT:
            return _judgment(options, decision.grades or [], votes)
        case unknown:
            assert_never(unknown)


def _of_kind(kind: str, contents: Sequence[tuple[Content, int]]) -> int:
    return sum(times for content, times in contents if content["kind"] == kind)


def _consent(proposal: Option, votes: Sequence[tuple[Content, int]]) -> Counted:
    found = consent.tally(proposal, consents=_of_kind("consent", votes), objections=_of_kind("objection", votes))
    return Counted(found.ranks, {proposal: {"votes": found.consents}}, found.obstacle)


def _majority(
    decision: Decision, options: Sequence[Option], turnout: Turnout, votes: Sequence[tuple[Content, int]]
) -> Counted:
    threshold = None
    if decision.threshold_numerator is not None and decision.threshold_denominator is not None:
        share = Fraction(decision.threshold_numerator, decision.threshold_denominator)
        threshold = Threshold(share, is_strict=bool(decision.is_threshold_strict))
    chosen = ((content["option_id"], times) for content, times in votes)
    base = decision.majority_base or MajorityBase.EXPRESSED
    found = majority.tally(options, chosen, turnout, base=base, threshold=threshold)
    return Counted(found.ranks, _each(votes=found.votes), found.obstacle, found.base)


def _approval(options: Sequence[Option], votes: Sequence[tuple[Content, int]]) -> Counted:
    found = approval.tally(options, ((content["option_ids"], times) for content, times in votes))
    return Counted(found.ranks, _each(votes=found.approvals), found.obstacle)


def _points(options: Sequence[Option], votes: Sequence[tuple[Content, int]]) -> Counted:
    given = (({one["option_id"]: one["points"] for one in content["points"]}, times) for content, times in votes)
    found = points.tally(options, given)
    return Counted(found.ranks, _each(votes=found.givers, points=found.points), found.obstacle)


def _ranked(options: Sequence[Option], votes: Sequence[tuple[Content, int]]) -> Counted:
    found = ranked.tally(options, ((content["ranking"], times) for content, times in votes))
    duels = {
        one: [
            {"option_id": other, "preferred": preferred, "path": found.paths[one][other]}
            for other, preferred in against.items()
        ]
        for one, against in found.preferred.items()
    }
    return Counted(found.ranks, _each(duels=duels), found.obstacle)


def _judgment(options: Sequence[Option], grades: Sequence[str], votes: Sequence[tuple[Content, int]]) -> Counted:
    place = {grade: at for at, grade in enumerate(grades)}
    given = (({one["option_id"]: place[one["grade"]] for one in content["grades"]}, times) for content, times in votes)
    found = judgment.tally(options, len(grades), given)
    profiles = {option: list(_graded(grades, profile)) for option, profile in found.profiles.items()}
    medians = {option: None if median is None else grades[median] for option, median in found.medians.items()}
    return Counted(found.ranks, _each(grades=profiles, majority_grade=medians), found.obstacle)


def _graded(grades: Sequence[str], profile: Sequence[int]) -> Iterator[Figures]:
    return ({"grade": grade, "ballots": ballots} for grade, ballots in zip(grades, profile, strict=True))


def _each(**figures: Mapping[Option, Any]) -> dict[Option, Figures]:
    """The figures, option by option."""
    options = next(iter(figures.values()))
    return {option: {name: values[option] for name, values in figures.items()} for option in options}
