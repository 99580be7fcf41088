"""The result of each method, from ballots cast to what is adopted."""

from collections import Counter

import pytest

from app.dialogue.decisions.models import DecisionState, Secrecy
from tests import factories

BLANK, ABSTENTION = {"kind": "blank"}, {"kind": "abstention"}
NO_FIGURES = {"votes": None, "points": None, "grades": [], "majority_grade": None, "duels": []}


def choice(option: str):
    return {"kind": "choice", "option_id": option}


def points(**given: int):
    return {"kind": "points", "points": [{"option_id": option, "points": number} for option, number in given.items()]}


def ranking(*levels: str):
    return {"kind": "ranking", "ranking": [list(level) for level in levels]}


def grades(**given: str):
    return {"kind": "grades", "grades": [{"option_id": option, "grade": grade} for option, grade in given.items()]}


@pytest.fixture
async def actors(session, territory):
    return [await factories.an_actor(session, territory) for _ in range(9)]


@pytest.fixture
def result(decided, actors, town):
    """The result of a vote of nine electors, of whom the first ones vote."""

    async def count(*votes, **traits):
        row = await decided(*actors, state=DecisionState.CLOSED, votes=dict(enumerate(votes)), **traits)
        answer = await town.get(f"/v1/decisions/{row.id}/result")
        assert answer.status_code == 200, answer.text
        return answer.json()

    return count


def ranks(told) -> list[tuple[int, str]]:
    return [(place["rank"], place["label"]) for place in told["ranking"]]


def adopted(told) -> str | None:
    """The label of what is adopted; the obstacle where nothing is."""
    assert told["is_adopted"] == (told["obstacle"] is None) == (told["adopted_option_id"] is not None)
    labels = {place["option_id"]: place["label"] for place in told["ranking"]}
    return labels.get(told["adopted_option_id"], told["obstacle"])


@pytest.mark.parametrize("secrecy", Secrecy)
async def test_majority_counts_votes_and_tells_who_took_part(result, secrecy) -> None:
    told = await result(choice("B"), choice("B"), choice("A"), BLANK, ABSTENTION, secrecy=secrecy)
    assert told["turnout"] == {
        "electors": 9, "ballots": 5, "expressed": 3, "blank": 1, "abstentions": 1, "needed": 0, "is_quorum_met": True,
    }  # fmt: skip
    assert ranks(told) == [(1, "B"), (2, "A"), (3, "C")]
    assert [place["votes"] for place in told["ranking"]] == [2, 1, 0]
    assert told["ranking"][0].items() >= (NO_FIGURES | {"votes": 2}).items()
    assert (adopted(told), told["base"], told["secrecy"], told["objections"]) == ("B", 3, secrecy, [])


@pytest.mark.parametrize(
    ("base", "whole", "outcome"),
    [("expressed", 3, "B"), ("with_blank", 4, "below_threshold"), ("ballots", 5, "below_threshold"),
     ("electors", 9, "below_threshold")],
)  # fmt: skip
async def test_a_qualified_majority_is_of_the_base_said(result, base, whole, outcome) -> None:
    threshold = {"threshold_numerator": 2, "threshold_denominator": 3, "is_threshold_strict": False}
    told = await result(choice("B"), choice("B"), choice("A"), BLANK, ABSTENTION, majority_base=base, **threshold)
    assert (told["base"], adopted(told)) == (whole, outcome)


@pytest.mark.parametrize(
    ("votes", "traits", "outcome"),
    [
        ([], {}, "no_vote_expressed"),
        ([BLANK, ABSTENTION], {}, "no_vote_expressed"),
        ([choice("A"), choice("B")], {}, "tie"),
        ([choice("A")] * 3, {"quorum_percent": 50}, "quorum_not_met"),
        ([choice("A")] * 3 + [BLANK, ABSTENTION], {"quorum_percent": 50}, "A"),
        ([choice("A")] * 3, {"quorum_voters": 4}, "quorum_not_met"),
        ([choice("A")] * 4, {"quorum_voters": 4}, "A"),
        ([choice("Contre")], {"options": ("Pour", "=Contre")}, "status_quo_first"),
        ([choice("Pour")], {"options": ("Pour", "=Contre")}, "Pour"),
    ],
)
async def test_nothing_is_adopted_without_saying_why(result, votes, traits, outcome) -> None:
    assert adopted(await result(*votes, **traits)) == outcome


