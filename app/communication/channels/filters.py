"""Query parameters of the list of channels."""

from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.communication.channels.models import Channel, ChannelKind
from app.territories.filters import OwnedFilters


class ChannelFilters(OwnedFilters):
    """Which channels. Several `kind` widen the choice; the other parameters narrow it."""

    kind: Annotated[list[ChannelKind], Field(default_factory=list, max_length=20, description="may be repeated")]
    owner: Annotated[UUID | None, Field(description="kept by this actor")] = None

    async def narrow(self, session: AsyncSession, rows: Select[Channel]) -> Select[Channel]:
        """The channels asked for. Raises `InvalidInput` for an unknown territory."""
        rows = await self.apply(session, rows, Channel)
        if self.kind:
            rows = rows.where(Channel.kind.in_(self.kind))
        return rows.where(Channel.owner_id == self.owner) if self.owner else rows
