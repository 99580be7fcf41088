"""Each method against published results, against a slow and independent count, and against what must always hold."""

from collections import Counter
from fractions import Fraction
from itertools import combinations, pairwise, permutations
from time import process_time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.dialogue.decisions.tally import approval, consent, judgment, majority, points, ranked
from app.dialogue.decisions.tally.majority import MajorityBase, Threshold
from app.dialogue.decisions.tally.ranking import Obstacle, first_of
from app.dialogue.decisions.tally.turnout import Quorum, Turnout
from app.dialogue.decisions.tally.verdict import obstacle_to_adoption

pytestmark = pytest.mark.unit

OPTIONS = "ABCD"
GRADES = 4


def in_order(ranks: dict[str, int]) -> list[str]:
    """The options that share each rank, best first: ["A", "BC"]."""
    return ["".join(sorted(o for o in ranks if ranks[o] == rank)) for rank in sorted(set(ranks.values()))]


# ── published results ──────────────────────────────────────────────────────────────────────────────────────────


def schulze(ballots: str) -> list[str]:
    """`5 ACBED, …` counted by the method of Schulze."""
    counted = [(list(line.split()[1]), int(line.split()[0])) for line in ballots.split(",")]
    return in_order(ranked.tally(sorted(counted[0][0]), counted).ranks)


def test_schulze_s_45_voters_are_ranked_as_published():
    ballots = "5 ACBED, 5 ADECB, 8 BEDAC, 3 CABED, 7 CAEBD, 2 CBADE, 7 DCEBA, 8 EBADC"
    assert schulze(ballots) == ["E", "A", "C", "B", "D"]
    found = ranked.tally("ABCDE", [(line.split()[1], int(line.split()[0])) for line in ballots.split(",")])
    assert found.preferred["A"] == {"B": 20, "C": 26, "D": 30, "E": 22}
    assert found.paths["E"] == {"A": 25, "B": 28, "C": 28, "D": 31}


def test_schulze_s_other_examples_are_ranked_as_published():
    assert schulze("5 ACBD, 2 ACDB, 3 ADCB, 4 BACD, 3 CBDA, 3 CDBA, 1 DACB, 5 DBAC, 4 DCBA") == ["D", "A", "C", "B"]
    assert schulze(
        "3 ABDEC, 5 ADEBC, 1 ADECB, 2 BADEC, 2 BDECA, 4 CABDE, 6 CBADE, 2 DBECA, 5 DECAB"
    ) == ["B", "A", "D", "E", "C"]  # fmt: skip
    assert schulze("3 ABCD, 2 DABC, 2 DBCA, 2 CBDA") == ["BD", "AC"]


def test_a_profile_wins_by_medians_removed_beyond_the_first():
    """Balinski and Laraki's order of grades, the best first: the other way round the second would win."""
    values = judgment.majority_values({"first": (9, 9, 11, 7, 11), "second": (9, 9, 10, 8, 11)})
    assert values["first"] > values["second"]
    reversed_ = judgment.majority_values({"first": (11, 7, 11, 9, 9), "second": (11, 8, 10, 9, 9)})
    assert reversed_["first"] < reversed_["second"]


# ── ballots ────────────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def rankings(draw) -> list[str]:
    """Levels of options, some of them left out."""
    order, kept = draw(st.permutations(OPTIONS)), draw(st.integers(0, len(OPTIONS)))
    levels: list[str] = []
    for option in order[:kept]:
        if levels and draw(st.booleans()):
            levels[-1] += option
        else:
            levels.append(option)
    return levels


choices = st.sampled_from(OPTIONS)
approvals = st.sets(st.sampled_from(OPTIONS)).map(sorted)
shares = st.dictionaries(st.sampled_from(OPTIONS), st.integers(0, 5))
grades = st.dictionaries(st.sampled_from(OPTIONS), st.integers(0, GRADES - 1))


def by_majority(ballots) -> dict[str, int]:
    ballots = list(ballots)
    return majority.tally(OPTIONS, ballots, Turnout(100, sum(times for _, times in ballots))).ranks


