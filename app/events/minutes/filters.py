"""Query parameters of the list of minutes."""

from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.events.minutes.models import Minutes
from app.events.minutes.states import MinutesState
from app.territories.filters import OwnedFilters


class MinutesFilters(OwnedFilters):
    """Which minutes."""

    event: Annotated[UUID | None, Field(description="of this event")] = None
    state: Annotated[MinutesState | None, Field(description="in this state")] = None

    async def narrow(self, session: AsyncSession, rows: Select[Minutes]) -> Select[Minutes]:
        """The minutes asked for. Raises `InvalidInput` for an unknown territory."""
        rows = await self.apply(session, rows, Minutes)
        if self.event:
            rows = rows.where(Minutes.event_id == self.event)
        if self.state:
            rows = rows.where(Minutes.closed_at.is_not(None) == (self.state is MinutesState.CLOSED))
        return rows
