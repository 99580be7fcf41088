"""Query parameters of the list of action plans."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Select, exists, literal
from sqlalchemy.ext.asyncio import AsyncSession

from app.action_plans.plans.models import ActionPlan, PlanState
from app.core.fields import Line, Slug
from app.core.filters import matches_words
from app.core.publication import Publication
from app.territories.filters import TerritorySlug, UpdatedSince, territory_id_of
from app.territories.models import Theme


class ActionPlanFilters(BaseModel):
    """Which plans. Several `theme`, `state` or `publication` widen the choice; the other parameters narrow it."""

    territory: TerritorySlug = None
    programme: Annotated[UUID | None, Field(description="of this programme")] = None
    theme: Annotated[list[Slug], Field(max_length=20, description="on a theme with one of these slugs")] = []
    is_cross_cutting: Annotated[bool | None, Field(description="without a theme, or with one")] = None
    state: Annotated[list[PlanState], Field(max_length=20, description="in one of these states")] = []
    publication: Annotated[list[Publication], Field(max_length=20, description="may be repeated")] = []
    q: Annotated[Line | None, Field(description="words of the title or summary, in French")] = None
    updated_since: UpdatedSince = None

    async def apply(self, session: AsyncSession, plans: Select[ActionPlan]) -> Select[ActionPlan]:
        """The plans asked for. Raises `InvalidInput` for an unknown territory."""
        if self.territory:
            plans = plans.where(ActionPlan.territory_id == await territory_id_of(session, self.territory))
        if self.programme:
            plans = plans.where(ActionPlan.programme_id == self.programme)
        if self.theme:
            named = exists(literal(1)).where(Theme.id == ActionPlan.theme_id, Theme.slug.in_(self.theme))
            plans = plans.where(named)
        if self.is_cross_cutting is not None:
            plans = plans.where(ActionPlan.is_cross_cutting == self.is_cross_cutting)
        if self.state:
            plans = plans.where(ActionPlan.state.in_(self.state))
        if self.publication:
            plans = plans.where(ActionPlan.publication.in_(self.publication))
        if self.q:
            plans = plans.where(matches_words(ActionPlan.search, self.q))
        return plans.where(ActionPlan.updated_at >= self.updated_since) if self.updated_since else plans