METHODS = {
    "majority": (choices, by_majority),
    "approval": (approvals, lambda ballots: approval.tally(OPTIONS, ballots).ranks),
    "points": (shares, lambda ballots: points.tally(OPTIONS, ballots).ranks),
    "ranked": (rankings(), lambda ballots: ranked.tally(OPTIONS, ballots).ranks),
    "majority judgment": (grades, lambda ballots: judgment.tally(OPTIONS, GRADES, ballots).ranks),
}
every_method = pytest.mark.parametrize("method", METHODS)


def once(ballots) -> list:
    return [(ballot, 1) for ballot in ballots]


def renamed(ballot, names: dict[str, str]):
    """The same ballot about options of other names."""
    if isinstance(ballot, str):
        return "".join(names[option] for option in ballot)
    if isinstance(ballot, dict):
        return {names[option]: value for option, value in ballot.items()}
    return [renamed(part, names) for part in ballot]


# ── what must always hold ──────────────────────────────────────────────────────────────────────────────────────


@every_method
@given(data=st.data())
def test_the_order_of_ballots_never_matters_nor_how_they_are_grouped(method, data):
    ballots, ranks = METHODS[method]
    cast = data.draw(st.lists(ballots, max_size=12))
    other = data.draw(st.permutations(cast))
    times = Counter(map(repr, cast))
    grouped = [(ballot, times[said]) for said, ballot in {repr(ballot): ballot for ballot in cast}.items()]
    assert ranks(once(cast)) == ranks(once(other)) == ranks(grouped)


@every_method
@given(data=st.data())
def test_every_option_has_a_rank_and_those_after_a_tie_count_it(method, data):
    ballots, ranks = METHODS[method]
    found = ranks(once(data.draw(st.lists(ballots, max_size=12))))
    assert set(found) == set(OPTIONS)
    assert all(rank == 1 + sum(other < rank for other in found.values()) for rank in found.values())


@every_method
@given(data=st.data())
def test_every_ballot_cast_twice_changes_nothing(method, data):
    ballots, ranks = METHODS[method]
    cast = data.draw(st.lists(ballots, max_size=12))
    assert ranks(once(cast)) == ranks([(ballot, 2) for ballot in cast])


@every_method
@given(data=st.data())
def test_a_unanimous_winner_still_wins_when_a_ballot_is_cast_once_more(method, data):
    ballots, ranks = METHODS[method]
    cast = []
    for ballot in data.draw(st.lists(ballots, max_size=8)):
        first = first_of(ranks([(ballot, 1)]))
        if len(first) == 1:  # let it be for A
            cast.append(renamed(ballot, {**{o: o for o in OPTIONS}, first[0]: "A", "A": first[0]}))
    assume(cast)
    assert first_of(ranks(once(cast))) == ["A"]
    assert first_of(ranks(once([*cast, data.draw(st.sampled_from(cast))]))) == ["A"]


@every_method
@given(data=st.data())
def test_no_option_is_favoured_and_equal_ones_tie(method, data):
    ballots, ranks = METHODS[method]
    cast = data.draw(st.lists(ballots, max_size=8))
    names = dict(zip(OPTIONS, data.draw(st.permutations(OPTIONS)), strict=True))
    assert {names[option]: rank for option, rank in ranks(once(cast)).items()} == ranks(
        once(renamed(ballot, names) for ballot in cast)
    )
    swap = {**{option: option for option in OPTIONS}, "A": "B", "B": "A"}
    both = ranks(once([*cast, *(renamed(ballot, swap) for ballot in cast)]))
    assert both["A"] == both["B"]


# ── against a slow and independent count ───────────────────────────────────────────────────────────────────────


@given(st.lists(rankings(), max_size=10))
def test_schulze_s_paths_are_the_strongest_of_all_there_are(cast):
    def place(ballot, option):
        return next((at for at, level in enumerate(ballot) if option in level), len(OPTIONS))

    wins = {
        (a, b): sum(place(ballot, a) < place(ballot, b) for ballot in cast) for a, b in permutations(OPTIONS, 2)
    }  # fmt: skip
    won = {pair: votes if votes > wins[pair[::-1]] else 0 for pair, votes in wins.items()}

    def strongest(a, b):
        inner = [o for o in OPTIONS if o not in (a, b)]
        ways = ((a, *by, b) for length in range(len(inner) + 1) for by in permutations(inner, length))
        return max(min(won[step] for step in pairwise(way)) for way in ways)

    found = ranked.tally(OPTIONS, once(cast))
    assert {(a, b): found.preferred[a][b] for a, b in wins} == wins
    assert {(a, b): found.paths[a][b] for a, b in wins} == {(a, b): strongest(a, b) for a, b in wins}
    beaten = {b for a, b in wins if strongest(a, b) > strongest(b, a)}
    assert set(first_of(found.ranks)) == set(OPTIONS) - beaten
    assert all(found.ranks[a] < found.ranks[b] for a, b in wins if strongest(a, b) > strongest(b, a))


