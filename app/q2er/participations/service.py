"""What is decided when someone takes part in a session of Q2ER."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.bulk import among, save_all
from app.core.db import apply, remove, save
from app.core.errors import Conflict, ErrorAt, InvalidInput
from app.core.references import referred
from app.events import policy as events_policy
from app.events.models import Event
from app.events.registrations import participants
from app.events.registrations.models import Attendance
from app.events.registrations.schemas import Participant
from app.events.registrations.states import attendance_blocker
from app.identity.caller import Caller
from app.q2er.classes.models import SchoolClass
from app.q2er.editions.models import Edition, EditionState
from app.q2er.participations import policy
from app.q2er.participations.models import Participation
from app.q2er.participations.schemas import (
    ClassEntered,
    ClassEntry,
    ParticipationCreate,
    ParticipationFields,
    ParticipationUpdate,
)
from app.q2er.pupils import policy as pupils_policy
from app.q2er.pupils.holdings import tells
from app.q2er.pupils.models import Pupil
from app.q2er.sequences.models import Sequence

WHO = ("actor_id", "person_id", "class_id", "pupil_id")


async def create(session: AsyncSession, caller: Caller, body: ParticipationCreate) -> Participation:
    """Someone who takes part in a session. Raises `InvalidInput`, `NotAllowed`, `Conflict`, `AlreadyExists`."""
    if sum(getattr(body, name) is not None for name in WHO) != 1:
        raise InvalidInput(ErrorAt("#", "one_participant"))
    event = await _session_of(session, caller, body.event_id)
    row = Participation(territory_id=event.territory_id, event_id=event.id, sequence_id=event.sequence_id)
    await _name(session, caller, event, row, body)
    _require_known(event, row, body)
    apply(row, body.model_dump(include=set(ParticipationFields.model_fields)))
    return await save(session, row, within=policy.editable(caller))


async def enter_class(session: AsyncSession, caller: Caller, body: ClassEntry) -> ClassEntered:
    """All pupils of a class who are not on the session's list yet. Raises as `create`, and `NotAllowed` for a class
    that is not of the caller's school."""
    event = await _session_of(session, caller, body.event_id)
    assert event.sequence_id
    classes = policy.classes_named(caller).where(SchoolClass.territory_id == event.territory_id)
    of = await referred(session, classes, SchoolClass, "class_id", body.class_id)
    pupils_policy.require_may_add(caller, of.school_id)
    pupils = (await session.scalars(policy.pupils_in(caller, of))).all()
    there = select(Participation.pupil_id).where(Participation.event_id == event.id)
    known = set(await session.scalars(there.where(among(Participation.pupil_id, [pupil.id for pupil in pupils]))))
    rows = [
        Participation(
            territory_id=event.territory_id, event_id=event.id, sequence_id=event.sequence_id, pupil_id=pupil.id,
            school_id=of.school_id, of_class_id=of.id, attendance=body.attendance,
        )
        for pupil in pupils
        if pupil.id not in known
    ]  # fmt: skip
    for row in rows[:1]:
        _require_known(event, row, ParticipationFields(attendance=body.attendance))
    await save_all(session, rows, within=policy.editable(caller))
    return ClassEntered(entered=len(rows), already=len(known))


async def update(session: AsyncSession, caller: Caller, row: Participation, body: ParticipationUpdate) -> Participation:
    """Change the fields given. Raises `InvalidInput`, `Conflict`."""
    await _require_open(session, row.sequence_id)
    event = (await session.scalars(select(Event).where(Event.id == row.event_id))).one()
    given = body.given()
    _require_known(event, row, body)
    apply(row, given)
    return await save(session, row, within=policy.editable(caller))


async def delete(session: AsyncSession, row: Participation) -> None:
    """Take away what was entered by mistake. Raises `Conflict` in a closed edition."""
    await _require_open(session, row.sequence_id)
    await remove(session, row)


