"""Query parameters of the list of editions."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.fields import SchoolYear
from app.core.publication import Publication
from app.q2er.editions.models import Edition, EditionState, edition_schools
from app.territories.filters import TerritorySlug, UpdatedSince, territory_id_of


class EditionFilters(BaseModel):
    """Which editions. Several `state` or `publication` widen the choice; the other parameters narrow it."""

    territory: TerritorySlug = None
    programme: Annotated[UUID | None, Field(description="of this programme")] = None
    school_year: Annotated[SchoolYear | None, Field(description="of this school year")] = None
    school: Annotated[UUID | None, Field(description="in which this school takes part")] = None
    state: Annotated[list[EditionState], Field(max_length=20, description="in one of these states")] = []
    publication: Annotated[list[Publication], Field(max_length=20, description="may be repeated")] = []
    updated_since: UpdatedSince = None

    async def apply(self, session: AsyncSession, editions: Select[Edition]) -> Select[Edition]:
        """The editions asked for. Raises `InvalidInput` for an unknown territory."""
        if self.territory:
            editions = editions.where(Edition.territory_id == await territory_id_of(session, self.territory))
        if self.programme:
            editions = editions.where(Edition.programme_id == self.programme)
        if self.school_year:
            editions = editions.where(Edition.school_year == self.school_year)
        if self.school:
            of_school = edition_schools.select().where(edition_schools.c.actor_id == self.school)
            editions = editions.where(Edition.id.in_(of_school.with_only_columns(edition_schools.c.edition_id)))
        if self.state:
            editions = editions.where(Edition.state.in_(self.state))
        if self.publication:
            editions = editions.where(Edition.publication.in_(self.publication))
        return editions.where(Edition.updated_at >= self.updated_since) if self.updated_since else editions
