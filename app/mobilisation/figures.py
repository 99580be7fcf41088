"""The one statement that counts the funnel: how many reached each step, and how many of them the one before too.

The steps a fact shows travel as the bits of one number, so that facts are put together cheaply.
"""

from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Integer,
    Select,
    Subquery,
    Text,
    Uuid,
    cast,
    func,
    label,
    literal,
    null,
    select,
    tuple_,
    union_all,
)

from app.mobilisation.facts import WHO, Source, facts, part_of
from app.mobilisation.filters import Asked
from app.mobilisation.schemas import Breakdown, Step
from app.territories.models import Municipality, Theme

STEPS = tuple(Step)
BITS = {step: 1 << place for place, step in enumerate(STEPS)}


def figures(asked: Asked, by: Breakdown | None) -> Select[Any]:
    """One row for each group and for the whole, of actors and of people apart.

    Facts are first put together by whom they tell of, so that what follows grows with these and not with the facts;
    then those are grouped by their actor and by their person at the same time.
    """
    pair = _pairs(asked, by)
    rows, value = _told_apart(pair, by)
    each = (
        select(
            label("value", value),
            (func.grouping(pair.c.actor_id) == 1).label("is_person"),
            func.coalesce(pair.c.actor_id, pair.c.person_id).label("id"),
            func.bit_or(pair.c.steps).label("steps"),
        )
        .select_from(rows)
        .group_by(func.grouping_sets(tuple_(value, pair.c.actor_id), tuple_(value, pair.c.person_id)))
        .cte("each")
    )
    if by is None:
        return _counts(each, is_whole=True)
    return _named(union_all(_counts(each, is_whole=False, by=by), _counts(_once(each), is_whole=True)), asked, by)


def _told_apart(pair: Subquery, by: Breakdown | None) -> tuple[FromClause, ColumnElement[Any]]:
    """The pairs with what they are told apart by, as text."""
    match by:
        case Breakdown.KIND:
            return pair.outerjoin(WHO, WHO.id == pair.c.actor_id), cast(WHO.kind, Text)
        case Breakdown.MUNICIPALITY:
            return pair.outerjoin(WHO, WHO.id == pair.c.actor_id), cast(WHO.insee_code, Text)
        case Breakdown.THEME:
            return pair.outerjoin(Theme, Theme.id == pair.c.part), cast(Theme.slug, Text)
        case _:
            return pair, cast(pair.c.part, Text)


def _pairs(asked: Asked, by: Breakdown | None) -> Subquery:
    """What each person did on behalf of each actor, or of none, in each theme or year told apart."""
    fact = union_all(
        *(
            rows.add_columns(
                label("part", part_of(source, by)),
                label("actor_id", source.actor),
                label("person_id", cast(null(), Uuid) if source.person is None else source.person),
                _steps_of(source).label("steps"),
            )
            for source, rows in facts(asked, by)
        )
    ).subquery("fact")
    who = (fact.c.part, fact.c.actor_id, fact.c.person_id)
    return select(*who, func.bit_or(fact.c.steps).label("steps")).group_by(*who).subquery("pair")


def _steps_of(source: Source) -> ColumnElement[int]:
    """The bits of the steps a fact shows."""
    bits: ColumnElement[int] = literal(0, Integer)
    for step, is_shown in source.steps.items():
        bits = bits + cast(is_shown, Integer) * literal(BITS[step], Integer)
    return bits


def _once(each: CTE) -> CTE:
    """Those counted, each once whatever groups they stand in."""
    who = (each.c.is_person, each.c.id)
    together = select(cast(null(), Text).label("value"), *who, func.bit_or(each.c.steps).label("steps"))
    return together.group_by(*who).cte("once")


def _counts(each: CTE, *, is_whole: bool, by: Breakdown | None = None) -> Select[Any]:
    """The counts of one group a row. Within one year, who contributed is still active in it."""
    bits = BITS | ({Step.ACTIVE: BITS[Step.CONTRIBUTED]} if by is Breakdown.YEAR else {})
    both = {step: bits[step] | bits[before] for step, before in zip(STEPS[1:], STEPS, strict=False)}

    def having(wanted: int) -> ColumnElement[int]:
        return func.count().filter(each.c.steps.op("&")(literal(wanted, Integer)) == literal(wanted, Integer))

    return (
        select(
            each.c.value,
            cast(null(), Text).label("name"),
            each.c.is_person,
            literal(is_whole).label("is_whole"),
            *(having(bits[step]).label(step) for step in STEPS),
            *(having(wanted).label(f"{step}_too") for step, wanted in both.items()),
        )
        .where(each.c.id.is_not(None))
        .group_by(each.c.value, each.c.is_person)
    )


def _named(counts: CompoundSelect[Any], asked: Asked, by: Breakdown) -> Select[Any]:
    """The same counts, themes and communes with their name."""
    told = counts.subquery("told")
    names = {
        Breakdown.THEME: select(func.min(Theme.name)).where(
            Theme.slug == told.c.value, Theme.territory_id.in_(asked.territory_ids)
        ),
        Breakdown.MUNICIPALITY: select(Municipality.name).where(Municipality.insee_code == told.c.value),
    }
    name = names[by].scalar_subquery().label("name") if by in names else told.c.name
    return select(*(name if column.name == "name" else column for column in told.c))
