"""Query parameters of the list of internship offers."""

from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import Select, any_, literal, or_
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import ErrorAt, InvalidInput
from app.core.fields import Day, Slug
from app.core.geography import PointQuery, lies_within, point
from app.internships.compliance.facts import Regime
from app.internships.offers.models import InternshipOffer, OfferState
from app.q2er.pupils.models import Level
from app.territories.filters import OwnedFilters
from app.territories.models import Theme

NEAR_KM = 10


class OfferFilters(OwnedFilters):
    """Which offers. Several `regime` widen the choice; the other parameters narrow it."""

    host: Annotated[UUID | None, Field(description="of this organisation")] = None
    state: Annotated[OfferState | None, Field(description="open or closed")] = None
    regime: Annotated[list[Regime], Field(default_factory=list, max_length=10, description="of one of these kinds")]
    level: Annotated[Level | None, Field(description="for this year of schooling, or for all")] = None
    theme: Annotated[Slug | None, Field(description="on a theme with this slug")] = None
    from_: Annotated[Day | None, Field(alias="from", description="not over before this day")] = None
    to: Annotated[Day | None, Field(description="begun on this day at the latest")] = None
    near: Annotated[
        PointQuery | None,
        Field(description="latitude,longitude in degrees (WGS 84), with `within`", examples=["48.8216,2.4144"]),
    ] = None
    within: Annotated[
        int | None, Field(ge=1, le=200, description=f"kilometres around `near`; {NEAR_KM} when not given")
    ] = None

    async def narrow(self, session: AsyncSession, rows: Select[InternshipOffer]) -> Select[InternshipOffer]:
        """The offers asked for. Raises `InvalidInput` for an unknown territory, or `within` without `near`."""
        rows = await self.apply(session, rows, InternshipOffer)
        if self.within and not self.near:
            raise InvalidInput(ErrorAt("?within", "needs", {"other": "near"}))
        if self.near:
            place = InternshipOffer.latitude, InternshipOffer.longitude
            rows = rows.where(lies_within(*place, point(self.near), self.within or NEAR_KM))
        if self.host:
            rows = rows.where(InternshipOffer.host_id == self.host)
        if self.state:
            rows = rows.where(InternshipOffer.state == self.state)
        if self.regime:
            rows = rows.where(InternshipOffer.regime.in_(self.regime))
        if self.level:
            for_all = InternshipOffer.levels == []
            rows = rows.where(or_(for_all, literal(self.level.value) == any_(InternshipOffer.levels)))
        if self.theme:
            rows = rows.where(InternshipOffer.theme.has(Theme.slug == self.theme))
        if self.from_:
            rows = rows.where(InternshipOffer.ends_on >= self.from_)
        return rows.where(InternshipOffer.starts_on <= self.to) if self.to else rows