async def _session_of(session: AsyncSession, caller: Caller, event_id: UUID) -> Event:
    """The event as a session of an edition that is not closed. Raises `InvalidInput`, `Conflict`."""
    event = await referred(session, events_policy.visible_to(caller), Event, "event_id", event_id)
    if event.sequence_id is None:
        raise InvalidInput(ErrorAt("#/event_id", "not_a_session"))
    await _require_open(session, event.sequence_id)
    return event


async def _require_open(session: AsyncSession, sequence_id: UUID) -> None:
    state = select(Edition.state).join(Sequence, Sequence.edition_id == Edition.id).where(Sequence.id == sequence_id)
    if await session.scalar(state.with_for_update(read=True, of=Edition)) is EditionState.CLOSED:
        raise Conflict(ErrorAt("#/event_id", "edition_is_closed"))


async def _name(
    session: AsyncSession, caller: Caller, event: Event, row: Participation, body: ParticipationCreate
) -> None:
    """Put in who takes part: of the event's territory, and someone the caller answers for."""
    if body.class_id:
        classes = policy.classes_named(caller).where(SchoolClass.territory_id == event.territory_id)
        school_class = await referred(session, classes, SchoolClass, "class_id", body.class_id)
        row.class_id, row.school_id = school_class.id, school_class.school_id
    elif body.pupil_id:
        pupils = pupils_policy.editable(caller).where(Pupil.territory_id == event.territory_id)
        pupil = await referred(session, pupils, Pupil, "pupil_id", body.pupil_id)
        row.pupil_id, row.school_id = pupil.id, pupil.school_id
        row.of_class_id = await _class_of(session, pupil, row.sequence_id)
    else:
        who = Participant(actor_id=body.actor_id, person_id=body.person_id)
        await participants.require(session, caller, event.territory_id, [(who, "#")])
        row.actor_id, row.person_id = body.actor_id, body.person_id


async def _class_of(session: AsyncSession, pupil: Pupil, sequence_id: UUID) -> UUID | None:
    """The class a pupil is in, in the school year of the sequence, if it is known here by the same name."""
    year = select(Sequence.school_year).where(Sequence.id == sequence_id).scalar_subquery()
    named = select(SchoolClass.id).where(
        SchoolClass.school_id == pupil.school_id,
        SchoolClass.school_year == year,
        SchoolClass.school_year == pupil.school_year,
        SchoolClass.sort_name == func.searchable(pupil.class_name),
    )
    return (await session.scalars(named.limit(1))).first()


def _require_known(event: Event, row: Participation, body: ParticipationFields) -> None:
    """Raises `Conflict` for an attendance nobody can know yet, `InvalidInput` for what is not kept of this kind."""
    given = body.given()
    if given.get("attendance", Attendance.UNKNOWN) is not Attendance.UNKNOWN:
        blocker = attendance_blocker(event, clock.now())
        if blocker:
            raise Conflict(ErrorAt("#/attendance", blocker), reason=blocker)
    if given.get("feedback_words") is not None and row.pupil_id:
        raise InvalidInput(ErrorAt("#/feedback_words", "no_words_of_pupils"))
    if given.get("pupils_present") is not None and not row.class_id:
        raise InvalidInput(ErrorAt("#/pupils_present", "of_class_only"))


@tells("participations")
async def of_pupils(session: AsyncSession, ids: Collection[UUID]) -> list[dict[str, Any]]:
    """What is kept of a pupil's participations."""
    rows = (
        select(Participation, Event.title, Event.starts_at)
        .join(Event, Event.id == Participation.event_id)
        .where(among(Participation.pupil_id, ids))
        .order_by(Event.starts_at, Participation.id)
    )
    return [
        {
            "session": title, "starts_at": starts_at.isoformat(), "attendance": row.attendance.value,
            "feedback_score": row.feedback_score,
        }
        for row, title, starts_at in await session.execute(rows)
    ]  # fmt: skip
