"""Sessions that ask for the same class, teacher, actor or place at one time: found in one statement."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.actors.models import Actor
from app.events.held import NOT_HELD
from app.events.models import AttendanceMode, Event, EventActor
from app.events.policy import ONE_AT_A_TIME
from app.events.policy import visible_to as events_visible_to
from app.identity.caller import Caller
from app.q2er.classes.models import SchoolClass
from app.q2er.conflicts.schemas import Conflict, ConflictKind, ConflictSession
from app.q2er.editions.models import Edition
from app.q2er.participations.models import Participation
from app.q2er.participations.policy import visible_to as participations_visible_to
from app.q2er.sequences.models import Sequence

MOST = 500
A, B = aliased(Event, name="a"), aliased(Event, name="b")


async def conflicts(session: AsyncSession, caller: Caller, edition: Edition) -> list[Conflict]:
    """The overlaps of sessions of this edition, among themselves and with other sessions of the territory."""
    found = union_all(_of_those_who_come(caller, edition), _of_places(caller, edition)).subquery()
    rows = select(found).order_by(found.c.starts_at, found.c.a_id, found.c.b_id, found.c.kind).limit(MOST)
    return [_told(row) for row in (await session.execute(rows)).mappings()]


def _pairs(caller: Caller, edition: Edition) -> ColumnElement[bool]:
    """Two sessions at one time, each pair once, that are not called off and that the caller sees."""
    of_edition = select(Sequence.id).where(Sequence.edition_id == edition.id)
    seen = events_visible_to(caller).where(Event.territory_id == edition.territory_id).with_only_columns(Event.id)
    return and_(
        A.sequence_id.in_(of_edition),
        B.sequence_id.is_not(None),
        A.territory_id == B.territory_id,
        A.starts_at < B.ends_at,
        B.starts_at < A.ends_at,
        A.status.not_in(NOT_HELD),
        B.status.not_in(NOT_HELD),
        or_(A.id < B.id, and_(A.id != B.id, B.sequence_id.not_in(of_edition))),
        A.id.in_(seen),
        B.id.in_(seen),
    )


def _columns(kind: Any, resource_id: Any, name: Any) -> tuple[Any, ...]:
    return (
        kind.label("kind"), resource_id.label("resource_id"), name.label("name"),
        A.id.label("a_id"), A.title.label("a_title"), A.starts_at.label("a_starts_at"), A.ends_at.label("a_ends_at"),
        B.id.label("b_id"), B.title.label("b_title"), B.starts_at.label("b_starts_at"), B.ends_at.label("b_ends_at"),
        func.greatest(A.starts_at, B.starts_at).label("starts_at"),
        func.least(A.ends_at, B.ends_at).label("ends_at"),
    )  # fmt: skip


def _of_those_who_come(caller: Caller, edition: Edition) -> Select[Any]:
    who = _who_comes(caller, edition)
    at_a, at_b = who.alias("at_a"), who.alias("at_b")
    name = func.coalesce(
        select(Actor.name).where(Actor.id == at_a.c.id).scalar_subquery(),
        select(SchoolClass.name).where(SchoolClass.id == at_a.c.id).scalar_subquery(),
    )
    return (
        select(*_columns(at_a.c.kind, at_a.c.id, name))
        .select_from(at_a)
        .join(at_b, and_(at_a.c.id == at_b.c.id, at_a.c.kind == at_b.c.kind, at_a.c.event_id != at_b.c.event_id))
        .join(A, A.id == at_a.c.event_id)
        .join(B, B.id == at_b.c.event_id)
        .where(_pairs(caller, edition))
    )


def _who_comes(caller: Caller, edition: Edition) -> Subquery:
    """Actors, teachers and classes of each session: as organisers or partners, or as they take part."""
    told = participations_visible_to(caller).where(Participation.territory_id == edition.territory_id)
    ties = select(literal("actor", String).label("kind"), EventActor.event_id, EventActor.actor_id.label("id"))
    busy = Actor.kind.in_(ONE_AT_A_TIME)
    tied = ties.join(Actor, and_(Actor.id == EventActor.actor_id, busy)).where(
        Actor.territory_id == edition.territory_id
    )
    came = [
        told.with_only_columns(literal(kind, String), Participation.event_id, column).where(column.is_not(None))
        for kind, column in (("teacher", Participation.person_id), ("class", Participation.class_id))
    ]
    actors = told.join(Actor, and_(Actor.id == Participation.actor_id, busy))
    came.append(actors.with_only_columns(literal("actor", String), Participation.event_id, Participation.actor_id))
    return union(tied, *came).subquery()


def _of_places(caller: Caller, edition: Edition) -> Select[Any]:
    same = and_(
        func.searchable(A.place_name) == func.searchable(B.place_name),
        A.insee_code.is_not_distinct_from(B.insee_code),
        A.attendance_mode != AttendanceMode.ONLINE,
        B.attendance_mode != AttendanceMode.ONLINE,
    )
    columns = _columns(literal("place", String), cast(null(), A.id.type), A.place_name)
    return select(*columns).where(_pairs(caller, edition), same)


def _told(row: Any) -> Conflict:
    both = [
        ConflictSession(**{name: row[f"{side}_{name}"] for name in ("id", "title", "starts_at", "ends_at")})
        for side in ("a", "b")
    ]
    first, second = sorted(both, key=lambda one: (one.starts_at, one.id))
    told = {name: row[name] for name in ("resource_id", "name", "starts_at", "ends_at")}
    return Conflict(kind=ConflictKind(row["kind"]), first=first, second=second, **told)
