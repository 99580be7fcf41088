"""Query parameters of the list of registrations."""

from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.events.registrations.models import Attendance, Registration, RegistrationStatus
from app.territories.filters import OwnedFilters


class RegistrationFilters(OwnedFilters):
    """Which registrations."""

    event: Annotated[UUID | None, Field(description="on this event")] = None
    actor: Annotated[UUID | None, Field(description="of this actor, or on its behalf")] = None
    person: Annotated[UUID | None, Field(description="of this person")] = None
    status: Annotated[RegistrationStatus | None, Field(description="that stand there")] = None
    attendance: Annotated[Attendance | None, Field(description="with this attendance, as it now holds")] = None

    async def narrow(self, session: AsyncSession, rows: Select[Registration]) -> Select[Registration]:
        """The registrations asked for. Raises `InvalidInput` for an unknown territory."""
        rows = await self.apply(session, rows, Registration)
        for column, value in (
            (Registration.event_id, self.event),
            (Registration.actor_id, self.actor),
            (Registration.person_id, self.person),
            (Registration.status, self.status),
            (Registration.attendance, self.attendance),
        ):
            if value is not None:
                rows = rows.where(column == value)
        return rows
