"""Query parameters of the lists of territories, municipalities and themes."""

from collections.abc import Collection
from datetime import date
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Date, DateTime, Select, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core import clock
from app.core.errors import ErrorAt, InvalidInput
from app.core.fields import Day, Instant, Line, Slug
from app.core.filters import has_words, holds_on
from app.territories.identifiers import InseeCode
from app.territories.models import Municipality, Territory, TerritoryKind, TerritoryMunicipality

Row = TypeVar("Row")

TerritorySlug = Annotated[Slug | None, Field(description="of the territory with this slug")]
UpdatedSince = Annotated[Instant | None, Field(description="changed at or after this instant")]


class TerritoryFilters(BaseModel):
    """Which territories."""

    kind: Annotated[TerritoryKind | None, Field(description="of this kind")] = None
    slug: Annotated[Slug | None, Field(description="with this slug")] = None
    on: Annotated[Day | None, Field(description="existing on this day")] = None
    updated_since: UpdatedSince = None

    def apply(self, rows: Select[Territory]) -> Select[Territory]:
        """The territories asked for."""
        if self.kind:
            rows = rows.where(Territory.kind == self.kind)
        if self.slug:
            rows = rows.where(Territory.slug == self.slug)
        if self.on:
            rows = rows.where(holds_on(self.on, Territory.valid_from, Territory.valid_until))
        if self.updated_since:
            rows = rows.where(Territory.updated_at >= self.updated_since)
        return rows


class MembershipFilters(BaseModel):
    """Which communes of a territory."""

    on: Annotated[Day | None, Field(description="within the territory on this day; without it, all periods")] = None

    def apply(self, rows: Select[TerritoryMunicipality]) -> Select[TerritoryMunicipality]:
        """The memberships asked for."""
        dates = TerritoryMunicipality.valid_from, TerritoryMunicipality.valid_until
        return rows.where(holds_on(self.on, *dates)) if self.on else rows


class MunicipalityFilters(BaseModel):
    """Which communes."""

    q: Annotated[Line | None, Field(description="words of the name; case and accents do not matter")] = None
    insee: Annotated[InseeCode | None, Field(description="with this INSEE code")] = None

    def apply(self, rows: Select[Municipality]) -> Select[Municipality]:
        """The communes asked for."""
        if self.q:
            rows = rows.where(has_words(Municipality.sort_name, self.q))
        return rows.where(Municipality.insee_code == self.insee) if self.insee else rows


class OwnedFilters(BaseModel):
    """Which rows of a territory."""

    territory: TerritorySlug = None
    updated_since: UpdatedSince = None

    async def apply(self, session: AsyncSession, rows: Select[Row], kind: Any) -> Select[Row]:
        """The rows of `kind` asked for. Raises `InvalidInput` for an unknown territory."""
        if self.territory:
            rows = rows.where(kind.territory_id == await territory_id_of(session, self.territory))
        return rows.where(kind.updated_at >= self.updated_since) if self.updated_since else rows


def today_there(territory_id: InstrumentedAttribute[UUID]) -> ColumnElement[date]:
    """SQL for the calendar day it is now in the territory a row is of."""
    now = func.timezone(Territory.timezone, literal(clock.now(), DateTime(timezone=True)))
    today = select(cast(now, Date)).where(Territory.id == territory_id).correlate_except(Territory)
    return today.scalar_subquery()


async def zones_of(session: AsyncSession, ids: Collection[UUID], slug: str | None) -> dict[UUID, str]:
    """Of these territories, the one with this slug or else all, each with its zone.

    Raises `InvalidInput` for a slug that none of them has, in the parameter `territory`.
    """
    rows = select(Territory.id, Territory.timezone).where(Territory.id.in_(ids))
    if slug:
        rows = rows.where(Territory.slug == slug)
    found = {row.id: row.timezone for row in await session.execute(rows)}
    if slug and not found:
        raise InvalidInput(ErrorAt("?territory", "unknown_reference"))
    return found


async def territory_id_of(session: AsyncSession, slug: str) -> UUID:
    """The territory with this slug, in the parameter `territory`. Raises `InvalidInput` when there is none."""
    found = await session.scalar(select(Territory.id).where(Territory.slug == slug))
    if found is None:
        raise InvalidInput(ErrorAt("?territory", "unknown_reference"))
    return found
