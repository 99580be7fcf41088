"""Query parameters of the list of sequences."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Select, any_, literal
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.fields import SchoolYear
from app.q2er.sequences.models import Sequence, SequenceAudience, SequenceKind
from app.territories.filters import TerritorySlug, UpdatedSince, territory_id_of


class SequenceFilters(BaseModel):
    """Which sequences. Several `kind` widen the choice; the other parameters narrow it."""

    territory: TerritorySlug = None
    edition: Annotated[UUID | None, Field(description="of this edition")] = None
    school_year: Annotated[SchoolYear | None, Field(description="of this school year")] = None
    kind: Annotated[list[SequenceKind], Field(max_length=20, description="of one of these kinds")] = []
    audience: Annotated[SequenceAudience | None, Field(description="for them, among others")] = None
    updated_since: UpdatedSince = None

    async def apply(self, session: AsyncSession, sequences: Select[Sequence]) -> Select[Sequence]:
        """The sequences asked for. Raises `InvalidInput` for an unknown territory."""
        if self.territory:
            sequences = sequences.where(Sequence.territory_id == await territory_id_of(session, self.territory))
        if self.edition:
            sequences = sequences.where(Sequence.edition_id == self.edition)
        if self.school_year:
            sequences = sequences.where(Sequence.school_year == self.school_year)
        if self.kind:
            sequences = sequences.where(Sequence.kind.in_(self.kind))
        if self.audience:
            sequences = sequences.where(literal(self.audience) == any_(Sequence.audience))
        return sequences.where(Sequence.updated_at >= self.updated_since) if self.updated_since else sequences
