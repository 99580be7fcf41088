"""How many pupils an edition reached, as far as the caller is told; and what each pupil, or class, followed."""

from collections.abc import Mapping
from collections.abc import Sequence as Rows
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Select, and_, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.suppression import INSIDE, SafeCounts, safe_counts
from app.events.models import Event
from app.events.registrations.models import Attendance
from app.events.states import CALLED_OFF
from app.identity.caller import Caller
from app.q2er.classes.models import SchoolClass
from app.q2er.counts import policy
from app.q2er.counts.schemas import (
    CellCount,
    ClassCount,
    EditionCounts,
    Followed,
    LedgerLine,
    SequenceCount,
)
from app.q2er.editions.models import Edition
from app.q2er.participations.models import Participation
from app.q2er.pupils.models import CODES, Pupil
from app.q2er.sequences.models import Sequence

Cells = Mapping[tuple[UUID, UUID], int]
"""Pupils by class and sequence."""
CAME = Participation.attendance == Attendance.ATTENDED


@dataclass(frozen=True)
class Table:
    """The classes and sequences of an edition, and how many pupils of each the caller is told."""

    least_told: int
    classes: Rows[SchoolClass]
    sequences: Rows[Sequence]
    told: SafeCounts[UUID, UUID]


async def table_of(session: AsyncSession, caller: Caller, edition: Edition) -> Table:
    """The whole table of an edition, its small counts hidden but from the school they are of."""
    ordered = policy.classes_counted(caller, edition).order_by(SchoolClass.sort_name, SchoolClass.id)
    classes = (await session.scalars(ordered)).all()
    mine = {row.id for row in classes}
    cells = {place: n for place, n in (await cells_of(session, edition)).items() if place[0] in mine}
    sequences = await session.scalars(_sequences(edition).order_by(Sequence.position))
    least = 0 if policy.is_inside(caller) else INSIDE
    return Table(least, classes, sequences.all(), safe_counts(cells, least))


async def cells_of(session: AsyncSession, edition: Edition) -> Cells:
    """How many pupils of each class each sequence reached: those noted, else those said to be present. Exact: to be
    told to nobody as it is."""
    ids = _sequences(edition).with_only_columns(Sequence.id)
    place = (Participation.of_class_id, Participation.sequence_id)
    pupils = (
        select(*place, func.count(CODES.c.one_id.distinct()).filter(CAME))
        .join(CODES, CODES.c.id == Participation.pupil_id)
        .where(Participation.sequence_id.in_(ids), Participation.of_class_id.is_not(None))
        .group_by(*place)
    )
    present = func.coalesce(Participation.pupils_present, SchoolClass.headcount)
    whole = (
        select(Participation.class_id, Participation.sequence_id, func.coalesce(func.max(present).filter(CAME), 0))
        .join(SchoolClass, SchoolClass.id == Participation.class_id)
        .where(Participation.sequence_id.in_(ids))
        .group_by(Participation.class_id, Participation.sequence_id)
    )
    found: dict[tuple[UUID, UUID], int] = {}
    for rows in (whole, pupils):
        for of, sequence, number in await session.execute(rows):
            assert of  # each of the two selects rows that have it
            found[of, sequence] = number
    return found


async def counts(session: AsyncSession, caller: Caller, edition: Edition) -> EditionCounts:
    """What the caller is told of how many an edition reached."""
    table = await table_of(session, caller, edition)
    told, beside = table.told, await _beside(session, caller, edition)
    return EditionCounts(
        edition_id=edition.id,
        least_told=table.least_told,
        pupils=told.total if told.cells else 0,
        suppressed=bool(told.cells) and told.total is None,
        sequences=[
            SequenceCount(
                sequence_id=row.id, position=row.position, kind=row.kind, title=row.title,
                **_told(told.columns, row.id), **beside.get(row.id, NOTHING),
            )
            for row in table.sequences
        ],
        classes=[
            ClassCount(
                class_id=row.id, school_id=row.school_id, name=row.name, level=row.level, **_told(told.rows, row.id)
            )
            for row in table.classes
        ],
        cells=[
            CellCount(class_id=of, sequence_id=sequence, pupils=number, suppressed=number is None)
            for (of, sequence), number in told.cells.items()
        ],
    )  # fmt: skip