@pytest.mark.parametrize(
    ("votes", "consents", "outcome"),
    [
        ([{"kind": "consent"}, ABSTENTION], 1, "A"),
        ([{"kind": "consent"}, {"kind": "objection", "argument": "Non."}], 1, "objection_stands"),
        ([ABSTENTION], 0, "no_vote_expressed"),
    ],
)
async def test_consent_is_blocked_by_one_objection(result, votes, consents, outcome) -> None:
    told = await result(*votes, method="consent")
    assert (told["ranking"][0]["votes"], adopted(told)) == (consents, outcome)
    assert len(told["objections"]) == (outcome == "objection_stands")


async def test_approval_counts_those_who_approve(result) -> None:
    votes = ({"kind": "approval", "option_ids": list(options)} for options in ("AB", "BA", "B", ""))
    told = await result(*votes, method="approval")
    assert (ranks(told), adopted(told)) == ([(1, "B"), (2, "A"), (3, "C")], "B")
    assert [place["votes"] for place in told["ranking"]] == [3, 2, 0]


async def test_points_are_added_up(result) -> None:
    told = await result(points(A=6, B=4), points(C=6), points(B=2, A=0), method="points")
    assert ranks(told) == [(1, "A"), (1, "B"), (1, "C")]
    assert [(place["points"], place["votes"]) for place in told["ranking"]] == [(6, 1), (6, 2), (6, 1)]
    assert adopted(told) == "tie"


async def test_rankings_are_counted_by_the_method_of_schulze(result) -> None:
    told = await result(ranking("A", "BC"), ranking("A", "CB"), ranking("B"), method="ranked")
    assert (ranks(told), adopted(told)) == ([(1, "A"), (2, "B"), (3, "C")], "A")
    label = {place["option_id"]: place["label"] for place in told["ranking"]}
    duels = {
        (place["label"], label[duel["option_id"]]): (duel["preferred"], duel["path"])
        for place in told["ranking"] for duel in place["duels"]
    }  # fmt: skip
    assert duels == {
        ("A", "B"): (2, 2), ("A", "C"): (2, 2), ("B", "A"): (1, 0),
        ("B", "C"): (1, 1), ("C", "A"): (0, 0), ("C", "B"): (0, 0),
    }  # fmt: skip


async def test_the_best_median_grade_comes_first(result) -> None:
    told = await result(
        grades(A="Bien", B="Très bien"), grades(A="Bien", B="Passable"), grades(A="Très bien", B="Passable"),
        method="majority_judgment",
    )  # fmt: skip
    assert (ranks(told), adopted(told)) == ([(1, "A"), (2, "B"), (3, "C")], "A")
    first, second, last = told["ranking"]
    assert [place["majority_grade"] for place in (first, second, last)] == ["Bien", "Passable", "À rejeter"]
    assert [(count["grade"], count["ballots"]) for count in first["grades"]] == [
        ("Très bien", 1), ("Bien", 2), ("Passable", 0), ("À rejeter", 0),
    ]  # fmt: skip
    assert [count["ballots"] for count in last["grades"]] == [0, 0, 0, 3]


async def test_ballots_that_say_the_same_are_written_the_same(session, result) -> None:
    from sqlalchemy import select

    from app.dialogue.decisions.models import SecretBallot

    await result(ranking("A", "BC"), ranking("A", "BC"), method="ranked")
    contents = Counter(map(repr, await session.scalars(select(SecretBallot.content))))
    assert set(contents.values()) == {2}
