"""What enters and leaves of registrations and attendance."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.actors.schemas import ActorRef, ExternalIdOut
from app.core.errors import invalid
from app.core.fields import ExternalIds, distinct
from app.core.schemas import Body, ResourceView, View, described_by
from app.events.models import EventKind
from app.events.registrations.models import Attendance, RegistrationStatus
from app.events.registrations.states import Action

LONGEST_LIST = 1000


class FirstStatus(StrEnum):
    """How a registration begins."""

    INVITED = "invited"
    REGISTERED = "registered"


class Participant(Body):
    """Who takes part: a person, an actor that names nobody yet, or a person on behalf of an actor."""

    person_id: Annotated[UUID | None, Field(description="who comes; answered as `person`")] = None
    actor_id: Annotated[UUID | None, Field(description="on whose behalf, or the actor itself; answered as `actor`")] = (
        None
    )

    @model_validator(mode="after")
    def _is_someone(self) -> Self:
        if self.person_id is None and self.actor_id is None:
            raise invalid("someone")
        return self


class RegistrationCreate(Participant):
    """Someone to invite, or to register: when no seat is left, they wait for one."""

    event_id: Annotated[UUID, Field(description="answered as `event`")]
    status: Annotated[FirstStatus, Field(description="invited: by the collectivité only", examples=["registered"])] = (
        FirstStatus.REGISTERED
    )
    external_ids: Annotated[ExternalIds, Field(default_factory=list)]


class AttendanceNote(Body):
    """Whether one came."""

    attendance: Annotated[Attendance, Field(description="unknown takes the note back", examples=["attended"])]


class AttendanceOf(AttendanceNote):
    """Whether one of those on the list came."""

    registration_id: UUID


def _who(participant: Participant) -> tuple[UUID | None, UUID | None]:
    return (participant.person_id, None) if participant.person_id else (None, participant.actor_id)


class RoomNote(Body):
    """Who came to an event, all at once or in parts. Who is not named stays as noted before."""

    items: Annotated[
        list[AttendanceOf],
        Field(default_factory=list, max_length=LONGEST_LIST, description="those on the list"),
        distinct(lambda item: item.registration_id),
    ]
    walk_ins: Annotated[
        list[Participant],
        Field(
            default_factory=list,
            max_length=LONGEST_LIST,
            description="who came without being on the list; who is on it after all is noted as attended",
        ),
        distinct(_who),
    ]


class EventRef(View):
    """The event of something, in short."""

    id: UUID
    title: Annotated[str, Field(examples=["Plénière de lancement"])]
    kind: EventKind
    starts_at: Annotated[datetime, Field(description="instant it begins", examples=["2026-03-12T18:30:00+01:00"])]
    ends_at: Annotated[datetime, Field(description="instant it ends", examples=["2026-03-12T20:00:00+01:00"])]


class PersonRef(View):
    """A person, by name."""

    id: UUID
    first_name: Annotated[str, Field(examples=["Camille"])]
    last_name: Annotated[str, Field(examples=["Martin"])]


@described_by(RegistrationCreate)
class RegistrationOut(ResourceView):
    """Someone on an event."""

    territory_id: UUID
    event: EventRef
    person: Annotated[PersonRef | None, Field(description="who comes; null: nobody named, or none of your people")]
    actor: Annotated[ActorRef | None, Field(description="on whose behalf, or the actor itself")]
    status: RegistrationStatus
    waitlist_position: Annotated[int | None, Field(description="1: the next to get a seat; null: does not wait")]
    is_walk_in: Annotated[bool, Field(description="came without a registration, and took no seat of those counted")]
    attendance: Annotated[Attendance, Field(description="whether they came, as it now holds", examples=["attended"])]
    noted_attendance: Annotated[
        Attendance, Field(description="what was noted before any amendment of the closed meeting", examples=["absent"])
    ]
    attendance_noted_at: Annotated[datetime | None, Field(description="when it was noted")]
    external_ids: list[ExternalIdOut]
    is_demonstration: Annotated[bool, Field(description="made up to show the platform")]
    allowed_actions: Annotated[list[Action], Field(description="what this caller may do to it now")]


class RoomOut(View):
    """What was noted of a room."""

    items: Annotated[list[RegistrationOut], Field(description="those noted by this call, walk-ins last")]


Cell = Annotated[int | None, Field(description="null when it is too small to be told", examples=[45])]


class RegistrationCounts(View):
    """How many stand where on an event. Who does not keep its list is told three of the counts, from 5 on."""

    event_id: UUID
    invited: Annotated[Cell, Field(description="asked, and have not answered")]
    registered: Annotated[Cell, Field(description="have a seat, walk-ins aside")]
    waitlisted: Cell
    declined: Cell
    cancelled: Cell
    walk_ins: Annotated[Cell, Field(description="came without a registration")]
    attended: Annotated[Cell, Field(description="came, walk-ins included")]
    excused: Cell
    absent: Cell
    suppressed: Annotated[bool, Field(description="whether a count is kept from you", examples=[True])]
