"""Sessions of Q2ER for tests, and who was there."""

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.events.models import Event, EventKind
from app.events.registrations.models import Attendance
from app.q2er.classes.models import SchoolClass
from app.q2er.participations.models import Participation
from app.q2er.pupils.retention import school_year_of, today
from app.q2er.sequences.models import Sequence
from app.territories.models import Territory
from tests import factories
from tests.q2er.factories import a_pupil

THIS_YEAR = school_year_of(today())


async def a_session(session: AsyncSession, sequence: Sequence, **traits: Any) -> Event:
    """Announced, and begun a minute ago unless told otherwise."""
    territory = await session.get_one(Territory, sequence.territory_id)
    values = {"starts_in": timedelta(minutes=-1), "kind": EventKind.SCHOOL_TALK, "published": True, **traits}
    return await factories.an_event(session, territory, sequence_id=sequence.id, **values)


async def a_participation(session: AsyncSession, event: Event, **traits: Any) -> Participation:
    """`attendance`: attended unless told."""
    values = {"attendance": Attendance.ATTENDED, **traits}
    place = {"territory_id": event.territory_id, "event_id": event.id, "sequence_id": event.sequence_id}
    row = Participation(**place, **values)
    session.add(row)
    await session.commit()
    return row


async def pupils_at(
    session: AsyncSession, event: Event, school: Actor, of: SchoolClass, number: int, **traits: Any
) -> list[Participation]:
    """So many new pupils of a class who were there."""
    found = []
    for _ in range(number):
        pupil = await a_pupil(session, school, class_name=of.name, school_year=of.school_year)
        told = {"pupil_id": pupil.id, "school_id": school.id, "of_class_id": of.id, **traits}
        found.append(await a_participation(session, event, **told))
    return found
