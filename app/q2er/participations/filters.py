"""Query parameters of the list of participations."""

from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.events.registrations.models import Attendance
from app.q2er.participations.models import Participation
from app.q2er.sequences.models import Sequence
from app.territories.filters import OwnedFilters


class ParticipationFilters(OwnedFilters):
    """Which participations."""

    event: Annotated[UUID | None, Field(description="in this session")] = None
    sequence: Annotated[UUID | None, Field(description="in a session of this sequence")] = None
    edition: Annotated[UUID | None, Field(description="in a session of this edition")] = None
    actor: Annotated[UUID | None, Field(description="of this actor")] = None
    person: Annotated[UUID | None, Field(description="of this person")] = None
    school_class: Annotated[
        UUID | None, Field(alias="class", description="of this class, or of pupils who were in it")
    ] = None
    pupil: Annotated[UUID | None, Field(description="of this pupil")] = None
    attendance: Annotated[Attendance | None, Field(description="with this attendance")] = None

    async def narrow(self, session: AsyncSession, rows: Select[Participation]) -> Select[Participation]:
        """The participations asked for. Raises `InvalidInput` for an unknown territory."""
        rows = await self.apply(session, rows, Participation)
        for column, value in (
            (Participation.event_id, self.event),
            (Participation.sequence_id, self.sequence),
            (Participation.actor_id, self.actor),
            (Participation.person_id, self.person),
            (Participation.pupil_id, self.pupil),
            (Participation.attendance, self.attendance),
        ):
            if value is not None:
                rows = rows.where(column == value)
        if self.edition:
            rows = rows.where(
                Participation.sequence_id.in_(select(Sequence.id).where(Sequence.edition_id == self.edition))
            )
        if self.school_class:
            of_it = (Participation.class_id == self.school_class, Participation.of_class_id == self.school_class)
            rows = rows.where(or_(*of_it))
        return rows
