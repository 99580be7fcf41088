"""What enters and leaves of channels."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.actors.schemas import ActorRef
from app.communication.channels.models import ChannelKind
from app.core.fields import HttpUrlText, Line
from app.core.schemas import Body, ResourceView, View, described_by, partial


class ChannelFields(Body):
    """What a channel is."""

    name: Annotated[Line, Field(description="unique in its territory", examples=["Charenton Magazine"])]
    kind: Annotated[ChannelKind, Field(description="what it is", examples=["municipal_bulletin"])]
    owner_id: Annotated[UUID | None, Field(description="actor of the territory that keeps it; answered as `owner`")] = (
        None
    )
    url: Annotated[HttpUrlText | None, Field(description="its address; null: on paper only")] = None


class ChannelCreate(ChannelFields):
    """A new channel of a territory."""

    territory_id: UUID


@partial
class ChannelUpdate(ChannelFields):
    """The fields to change."""


@described_by(ChannelCreate)
class ChannelOut(ResourceView):
    """Where the territory tells what it does."""

    territory_id: UUID
    name: str
    kind: ChannelKind
    owner: Annotated[ActorRef | None, Field(description="who keeps it, if it is an actor of the territory")]
    url: str | None
    is_demonstration: Annotated[bool, Field(description="made up to show how things look")]


class ChannelRef(View):
    """A channel, where another resource names it."""

    id: UUID
    name: Annotated[str, Field(examples=["Charenton Magazine"])]
    kind: ChannelKind
