"""Query parameters of the list of actors."""

from typing import Annotated

from pydantic import BaseModel, Field
from sqlalchemy import Select, and_
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.identifiers import Siret
from app.actors.models import Actor, ActorExternalId, ActorKind
from app.core.fields import Day, Line, Slug
from app.core.filters import has_words, holds_on
from app.territories.filters import TerritorySlug, UpdatedSince, territory_id_of
from app.territories.identifiers import InseeCode
from app.territories.models import Theme


class ActorFilters(BaseModel):
    """Which actors. Several `kind` or `theme` widen the choice; the other parameters narrow it."""

    territory: TerritorySlug = None
    kind: Annotated[list[ActorKind], Field(default_factory=list, description="of one of these kinds")]
    theme: Annotated[list[Slug], Field(default_factory=list, description="on a theme with one of these slugs")]
    municipality: Annotated[InseeCode | None, Field(description="in the commune with this INSEE code")] = None
    listed: Annotated[bool | None, Field(description="standing in the public directory, or not")] = None
    siret: Annotated[Siret | None, Field(description="with this SIRET")] = None
    source: Annotated[Slug | None, Field(description="named by this other system")] = None
    external_id: Annotated[Line | None, Field(description="with this identifier in another system")] = None
    q: Annotated[Line | None, Field(description="words of the name; case and accents do not matter")] = None
    on: Annotated[Day | None, Field(description="existing on this day")] = None
    updated_since: UpdatedSince = None

    async def apply(self, session: AsyncSession, rows: Select[Actor]) -> Select[Actor]:
        """The actors asked for. Raises `InvalidInput` for an unknown territory."""
        if self.territory:
            rows = rows.where(Actor.territory_id == await territory_id_of(session, self.territory))
        if self.kind:
            rows = rows.where(Actor.kind.in_(self.kind))
        if self.theme:
            rows = rows.where(Actor.themes.any(Theme.slug.in_(self.theme)))
        if self.municipality:
            rows = rows.where(Actor.insee_code == self.municipality)
        if self.listed is not None:
            rows = rows.where(Actor.listed == self.listed)
        if self.siret:
            rows = rows.where(Actor.siret == self.siret)
        if self.q:
            rows = rows.where(has_words(Actor.sort_name, self.q))
        if self.on:
            rows = rows.where(holds_on(self.on, Actor.valid_from, Actor.valid_until))
        if self.updated_since:
            rows = rows.where(Actor.updated_at >= self.updated_since)
        return self._named_elsewhere(rows)

    def _named_elsewhere(self, rows: Select[Actor]) -> Select[Actor]:
        names = [ActorExternalId.source == self.source] if self.source else []
        names += [ActorExternalId.id == self.external_id] if self.external_id else []
        return rows.where(Actor.external_ids.any(and_(*names))) if names else rows
