"""Query parameters of the list of classes."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.fields import SchoolYear
from app.q2er.classes.models import SchoolClass
from app.q2er.pupils.models import Level
from app.territories.filters import TerritorySlug, UpdatedSince, territory_id_of


class ClassFilters(BaseModel):
    """Which classes. Several `level` widen the choice; the other parameters narrow it."""

    territory: TerritorySlug = None
    school: Annotated[UUID | None, Field(description="of this school")] = None
    school_year: Annotated[SchoolYear | None, Field(description="of this school year")] = None
    level: Annotated[list[Level], Field(max_length=20, description="of one of these levels")] = []
    updated_since: UpdatedSince = None

    async def apply(self, session: AsyncSession, classes: Select[SchoolClass]) -> Select[SchoolClass]:
        """The classes asked for. Raises `InvalidInput` for an unknown territory."""
        if self.territory:
            classes = classes.where(SchoolClass.territory_id == await territory_id_of(session, self.territory))
        if self.school:
            classes = classes.where(SchoolClass.school_id == self.school)
        if self.school_year:
            classes = classes.where(SchoolClass.school_year == self.school_year)
        if self.level:
            classes = classes.where(SchoolClass.level.in_(self.level))
        return classes.where(SchoolClass.updated_at >= self.updated_since) if self.updated_since else classes
