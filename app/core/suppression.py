"""Counts of people that may be shown to those who must not know who they are.

A count under `k` is hidden, and with it whatever else would give it away: a table says its totals, so that one hidden
cell of a row is the total less the others. What is left shown keeps two promises, whatever one computes from it:

- no hidden figure can be solved: each could be at least two whole numbers;
- no figure that is under `k` can be bounded under `k`: for all that is shown, it could be `k` or more.

Every figure stands in at most one row and one column that add up, so the table is a graph: rows and columns are its
nodes, figures its edges. A figure can change while all sums hold exactly where a cycle of hidden figures passes
through it (D. Gusfield, "A graph theoretic approach to statistical data security", 1988); the cheapest such cycle is
hidden for each figure under `k`. Who reads two versions of one table must not learn more from both: the stricter one
is made from the other (`hidden=`).
"""

import heapq
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import count
from typing import Final, Generic, NamedTuple, TypeVar

INSIDE: Final = 5
"""The least count of people told to those who work on the platform (`api.md`: small cells)."""
IN_PUBLIC: Final = 11
"""The least count of people told to everyone."""


class Sum(Enum):
    """Stands for a row or column in the name of a total: `(row, Sum.ALL)` is the total of a row."""

    ALL = "all"


ALL: Final = Sum.ALL
Row = TypeVar("Row", bound=Hashable)
Column = TypeVar("Column", bound=Hashable)
Place = tuple[Hashable, Hashable]
"""A row and a column; `ALL` for either is a total, for both the grand total."""


@dataclass(frozen=True)
class SafeCounts(Generic[Row, Column]):
    """A table of counts as it may be shown; None where a figure is hidden.

    `cells`: those of the table, by row and column. `rows` and `columns`: their totals, and `total` of them all; a
    total that is not told at all is None too. `hidden`: the places that are hidden, to make a stricter table from.
    """

    cells: Mapping[tuple[Row, Column], int | None]
    rows: Mapping[Row, int | None]
    columns: Mapping[Column, int | None]
    total: int | None
    hidden: frozenset[Place]

    @property
    def is_suppressed(self) -> bool:
        """Whether anything is hidden."""
        return bool(self.hidden)


class _Figure(NamedTuple):
    """A figure between the two sums it stands in. `is_sum`: it is what the row or column adds up to; the grand total
    is again what those add up to, and so goes as a cell does."""

    value: int
    row: Hashable
    column: Hashable
    is_sum: bool


_ANYWHERE: Final = "anywhere"
"""The node of figures that stand in no sum that is told: they may change freely there."""


def safe_counts(
    cells: Mapping[tuple[Row, Column], int],
    k: int,
    *,
    row_totals: bool = True,
    column_totals: bool = True,
    hidden: Collection[Place] = (),
) -> SafeCounts[Row, Column]:
    """The table with every figure under `k` hidden, zero too, and what would give one away.

    `cells`: whole numbers of people, none negative; a place that is absent holds nothing and is known to. Totals are
    sums: a person who stands in two cells of a row counts twice in its total.
    `row_totals`, `column_totals`: which are told; the grand total is, if any is. A plain list is one row, whose total
    is the list's. `hidden`: places hidden whatever they count, such as those of the same table for other readers.
    Takes time in the number of figures under `k` times the number of all figures.
    """
    figures = _figures(cells, row_totals, column_totals)
    covered = {place for place in hidden if place in figures}
    covered |= {place for place, figure in figures.items() if figure.value < k}
    for place in [place for place in figures if place in covered]:
        _cover(figures, covered, place, by=max(k - figures[place].value, 1))
    shown = {place: None if place in covered else figure.value for place, figure in figures.items()}
    return SafeCounts(
        cells={place: shown[place] for place in cells},
        rows={row: shown.get((row, ALL)) for row, _ in cells},
        columns={column: shown.get((ALL, column)) for _, column in cells},
        total=shown.get((ALL, ALL)),
        hidden=frozenset(covered),
    )


def _figures(cells: Mapping[tuple[Row, Column], int], row_totals: bool, column_totals: bool) -> dict[Place, _Figure]:
    """Every figure that is told, totals included, between the sums it stands in."""
    rows: dict[Hashable, int] = {}
    columns: dict[Hashable, int] = {}
    figures: dict[Place, _Figure] = {}
    for (row, column), number in cells.items():
        rows[row] = rows.get(row, 0) + number
        columns[column] = columns.get(column, 0) + number
        at = ("row", row) if row_totals else _ANYWHERE
        figures[row, column] = _Figure(number, at, ("column", column) if column_totals else _ANYWHERE, False)
    end = ("column", ALL) if row_totals else _ANYWHERE
    foot = ("row", ALL) if column_totals else _ANYWHERE
    if row_totals:
        figures |= {(row, ALL): _Figure(number, ("row", row), end, True) for row, number in rows.items()}
    if column_totals:
        figures |= {
            (ALL, column): _Figure(number, foot, ("column", column), True) for column, number in columns.items()
        }
    if cells and (row_totals or column_totals):
        figures[ALL, ALL] = _Figure(sum(rows.values()), foot, end, False)
    return figures


def _cover(figures: Mapping[Place, _Figure], covered: set[Place], place: Place, by: int) -> None:
    """Hide the cheapest figures that let the one at `place` be greater by `by` while all sums hold.

    Such figures always are: the cell, its totals and the grand total may all be greater together.
    """
    figure = figures[place]
    start, goal = (figure.row, figure.column) if figure.is_sum else (figure.column, figure.row)
    ways = _ways(figures, place, by)
    order = count()
    seen: dict[Hashable, tuple[Hashable, Place] | None] = {}
    queue: list[tuple[int, int, Hashable, tuple[Hashable, Place] | None]] = [(0, next(order), start, None)]
    while queue and goal not in seen:
        cost, _, node, came = heapq.heappop(queue)
        if node in seen:
            continue
        seen[node] = came
        for there, through in ways.get(node, ()):
            price = 0 if through in covered else 1 + figures[through].value
            heapq.heappush(queue, (cost + price, next(order), there, (node, through)))
    step = seen[goal]
    while step is not None:
        node, through = step
        covered.add(through)
        step = seen[node]


def _ways(figures: Mapping[Place, _Figure], without: Place, by: int) -> dict[Hashable, list[tuple[Hashable, Place]]]:
    """From each sum to the sums that make up for a change of `by` there, and the figure that does.

    Going from its row to its column a figure grows, going back it shrinks, which one that is less than `by` cannot; a
    total, which its sum is set off against, the other way round.
    """
    ways: dict[Hashable, list[tuple[Hashable, Place]]] = {}
    for place, figure in figures.items():
        if place == without:
            continue
        grows, shrinks = (figure.row, figure.column), (figure.column, figure.row)
        if figure.is_sum:
            grows, shrinks = shrinks, grows
        for source, there in [grows, shrinks] if figure.value >= by else [grows]:
            ways.setdefault(source, []).append((there, place))
    return ways
