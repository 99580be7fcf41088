"""Query parameters of the list of publications."""

from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import Select, exists, literal
from sqlalchemy.ext.asyncio import AsyncSession

from app.communication.channels.models import Channel, ChannelKind
from app.communication.publications.models import Publication
from app.core.fields import Day
from app.territories.filters import OwnedFilters


class PublicationFilters(OwnedFilters):
    """Which publications. Several `kind` widen the choice; the other parameters narrow it."""

    channel: Annotated[UUID | None, Field(description="in this channel")] = None
    kind: Annotated[
        list[ChannelKind], Field(default_factory=list, max_length=20, description="in a channel of this kind")
    ]
    event: Annotated[UUID | None, Field(description="speaking of this event")] = None
    action: Annotated[UUID | None, Field(description="speaking of this action")] = None
    from_: Annotated[Day | None, Field(alias="from", description="out on this day or later")] = None
    to: Annotated[Day | None, Field(description="out on this day or before")] = None

    async def narrow(self, session: AsyncSession, rows: Select[Publication]) -> Select[Publication]:
        """The publications asked for. Raises `InvalidInput` for an unknown territory."""
        rows = await self.apply(session, rows, Publication)
        for column, value in (
            (Publication.channel_id, self.channel),
            (Publication.event_id, self.event),
            (Publication.action_id, self.action),
        ):
            if value:
                rows = rows.where(column == value)
        if self.kind:
            rows = rows.where(
                exists(literal(1)).where(Channel.id == Publication.channel_id, Channel.kind.in_(self.kind))
            )
        if self.from_:
            rows = rows.where(Publication.published_on >= self.from_)
        return rows.where(Publication.published_on <= self.to) if self.to else rows
