"""Query parameters of the list of people."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.people.models import Affiliation, Person
from app.core.fields import Line
from app.core.filters import has_words
from app.territories.filters import TerritorySlug, UpdatedSince, territory_id_of


class PeopleFilters(BaseModel):
    """Which people."""

    territory: TerritorySlug = None
    actor: Annotated[UUID | None, Field(description="who are, or were, of this actor")] = None
    q: Annotated[Line | None, Field(description="words of their name; case and accents do not matter")] = None
    updated_since: UpdatedSince = None

    async def apply(self, session: AsyncSession, rows: Select[Person]) -> Select[Person]:
        """The people asked for. Raises `InvalidInput` for an unknown territory."""
        if self.territory:
            rows = rows.where(Person.territory_id == await territory_id_of(session, self.territory))
        if self.actor:
            rows = rows.where(Person.affiliations.any(Affiliation.actor_id == self.actor))
        if self.q:
            rows = rows.where(has_words(Person.sort_name, self.q))
        return rows.where(Person.updated_at >= self.updated_since) if self.updated_since else rows
