"""What enters and leaves of participations."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.fields import Prose
from app.core.schemas import Body, ResourceView, View, described_by, partial
from app.events.registrations.models import Attendance


class ParticipationFields(Body):
    """Whether one came, and what one thought of it."""

    attendance: Annotated[Attendance, Field(description="noted once the session has begun", examples=["attended"])] = (
        Attendance.UNKNOWN
    )
    pupils_present: Annotated[
        int | None,
        Field(ge=0, le=100, description="of a class: how many came, if its pupils are not noted one by one"),
    ] = None
    feedback_score: Annotated[int | None, Field(strict=True, ge=1, le=5, description="1: no use; 5: very useful")] = (
        None
    )
    feedback_words: Annotated[
        Prose | None, Field(description="in their words; never of a pupil", examples=["Des échanges concrets."])
    ] = None


class ParticipationCreate(ParticipationFields):
    """Who takes part in a session: exactly one of an actor, a person, a class or a pupil."""

    event_id: Annotated[UUID, Field(description="the session: an event with a sequence")]
    actor_id: Annotated[UUID | None, Field(description="an organisation")] = None
    person_id: Annotated[UUID | None, Field(description="a teacher")] = None
    class_id: Annotated[UUID | None, Field(description="a class; entered by its school")] = None
    pupil_id: Annotated[UUID | None, Field(description="a pupil; entered by their school")] = None


class ClassEntry(Body):
    """A class whose pupils all take part in a session."""

    event_id: Annotated[UUID, Field(description="the session: an event with a sequence")]
    class_id: Annotated[UUID, Field(description="a class of your school")]
    attendance: Annotated[
        Attendance, Field(description="of each; who was absent is changed one by one", examples=["attended"])
    ] = Attendance.UNKNOWN


class ClassEntered(View):
    """How many pupils of a class take part."""

    entered: Annotated[int, Field(description="entered now", examples=[24])]
    already: Annotated[int, Field(description="who were on the session’s list, and are left as they are", examples=[1])]


@partial
class ParticipationUpdate(ParticipationFields):
    """The fields to change."""


@described_by(ParticipationCreate)
class ParticipationOut(ResourceView):
    """Who took part in a session."""

    territory_id: UUID
    event_id: UUID
    sequence_id: Annotated[UUID, Field(description="the sequence the session is of")]
    actor_id: UUID | None
    person_id: UUID | None
    class_id: UUID | None
    pupil_id: UUID | None
    school_id: Annotated[UUID | None, Field(description="the school of the class or pupil")]
    of_class_id: Annotated[UUID | None, Field(description="the class the pupil was in then, if it is known here")]
    attendance: Attendance
    pupils_present: int | None
    feedback_score: int | None
    feedback_words: str | None
