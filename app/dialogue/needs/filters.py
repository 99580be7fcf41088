"""Query parameters of the list of needs."""

from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, Select, exists, literal
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.fields import Line, Slug
from app.core.filters import matches_words
from app.core.publication import Publication
from app.dialogue.needs.actions import has_action
from app.dialogue.needs.models import Need, NeedState
from app.territories.filters import OwnedFilters
from app.territories.models import Theme


class NeedFilters(OwnedFilters):
    """Which needs. A parameter that may be repeated takes any of its values; the others narrow the choice."""

    theme: Annotated[
        list[Slug], Field(default_factory=list, max_length=20, description="on a theme with one of these slugs")
    ]
    state: Annotated[list[NeedState], Field(default_factory=list, max_length=20, description="may be repeated")]
    publication: Annotated[list[Publication], Field(default_factory=list, max_length=20, description="may be repeated")]
    min_severity: Annotated[int | None, Field(ge=1, le=5, description="at least as severe")] = None
    voiced_by: Annotated[UUID | None, Field(description="voiced by this actor")] = None
    event: Annotated[UUID | None, Field(description="voiced at this event")] = None
    working_group: Annotated[UUID | None, Field(description="taken up by this working group")] = None
    has_action: Annotated[bool | None, Field(description="addressed by an action, or not")] = None
    q: Annotated[Line | None, Field(description="words of its texts, in French; case and accents do not matter")] = None

    async def narrow(self, session: AsyncSession, rows: Select[Need]) -> Select[Need]:
        """The needs asked for. Raises `InvalidInput` for an unknown territory."""
        rows = await self.apply(session, rows, Need)
        return rows.where(*self._equal(), *self._among())

    def _equal(self) -> list[ColumnElement[bool]]:
        asked = (
            (Need.voiced_by_id, self.voiced_by),
            (Need.voiced_at_event_id, self.event),
            (Need.working_group_id, self.working_group),
        )
        return [column == value for column, value in asked if value is not None]

    def _among(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.theme:
            found.append(exists(literal(1)).where(Theme.id == Need.theme_id, Theme.slug.in_(self.theme)))
        if self.state:
            found.append(Need.state.in_(self.state))
        if self.publication:
            found.append(Need.publication.in_(self.publication))
        if self.min_severity:
            found.append(Need.severity >= self.min_severity)
        if self.has_action is not None:
            found.append(has_action() if self.has_action else ~has_action())
        if self.q:
            found.append(matches_words(Need.search, self.q))
        return found