NOTHING: Mapping[str, Any] = {"sessions": 0, "actors": 0, "feedback": None}


def _told(figures: Mapping[UUID, int | None], id_: UUID) -> dict[str, Any]:
    """A total as it is told: 0 where nobody was ever entered, which is no secret."""
    number = figures.get(id_, 0)
    return {"pupils": number, "suppressed": number is None}


async def _beside(session: AsyncSession, caller: Caller, edition: Edition) -> dict[UUID, dict[str, Any]]:
    """What else is told of each sequence: its sessions, who helped, and what pupils thought of it."""
    ids = _sequences(edition).with_only_columns(Sequence.id)
    is_on = Event.status.not_in(CALLED_OFF)
    sessions = select(Event.sequence_id, func.count()).where(Event.sequence_id.in_(ids), is_on)
    found: dict[UUID, dict[str, Any]] = {}
    for id_, number in await session.execute(sessions.group_by(Event.sequence_id)):
        assert id_  # a session has one
        found[id_] = {**NOTHING, "sessions": number}
    answers = func.count(Participation.feedback_score).filter(Participation.pupil_id.is_not(None))
    average = func.avg(Participation.feedback_score).filter(Participation.pupil_id.is_not(None))
    rows = select(
        Participation.sequence_id, func.count(Participation.actor_id.distinct()).filter(CAME), answers, average
    ).where(Participation.sequence_id.in_(ids))
    for id_, actors, number, mean in await session.execute(rows.group_by(Participation.sequence_id)):
        feedback = round(float(mean), 1) if number >= INSIDE else None
        found[id_] = {**found.get(id_, NOTHING), "actors": actors, "feedback": feedback}
    return found


def _sequences(edition: Edition) -> Select[Sequence]:
    return select(Sequence).where(Sequence.edition_id == edition.id)


async def class_lines(session: AsyncSession, caller: Caller, edition: Edition) -> list[LedgerLine]:
    """The ledger for those who must not know the pupils: what each class followed, by safe counts."""
    table = await table_of(session, caller, edition)
    followed: dict[UUID, list[Followed]] = {}
    for (of, sequence), number in table.told.cells.items():
        line = Followed(sequence_id=sequence, sessions=None, last_on=None, pupils=number, suppressed=number is None)
        followed.setdefault(of, []).append(line)
    return [
        LedgerLine(
            pupil_id=None, first_name=None, last_name=None, class_id=row.id, class_name=row.name,
            school_id=row.school_id, followed=followed.get(row.id, []),
        )
        for row in table.classes
    ]  # fmt: skip


async def pupil_lines(session: AsyncSession, edition: Edition, pupils: Rows[Pupil]) -> list[LedgerLine]:
    """The ledger for a school: what each of these pupils followed, entries merged into them included."""
    day = func.max(cast(func.timezone(Event.timezone, Event.starts_at), Date))
    rows = (
        select(CODES.c.one_id, Participation.sequence_id, func.count(Participation.event_id.distinct()), day)
        .join(Participation, and_(Participation.pupil_id == CODES.c.id, CAME))
        .join(Event, Event.id == Participation.event_id)
        .join(Sequence, Sequence.id == Participation.sequence_id)
        .where(Sequence.edition_id == edition.id, CODES.c.one_id.in_([pupil.id for pupil in pupils]))
        .group_by(CODES.c.one_id, Participation.sequence_id, Sequence.position)
        .order_by(Sequence.position)
    )
    followed: dict[UUID, list[Followed]] = {}
    for pupil_id, sequence, number, last in await session.execute(rows):
        line = Followed(sequence_id=sequence, sessions=number, last_on=last, pupils=None, suppressed=False)
        followed.setdefault(pupil_id, []).append(line)
    return [
        LedgerLine(
            pupil_id=row.id, first_name=row.first_name, last_name=row.last_name, class_id=None,
            class_name=row.class_name, school_id=row.school_id, followed=followed.get(row.id, []),
        )
        for row in pupils
    ]  # fmt: skip
