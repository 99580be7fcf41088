"""Query parameters of the list of decisions."""

from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.fields import Line
from app.core.filters import matches_words
from app.dialogue.decisions.models import Decision, DecisionState, MethodName
from app.territories.filters import OwnedFilters


class DecisionFilters(OwnedFilters):
    """Which decisions. Several `state` widen the choice; the other parameters narrow it."""

    state: Annotated[list[DecisionState], Field(default_factory=list, description="in one of these states")]
    method: Annotated[MethodName | None, Field(description="by this method")] = None
    programme: Annotated[UUID | None, Field(description="of this programme")] = None
    working_group: Annotated[UUID | None, Field(description="of this working group")] = None
    event: Annotated[UUID | None, Field(description="taken at, or in view of, this event")] = None
    theme: Annotated[UUID | None, Field(description="on this theme")] = None
    q: Annotated[Line | None, Field(description="words of the question or description, in French")] = None

    async def narrow(self, session: AsyncSession, rows: Select[Decision]) -> Select[Decision]:
        """The decisions asked for. Raises `InvalidInput` for an unknown territory."""
        rows = await self.apply(session, rows, Decision)
        for column, value in (
            (Decision.method, self.method),
            (Decision.programme_id, self.programme),
            (Decision.working_group_id, self.working_group),
            (Decision.event_id, self.event),
            (Decision.theme_id, self.theme),
        ):
            if value is not None:
                rows = rows.where(column == value)
        if self.state:
            rows = rows.where(Decision.state.in_(self.state))
        return rows.where(matches_words(Decision.search, self.q)) if self.q else rows
