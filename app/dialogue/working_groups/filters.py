"""Query parameters of the list of working groups."""

from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import Select, exists, literal
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.fields import Line, Slug
from app.core.filters import has_words
from app.core.publication import Publication
from app.dialogue.working_groups.involvement import involves
from app.dialogue.working_groups.models import GroupState, WorkingGroup
from app.territories.filters import OwnedFilters
from app.territories.models import Theme


class WorkingGroupFilters(OwnedFilters):
    """Which working groups. A parameter that may be repeated takes any of its values; the others narrow the choice."""

    programme: Annotated[UUID | None, Field(description="of this programme")] = None
    theme: Annotated[
        list[Slug], Field(default_factory=list, max_length=20, description="on a theme with one of these slugs")
    ]
    state: Annotated[list[GroupState], Field(default_factory=list, max_length=20, description="may be repeated")]
    publication: Annotated[list[Publication], Field(default_factory=list, max_length=20, description="may be repeated")]
    actor: Annotated[UUID | None, Field(description="led by this actor, or with a member of it, now or before")] = None
    q: Annotated[Line | None, Field(description="words of the name; case and accents do not matter")] = None

    async def narrow(self, session: AsyncSession, rows: Select[WorkingGroup]) -> Select[WorkingGroup]:
        """The groups asked for. Raises `InvalidInput` for an unknown territory."""
        rows = await self.apply(session, rows, WorkingGroup)
        if self.programme:
            rows = rows.where(WorkingGroup.programme_id == self.programme)
        if self.theme:
            rows = rows.where(exists(literal(1)).where(Theme.id == WorkingGroup.theme_id, Theme.slug.in_(self.theme)))
        if self.state:
            rows = rows.where(WorkingGroup.state.in_(self.state))
        if self.publication:
            rows = rows.where(WorkingGroup.publication.in_(self.publication))
        if self.actor:
            rows = rows.where(involves([self.actor]))
        return rows.where(has_words(WorkingGroup.sort_name, self.q)) if self.q else rows
