"""Small counts: what is hidden cannot be computed from what is shown. An independent solver tries."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from app.core.suppression import ALL, IN_PUBLIC, INSIDE, SafeCounts, safe_counts

pytestmark = pytest.mark.unit

TOTALS = [(True, True), (True, False), (False, True), (False, False)]
counts = st.one_of(st.integers(0, 12), st.integers(0, 200))


@st.composite
def tables(draw):
    """Tables of up to 4 × 4, some of whose places hold nothing and are known to."""
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    kept = draw(st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns).filter(any))
    places = [place for place, is_kept in zip(product(range(rows), range(columns)), kept, strict=True) if is_kept]
    return {place: draw(counts) for place in places}


def shown_of(safe: SafeCounts) -> dict:
    """Every figure that is told or hidden, by its place."""
    told = dict(safe.cells)
    told |= {(row, ALL): number for row, number in safe.rows.items()}
    told |= {(ALL, column): number for column, number in safe.columns.items()}
    return told | {(ALL, ALL): safe.total}


def sums_of(cells, row_totals: bool, column_totals: bool) -> list[tuple[tuple, list[tuple]]]:
    """The sums a reader knows to hold: a total, and what it is of."""
    rows, columns = {r for r, _ in cells}, {c for _, c in cells}
    sums = [((row, ALL), [p for p in cells if p[0] == row]) for row in rows if row_totals]
    sums += [((ALL, column), [p for p in cells if p[1] == column]) for column in columns if column_totals]
    if row_totals:
        sums.append(((ALL, ALL), [(row, ALL) for row in rows]))
    if column_totals:
        sums.append(((ALL, ALL), [(ALL, column) for column in columns]))
    return sums


def most_and_least(figures: dict, hidden: set, sums, place) -> tuple[float, float]:
    """The least and the most the figure at `place` can be, for all a reader knows (simplex, not a graph)."""
    unknown = sorted(hidden, key=repr)
    left, right = [], []
    for total, parts in sums:
        row = [0] * len(unknown)
        known = 0
        for p, sign in [(total, -1), *((part, 1) for part in parts)]:
            if p in hidden:
                row[unknown.index(p)] += sign
            else:
                known -= sign * figures[p]
        left.append(row)
        right.append(known)
    found = []
    for sign in (1, -1):
        goal = [sign if p == place else 0 for p in unknown]
        result = linprog(goal, A_eq=left or None, b_eq=right or None, bounds=(0, None), method="highs")
        found.append(float("inf") if result.status == 3 else sign * result.fun)
    return found[0], found[1]


def everything(cells, row_totals: bool, column_totals: bool) -> dict:
    figures = dict(cells)
    for total, parts in sums_of(cells, row_totals, column_totals):
        figures[total] = sum(figures[part] for part in parts)
    return figures


@settings(max_examples=120, deadline=None)
@given(cells=tables(), k=st.sampled_from([2, INSIDE, IN_PUBLIC]), totals=st.sampled_from(TOTALS))
def test_nothing_hidden_can_be_solved_or_bounded_under_k_from_what_is_shown(cells, k, totals):
    safe = safe_counts(cells, k, row_totals=totals[0], column_totals=totals[1])
    figures = everything(cells, *totals)
    told = shown_of(safe)
    assert {place for place in figures if told[place] is None} == safe.hidden
    assert all(told[place] == number for place, number in figures.items() if place not in safe.hidden)
    assert all(number >= k for place, number in figures.items() if place not in safe.hidden)
    for place in safe.hidden:
        least, most = most_and_least(figures, set(safe.hidden), sums_of(cells, *totals), place)
        assert most - least >= 1 - 1e-6, (place, least, most)
        assert most >= k - 1e-6, (place, least, most)


@settings(max_examples=60, deadline=None)
@given(cells=tables())
def test_the_public_table_shows_nothing_that_the_one_inside_hides(cells):
    inside = safe_counts(cells, INSIDE)
    public = safe_counts(cells, IN_PUBLIC, hidden=inside.hidden)
    assert public.hidden >= inside.hidden


@settings(max_examples=60, deadline=None)
@given(cells=tables())
def test_a_table_without_a_small_figure_is_shown_whole(cells):
    large = {place: number + INSIDE for place, number in cells.items()}
    safe = safe_counts(large, INSIDE)
    assert (safe.cells, safe.is_suppressed) == (large, False)
    assert safe.total == (sum(large.values()) if large else None)


def test_the_only_small_count_of_a_row_takes_another_with_it():
    table = {("2A", "visit"): 3, ("2A", "talk"): 20, ("2B", "visit"): 22, ("2B", "talk"): 24}
    safe = safe_counts(table, INSIDE)
    assert safe.hidden == {("2A", "visit"), ("2A", "talk"), ("2B", "visit"), ("2B", "talk")}
    assert (safe.rows, safe.columns, safe.total) == ({"2A": 23, "2B": 46}, {"visit": 25, "talk": 44}, 69)


def test_two_small_counts_whose_sum_is_small_too_are_not_left_alone():
    safe = safe_counts({("all", "a"): 2, ("all", "b"): 1, ("all", "c"): 30, ("all", "d"): 40}, 5, column_totals=False)
    assert safe.cells == {("all", "a"): None, ("all", "b"): None, ("all", "c"): None, ("all", "d"): 40}
    assert safe.rows == {"all": 73}


def test_nobody_at_all_is_a_small_count_and_an_empty_table_is_none():
    assert safe_counts({("2A", "visit"): 0}, INSIDE).cells == {("2A", "visit"): None}
    empty = safe_counts({}, INSIDE)
    assert (empty.cells, empty.total, empty.is_suppressed) == ({}, None, False)
