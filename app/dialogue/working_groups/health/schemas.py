"""What is counted of a working group."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.schemas import View
from app.events.registrations.schemas import EventRef

Count = Annotated[int, Field(examples=[6])]


class Attended(View):
    """How many times someone came, by what they came for."""

    association: Annotated[Count, Field(description="on behalf of associations")]
    company: Annotated[Count, Field(description="on behalf of companies")]
    other: Annotated[Count, Field(description="on behalf of other actors, or of none")]


class MeetingHealth(View):
    """One meeting that was held."""

    event: EventRef
    has_minutes: Annotated[bool, Field(description="whether its minutes are closed", examples=[True])]
    has_attendance: Annotated[bool, Field(description="whether anyone’s attendance is noted", examples=[True])]
    attended: Attended


class WorkingGroupHealth(View):
    """How a working group is doing. Its meetings are its events of the kind `working_group_session`."""

    working_group_id: UUID
    member_count: Annotated[int, Field(description="members today", examples=[15])]
    meetings_held: Annotated[Count, Field(description="over, and not called off")]
    meetings_to_come: Annotated[Count, Field(description="not over yet, and not called off")]
    minutes_missing: Annotated[Count, Field(description="meetings held whose minutes are not closed")]
    attendance_missing: Annotated[Count, Field(description="meetings held of which no attendance is noted")]
    attended: Annotated[Attended, Field(description="over all meetings held")]
    parity: Annotated[
        float | None,
        Field(
            description="the fewer of associations’ and companies’ attendances over the more: 1 when they came as"
            " often, 0 when one side never did; null when neither did",
            examples=[0.8],
        ),
    ]
    meetings: Annotated[list[MeetingHealth], Field(description="those held, the first one first")]
