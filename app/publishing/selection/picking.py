"""The first events of a selection, by start, as SQL that no size of the table slows down."""

from app.publishing.selection.chosen import Shape
from app.publishing.selection.conditions import (
    BOUNDS,
    CONDITIONS,
    FEW,
    NARROWING,
    ONGOING_AT_START,
    OVERLAP,
    PLACE,
    VISIBLE,
)
from app.publishing.selection.parameters import Parameters

IN_ORDER = "order by e.starts_at, e.id limit $3 + 1"
PUBLIC = "e.publication = 'published' and e.audience = 'public'"


def picked(parameters: Parameters, filters: Shape, bounds: Shape, place: str | None) -> str:
    """The CTEs that end in `picked`: the first rows of the selection, one more than the page (`$3`).

    `place` says where the page before ended: None, `ongoing` (before the window's start), `later`, or
    `unbounded` for a window without a start.
    """
    narrowing = _narrowing(filters)
    is_many = ["(select is_many from many)"] if narrowing else []
    own = [CONDITIONS[name] for name in filters]
    ctes, branches = [], []
    if narrowing:
        counted, few = NARROWING[narrowing]
        ctes.append(
            f"many as materialized (select count(*) > {FEW} as is_many"
            f" from (select from {parameters.fill([counted])} limit {FEW + 1}) x)"
        )
        fenced = f"(select e.* from {parameters.fill([few])} and not (select is_many from many) offset 0) e"
        overlap = [OVERLAP[name] for name in bounds]
        rest = [CONDITIONS[name] for name in filters if name != narrowing]
        branches.append(_first(parameters, fenced, [VISIBLE, *overlap, *([PLACE] if place else []), *rest]))
    later = [VISIBLE, *(BOUNDS[name] for name in bounds if name == "end" or place != "later")]
    later += [PLACE] if place in {"later", "unbounded"} else []
    branches.append(_first(parameters, "events e", [*later, *own, *is_many], many="municipalities" in filters))
    if "start" in bounds and place != "later":
        ctes.append(f"ongoing as materialized ({ongoing(parameters, filters, is_many)})")
        outer = ["e.starts_at < {start}::timestamptz", *([PLACE] if place else [])]
        branches.append(_first(parameters, "ongoing e", outer))
    both = " union all ".join(f"({branch})" for branch in branches)
    ctes.append(f"picked as (select * from ({both}) e {IN_ORDER})")
    return ",\n".join(ctes)


def ongoing(parameters: Parameters, filters: Shape, more: list[str]) -> str:
    """What is going on when the window begins: few events, found by one index and by that one alone."""
    indexed = [name for name in filters if name == "municipality"]
    # `is true` keeps a condition from any index: joining several would read one of them whole.
    others = [f"({CONDITIONS[name]}) is true" for name in filters if name not in indexed]
    conditions = [VISIBLE, ONGOING_AT_START, *(CONDITIONS[name] for name in indexed), *others, *more]
    return f"select e.* from events e where {parameters.fill(conditions)}"


def _narrowing(filters: Shape) -> str | None:
    """The filter that may leave few events. A commune or an organiser is a short enough walk for a theme."""
    if {"municipality", "organiser"} & set(filters) and "q" not in filters:
        return None
    return next((name for name in NARROWING if name in filters), None)


def _first(parameters: Parameters, source: str, conditions: list[str], *, many: bool = False) -> str:
    """The first rows of one branch. Several communes are read one by one, each in the order of its index."""
    if not many:
        return f"select e.* from {source} where {parameters.fill(conditions)} {IN_ORDER}"
    each = [
        "e.insee_code = c.code" if condition == CONDITIONS["municipalities"] else condition for condition in conditions
    ]
    codes = parameters.fill(["{municipalities}::text[]"])
    return f"""select e.* from unnest({codes}) c(code)
        cross join lateral (select e.* from {source} where {parameters.fill(each)} {IN_ORDER}) e {IN_ORDER}"""
