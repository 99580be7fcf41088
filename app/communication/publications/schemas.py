"""What enters and leaves of publications."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.communication.channels.schemas import ChannelRef
from app.core.fields import Day, HttpUrlText, Line
from app.core.schemas import Body, ResourceView, described_by, partial


class PublicationFields(Body):
    """What came out."""

    title: Annotated[Line, Field(examples=["Élèves et entreprises se rencontrent"])]
    url: Annotated[HttpUrlText | None, Field(description="where it is to be read; null: on paper only")] = None
    published_on: Annotated[Day, Field(description="day it came out", examples=["2016-11-15"])]
    event_id: Annotated[UUID | None, Field(description="event of the territory it speaks of")] = None
    action_id: Annotated[UUID | None, Field(description="action of the territory it speaks of")] = None
    reach: Annotated[
        int | None,
        Field(
            ge=0, le=100_000_000, strict=True, examples=[1200],
            description="people it reached, as the channel counts them; null: not known",
        ),
    ] = None  # fmt: skip


class PublicationCreate(PublicationFields):
    """A new publication. Its territory is that of its channel."""

    channel_id: Annotated[UUID, Field(description="where it came out; answered as `channel`")]


@partial
class PublicationUpdate(PublicationFields):
    """The fields to change."""


@described_by(PublicationCreate)
class PublicationOut(ResourceView):
    """What came out in a channel."""

    territory_id: UUID
    channel: ChannelRef
    title: str
    url: str | None
    published_on: date
    event_id: UUID | None
    action_id: UUID | None
    reach: int | None
    is_demonstration: Annotated[bool, Field(description="made up to show how things look")]
