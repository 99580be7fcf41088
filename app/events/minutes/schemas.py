"""What enters and leaves of minutes and their amendments."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.fields import Prose
from app.core.schemas import Body, ResourceView, View, described_by, partial
from app.events.minutes.states import Action, MinutesState
from app.events.registrations.models import Attendance
from app.events.registrations.schemas import EventRef, RoomNote


class MinutesFields(Body):
    """What is to be spoken of, and what was said."""

    agenda: Annotated[Prose | None, Field(description="Markdown", examples=["1. Bilan\n2. Suites"])] = None
    text: Annotated[
        Prose | None,
        Field(description="the minutes, Markdown; others read them once closed", examples=["Le groupe a **retenu**…"]),
    ] = None


class MinutesCreate(MinutesFields):
    """The minutes of an event. There is one text for each."""

    event_id: Annotated[UUID, Field(description="answered as `event`")]


@partial
class MinutesUpdate(MinutesFields):
    """The fields to change."""


class MinutesAmend(RoomNote):
    """What closed minutes should have said. Attendance as noted stays beside what this one says instead."""

    text: Annotated[Prose, Field(description="what is put right, Markdown", examples=["Mme Martin était présente."])]


class CorrectionOut(View):
    """The attendance of one registration, put right."""

    registration_id: UUID
    attendance_before: Annotated[Attendance, Field(description="what held until then", examples=["absent"])]
    attendance: Annotated[Attendance, Field(description="what holds from then on", examples=["attended"])]


@described_by(MinutesAmend)
class AmendmentOut(View):
    """An amendment to closed minutes."""

    number: Annotated[int, Field(description="from 1, in the order made")]
    text: str
    author: Annotated[str, Field(description="the account or client that made it", examples=["account:0193…"])]
    made_at: Annotated[datetime, Field(description="when")]
    corrections: list[CorrectionOut]


@described_by(MinutesCreate)
class MinutesOut(ResourceView):
    """The minutes of an event."""

    territory_id: UUID
    event: EventRef
    agenda: str | None
    text: str | None
    state: Annotated[MinutesState, Field(description="whether they can still be written", examples=["closed"])]
    closed_at: Annotated[datetime | None, Field(description="when the meeting was closed")]
    closed_by: Annotated[str | None, Field(description="the account or client that closed it")]
    amendments: Annotated[list[AmendmentOut], Field(description="in the order made")]
    is_demonstration: Annotated[bool, Field(description="made up to show the platform")]
    allowed_actions: Annotated[list[Action], Field(description="what this caller may do to them now")]
