"""Query parameters of the list of partnerships."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Select, exists, literal
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.fields import Day, Line, Slug
from app.core.filters import has_words
from app.core.publication import Publication
from app.partnerships.models import RENEWAL_NOTICE, RUNNING, Partnership, PartnershipStage, PartnershipType, Party
from app.territories.filters import TerritorySlug, UpdatedSince, territory_id_of
from app.territories.models import Theme


class PartnershipFilters(BaseModel):
    """Which partnerships. A parameter that may be repeated takes any of its values; the others narrow the choice."""

    territory: TerritorySlug = None
    theme: Annotated[list[Slug], Field(max_length=20, description="on a theme with one of these slugs")] = []
    type: Annotated[list[PartnershipType], Field(max_length=20, description="of this type; may be repeated")] = []
    stage: Annotated[list[PartnershipStage], Field(max_length=20, description="may be repeated")] = []
    party: Annotated[UUID | None, Field(description="to which this actor is party")] = None
    renewal_due_before: Annotated[Day | None, Field(description="to be renewed from a day before this one")] = None
    publication: Annotated[list[Publication], Field(max_length=20, description="may be repeated")] = []
    q: Annotated[Line | None, Field(description="words of the title; case and accents do not matter")] = None
    updated_since: UpdatedSince = None

    async def apply(self, session: AsyncSession, rows: Select[Partnership]) -> Select[Partnership]:
        """The partnerships asked for. Raises `InvalidInput` for an unknown territory."""
        if self.territory:
            rows = rows.where(Partnership.territory_id == await territory_id_of(session, self.territory))
        if self.theme:
            named = exists(literal(1)).where(Theme.id == Partnership.theme_id, Theme.slug.in_(self.theme))
            rows = rows.where(named)
        if self.type:
            rows = rows.where(Partnership.type.in_(self.type))
        if self.stage:
            rows = rows.where(Partnership.stage.in_(self.stage))
        if self.party:
            joined = exists(literal(1)).where(Party.partnership_id == Partnership.id, Party.actor_id == self.party)
            rows = rows.where(joined)
        if self.renewal_due_before:
            ends_before = self.renewal_due_before + RENEWAL_NOTICE
            rows = rows.where(Partnership.stage.in_(RUNNING), Partnership.ends_on < ends_before)
        if self.publication:
            rows = rows.where(Partnership.publication.in_(self.publication))
        if self.q:
            rows = rows.where(has_words(Partnership.sort_title, self.q))
        return rows.where(Partnership.updated_at >= self.updated_since) if self.updated_since else rows
