"""A class put into words for a caller: counts of very few pupils are for their own school."""

from app.actors.schemas import ActorRef
from app.core.suppression import INSIDE, safe_counts
from app.identity.caller import Caller
from app.q2er.classes.models import SchoolClass
from app.q2er.classes.policy import tells_all_counts
from app.q2er.classes.schemas import ClassOut

AS_IS = (
    "id", "created_at", "updated_at", "version", "territory_id", "school_year", "name", "level", "is_demonstration",
)  # fmt: skip


def described(row: SchoolClass, caller: Caller) -> ClassOut:
    """The class, its counts hidden where they, or the head count less them, would tell of fewer than 5."""
    told = _all_counts(row) if tells_all_counts(caller, row) else _safe_counts(row)
    return ClassOut(
        **{name: getattr(row, name) for name in AS_IS},
        **told,
        school=ActorRef.model_validate(row.school),
        suppressed=told != _all_counts(row),
    )


def _all_counts(row: SchoolClass) -> dict[str, int | None]:
    return {"headcount": row.headcount, "girls": row.girls, "boys": row.boys}


def _safe_counts(row: SchoolClass) -> dict[str, int | None]:
    told = {name: count for name, count in (("girls", row.girls), ("boys", row.boys)) if count is not None}
    rest = row.headcount - sum(told.values())
    cells = {("class", name): count for name, count in told.items()} | ({("class", "rest"): rest} if rest else {})
    safe = safe_counts(cells, INSIDE, column_totals=False)
    return {
        "headcount": safe.total,
        "girls": safe.cells.get(("class", "girls")),
        "boys": safe.cells.get(("class", "boys")),
    }