@given(st.lists(rankings(), min_size=1, max_size=10))
def test_who_wins_every_duel_comes_first_alone(cast):
    found = ranked.tally(OPTIONS, once(cast))
    duels = found.preferred
    for one in OPTIONS:
        if all(duels[one][other] > duels[other][one] for other in OPTIONS if other != one):
            assert first_of(found.ranks) == [one]


def better_judged(one: list[int], other: list[int]) -> bool:
    """By the book: the medians are compared, then taken away, one by one. 0 is the best grade."""
    one, other = sorted(one), sorted(other)
    while one:
        median, of_other = one.pop(len(one) // 2), other.pop(len(other) // 2)
        if median != of_other:
            return median < of_other
    return False


@given(st.integers(1, 40), st.data())
def test_medians_taken_away_one_by_one_give_the_same_ranking(voters, data):
    lists = st.lists(st.integers(0, GRADES - 1), min_size=voters, max_size=voters)
    given_ = {option: data.draw(lists) for option in OPTIONS}
    cast = [({option: given_[option][voter] for option in OPTIONS}, 1) for voter in range(voters)]
    found = judgment.tally(OPTIONS, GRADES, cast)
    for one, other in permutations(OPTIONS, 2):
        assert (found.ranks[one] < found.ranks[other]) == better_judged(given_[one], given_[other])
        assert (found.ranks[one] == found.ranks[other]) == (found.profiles[one] == found.profiles[other])
    assert found.medians == {option: sorted(given_[option])[voters // 2] for option in OPTIONS}


@given(st.lists(choices), st.lists(approvals), st.lists(shares))
def test_votes_approvals_and_points_are_added_up(chosen, approved, shared):
    votes = majority.tally(OPTIONS, once(chosen), Turnout(99, len(chosen))).votes
    assert votes == {option: chosen.count(option) for option in OPTIONS}
    assert approval.tally(OPTIONS, once(approved)).approvals == {o: sum(o in one for one in approved) for o in OPTIONS}
    found = points.tally(OPTIONS, once(shared))
    assert found.points == {option: sum(one.get(option, 0) for one in shared) for option in OPTIONS}
    assert found.givers == {option: sum(one.get(option, 0) > 0 for one in shared) for option in OPTIONS}


# ── what each method says against its first option ─────────────────────────────────────────────────────────────


def test_an_option_a_ballot_leaves_out_of_its_grades_gets_the_worst():
    found = judgment.tally("AB", 3, [({"A": 0}, 2), ({"A": 1, "B": 0}, 1)])
    assert found.profiles == {"A": [2, 1, 0], "B": [1, 0, 2]}


def test_options_left_out_of_a_ranking_come_together_after_the_others():
    found = ranked.tally("ABC", [(["A"], 3)])
    assert found.ranks == {"A": 1, "B": 2, "C": 2}
    assert found.preferred["B"] == {"A": 0, "C": 0}


def test_one_objection_blocks_and_abstaining_does_not():
    assert consent.tally("A", consents=9, objections=1).obstacle is Obstacle.OBJECTION_STANDS
    assert consent.tally("A", consents=1, objections=0).obstacle is None


@pytest.mark.parametrize(
    ("share", "is_strict", "votes", "is_reached"),
    [
        (Fraction(2, 3), False, 20, True),
        (Fraction(2, 3), False, 19, False),
        (Fraction(2, 3), True, 20, False),
        (Fraction(1, 2), True, 15, False),
        (Fraction(1, 2), True, 16, True),
    ],
)
def test_a_threshold_is_reached_or_passed_in_whole_numbers(share, is_strict, votes, is_reached):
    found = majority.tally(
        "AB", [("A", votes), ("B", 30 - votes)], Turnout(30, 30), threshold=Threshold(share, is_strict)
    )
    assert (found.obstacle is None) == is_reached


@pytest.mark.parametrize(
    ("base", "whole", "is_reached"),
    [
        (MajorityBase.EXPRESSED, 10, True),
        (MajorityBase.WITH_BLANK, 12, True),
        (MajorityBase.BALLOTS, 13, False),
        (MajorityBase.ELECTORS, 20, False),
    ],
)
def test_a_qualified_majority_is_a_share_of_what_the_decision_says(base, whole, is_reached):
    turnout = Turnout(20, expressed=10, blank=2, abstentions=1)
    two_thirds = Threshold(Fraction(2, 3))
    found = majority.tally("AB", [("A", 8), ("B", 2)], turnout, base=base, threshold=two_thirds)
    assert (found.base, found.obstacle is None) == (whole, is_reached)


def test_what_nobody_supports_is_not_adopted_though_it_comes_first():
    assert approval.tally("AB", [([], 3)]).obstacle is Obstacle.NOT_SUPPORTED
    assert points.tally("AB", [({}, 3)]).obstacle is Obstacle.NOT_SUPPORTED
    assert judgment.tally("AB", 3, [({"A": 2, "B": 2}, 3)]).obstacle is Obstacle.NOT_SUPPORTED


# ── whether it is adopted ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("quorum", "needed"),
    [(Quorum(), 0), (Quorum(voters=4), 4), (Quorum(percent=50), 4), (Quorum(percent=100), 7), (Quorum(percent=1), 1)],
)
def test_a_quorum_is_a_number_or_a_percentage_rounded_up_and_every_ballot_counts_in_it(quorum, needed):
    assert quorum.needed(7) == needed
    for ballots in range(8):
        turnout = Turnout(7, expressed=0, blank=ballots // 2, abstentions=ballots - ballots // 2, quorum=quorum)
        assert turnout.is_quorum_met == (ballots >= needed)


@pytest.mark.parametrize(
    ("ranks", "turnout", "of_method", "obstacle"),
    [
        ({"A": 1, "B": 2}, Turnout(9, 9), None, None),
        ({"A": 1, "B": 2}, Turnout(9, 4, quorum=Quorum(percent=50)), None, Obstacle.QUORUM_NOT_MET),
        ({"A": 1, "B": 1}, Turnout(9, 0, blank=2), None, Obstacle.NO_VOTE_EXPRESSED),
        ({"A": 1, "B": 1}, Turnout(9, 2), None, Obstacle.TIE),
        ({"A": 1, "B": 1}, Turnout(9, 2), Obstacle.BELOW_THRESHOLD, Obstacle.BELOW_THRESHOLD),
        ({"A": 1, "B": 2}, Turnout(9, 2), Obstacle.BELOW_THRESHOLD, Obstacle.BELOW_THRESHOLD),
        ({"B": 1, "A": 2}, Turnout(9, 2), None, Obstacle.STATUS_QUO_FIRST),
    ],
)
def test_a_vote_adopts_its_first_option_when_nothing_stands_against_it(ranks, turnout, of_method, obstacle):
    assert obstacle_to_adoption(ranks, turnout, of_method, status_quo="B") is obstacle


# ── speed ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_fifty_thousand_ballots_all_different_take_well_under_a_second():
    options = [f"option {n}" for n in range(12)]
    orders = [options[n:] + options[:n] for n in range(12)]
    pairs = list(combinations(range(12), 2))
    cast = []
    for n in range(50_000):
        order = list(orders[n % 12])
        a, b = pairs[n % len(pairs)]
        order[a], order[b] = order[b], order[a]
        cast.append(order)
    spent = {}
    for name, count in {
        "ranked": lambda: ranked.tally(options, (([[o] for o in order], 1) for order in cast)),
        "judgment": lambda: judgment.tally(
            options, 7, (({o: place % 7 for place, o in enumerate(order)}, 1) for order in cast)
        ),
        "points": lambda: points.tally(options, (({order[0]: 6, order[1]: 4}, 1) for order in cast)),
        "approval": lambda: approval.tally(options, ((order[:5], 1) for order in cast)),
    }.items():
        started = process_time()
        count()
        spent[name] = process_time() - started
    assert max(spent.values()) < 1, spent
