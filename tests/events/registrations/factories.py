"""Registrations and minutes for tests."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.actors.people.models import Person
from app.core import clock
from app.events.minutes.models import Minutes
from app.events.models import Event, RegistrationMode
from app.events.registrations.models import Attendance, Registration, RegistrationExternalId, RegistrationStatus
from app.territories.models import Territory
from tests import factories


async def an_open_event(session: AsyncSession, territory: Territory, **traits: Any) -> Event:
    """Published, and one signs up to it here."""
    return await factories.an_event(
        session, territory, **{"published": True, "registration_mode": RegistrationMode.INTERNAL, **traits}
    )


async def a_registration(
    session: AsyncSession,
    event: Event,
    *,
    actor: Actor | None = None,
    person: Person | None = None,
    attendance: Attendance = Attendance.UNKNOWN,
    sources: tuple[str, ...] = (),
    **traits: Any,
) -> Registration:
    """Registered unless told otherwise. `attendance`: as noted now. `sources`: other systems that name it."""
    is_known = attendance is not Attendance.UNKNOWN
    row = Registration(
        territory_id=event.territory_id, event_id=event.id, person_id=person and person.id,
        actor_id=actor and actor.id, noted_attendance=attendance,
        attendance_noted_at=clock.now() if is_known else None,
        external_ids=[
            RegistrationExternalId(source=source, territory_id=event.territory_id, id=f"id-{event.id}")
            for source in sources
        ],
        **{"status": RegistrationStatus.REGISTERED, **traits},
    )  # fmt: skip
    session.add(row)
    await session.commit()
    return row


async def some_minutes(session: AsyncSession, event: Event, *, closed: bool = False, **traits: Any) -> Minutes:
    """`closed`: since now."""
    values: dict[str, Any] = {"agenda": "1. Bilan", "text": "Le groupe a retenu deux pistes.", **traits}
    if closed:
        values |= {"closed_at": clock.now(), "closed_by": "test"}
    row = Minutes(territory_id=event.territory_id, event_id=event.id, **values)
    session.add(row)
    await session.commit()
    return row
