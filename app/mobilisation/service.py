"""The figures of the funnel, in one statement, and the rows each of them counts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    func,
    label,
    literal,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.actors.models import Actor
from app.actors.people.models import Person
from app.actors.schemas import ActorRef
from app.core.bulk import among
from app.core.pagination import PageRequest, page
from app.events.registrations.schemas import PersonRef
from app.identity.caller import Caller
from app.mobilisation import policy
from app.mobilisation.facts import Column, Source, facts
from app.mobilisation.figures import STEPS, figures
from app.mobilisation.filters import Asked, MobilisationFilters
from app.mobilisation.schemas import Breakdown, Counted, Figure, Funnel, Group, Mobilised, Period, Step, StepOut

ROWS = "/v1/actors/mobilisation/rows"
FEW = 2_000
"""As many facts at most are gathered first; of more, the directory is walked through, name by name."""
WORK_MEM = "SET LOCAL work_mem = '64MB'"
"""Enough to group the facts of the largest territory without writing to disk."""


async def funnel(session: AsyncSession, asked: Asked, filters: MobilisationFilters, by: Breakdown | None) -> Funnel:
    """The figures of each step, as a whole and told apart."""
    await session.execute(text(WORK_MEM))
    whole: list[Any] = []
    parts: dict[tuple[str | None, str | None], list[Any]] = {}
    for row in await session.execute(figures(asked, by)):
        (whole if row.is_whole else parts.setdefault((row.value, row.name), [])).append(row)
    return Funnel(
        period=_period(asked, filters),
        steps=_steps(whole, filters.query()),
        groups=[
            Group(value=value, label=name, steps=_steps(rows, _narrower(filters, by, value)))
            for (value, name), rows in sorted(parts.items(), key=_in_order)
        ],
    )


async def mobilised(
    session: AsyncSession, caller: Caller, asked: Asked, step: Step, of: Counted, wanted: PageRequest
) -> dict[str, Any]:
    """A page of those a figure counts, by name."""
    await session.execute(text(WORK_MEM))
    ids = await _few(session, asked, step, of)
    if of is Counted.ACTORS:
        actors = policy.actors_counted(caller).where(_stands(asked, step, of, Actor.id, ids))
        found = await page(session, actors, wanted, by=(Actor.sort_name, Actor.id))
    else:
        people = policy.people_counted(caller).where(_stands(asked, step, of, Person.id, ids))
        found = await page(session, people, wanted, by=(Person.sort_name, Person.id))
    evidence = {
        row.id: row for row in await session.execute(_evidence(asked, step, of, [row.id for row in found["items"]]))
    }
    return found | {"items": [_told(row, evidence[row.id]) for row in found["items"]]}


def _ids(asked: Asked, step: Step, of: Counted) -> Iterator[tuple[Source, Column, Select[Any]]]:
    """The facts that put those counted on the step: whom they tell of, and the statement to add columns to."""
    for source, rows in facts(asked):
        whom = source.counted(of)
        if whom is not None and step in source.steps:
            yield source, whom, rows.where(source.shows(step))


async def _few(session: AsyncSession, asked: Asked, step: Step, of: Counted) -> list[UUID] | None:
    """Whom the facts tell of, where these are few."""
    found = union_all(*(rows.add_columns(label("id", whom)) for _, whom, rows in _ids(asked, step, of)))
    ids = (await session.scalars(found.limit(FEW + 1))).all()
    return None if len(ids) > FEW else [id_ for id_ in ids if id_ is not None]


def _stands(
    asked: Asked, step: Step, of: Counted, id_: InstrumentedAttribute[UUID], ids: list[UUID] | None
) -> ColumnElement[bool]:
    """Who stands on the step: those gathered from the facts where these are few, else looked up name by name."""
    if ids is not None:
        return among(id_, ids)
    each = _ids(asked, step, of)
    return or_(*(rows.add_columns(literal(1)).where(whom == id_).exists() for _, whom, rows in each))


def _evidence(asked: Asked, step: Step, of: Counted, ids: Sequence[UUID]) -> Select[Any]:
    """How often each of these was put on the step, and when."""
    found = union_all(
        *(
            rows.add_columns(label("id", whom), label("begins", source.begins)).where(whom.in_(ids))
            for source, whom, rows in _ids(asked, step, of)
        )
    ).subquery("found")
    begins = found.c.begins
    return select(
        found.c.id,
        func.count().label("times"),
        func.min(begins).label("first_on"),
        func.max(begins).label("last_on"),
    ).group_by(found.c.id)


def _told(row: Actor | Person, evidence: Any) -> Mobilised:
    is_actor = isinstance(row, Actor)
    return Mobilised(
        id=row.id,
        actor=ActorRef.model_validate(row) if is_actor else None,
        person=None if is_actor else PersonRef.model_validate(row),
        times=evidence.times,
        first_on=evidence.first_on,
        last_on=evidence.last_on,
    )


def _period(asked: Asked, filters: MobilisationFilters) -> Period:
    bounds = asked.period
    return Period.model_validate(
        {
            "from": bounds.starts_at.astimezone(asked.zone) if filters.from_ else None,
            "to": bounds.ends_at.astimezone(asked.zone) if filters.to else None,
            "active_from": bounds.active_from,
        }
    )


def _steps(rows: Sequence[Any], query: Sequence[tuple[str, str]]) -> list[StepOut]:
    """The figures of each step, none where there is no row."""
    by_kind: Mapping[Counted, Any] = {Counted.PEOPLE if row.is_person else Counted.ACTORS: row for row in rows}

    def figure(step: Step, of: Counted) -> Figure:
        row = by_kind.get(of)
        too = None if step is STEPS[0] else getattr(row, f"{step}_too", 0)
        link = f"{ROWS}?{urlencode([('step', step), ('of', of), *query])}"
        return Figure(count=getattr(row, step, 0), from_previous=too, rows=link)

    return [
        StepOut(step=step, actors=figure(step, Counted.ACTORS), people=figure(step, Counted.PEOPLE)) for step in STEPS
    ]


def _narrower(filters: MobilisationFilters, by: Breakdown | None, value: str | None) -> list[tuple[str, str]]:
    """The parameters that narrow the figures to one group."""
    if by is Breakdown.YEAR and value:
        first, last = date(int(value), 1, 1), date(int(value), 12, 31)
        days = max(first, filters.from_ or first), min(last, filters.to or last)
        given = [pair for pair in filters.query() if pair[0] not in ("from", "to")]
        return [*given, ("from", days[0].isoformat()), ("to", days[1].isoformat())]
    given = [pair for pair in filters.query() if pair[0] != by]
    return [*given, (str(by), value) if value is not None else ("missing", str(by))]


def _in_order(part: tuple[tuple[str | None, str | None], Any]) -> tuple[bool, str]:
    """By name, those that have none last."""
    (value, name), _ = part
    return value is None, name or value or ""
