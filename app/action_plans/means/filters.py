"""Query parameters of the list of means and of their totals."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Select, exists, literal, or_
from sqlalchemy.ext.asyncio import AsyncSession

from app.action_plans.actions.models import Action
from app.action_plans.means.models import Means, MeansKind, MeansUnit
from app.action_plans.plans.models import ActionPlan
from app.core.fields import Day, Line
from app.core.filters import has_words
from app.territories.filters import TerritorySlug, UpdatedSince, territory_id_of


class MeansFilters(BaseModel):
    """Which means. Several `kind` or `unit` widen the choice; the other parameters narrow it."""

    territory: TerritorySlug = None
    programme: Annotated[UUID | None, Field(description="for this programme itself")] = None
    within_programme: Annotated[UUID | None, Field(description="for this programme, or an action of its plans")] = None
    action: Annotated[UUID | None, Field(description="for this action")] = None
    provider: Annotated[UUID | None, Field(description="given by this actor")] = None
    kind: Annotated[list[MeansKind], Field(max_length=20, description="of one of these kinds")] = []
    unit: Annotated[list[MeansUnit], Field(max_length=20, description="counted in one of these units")] = []
    from_: Annotated[Day | None, Field(alias="from", description="not over before this day")] = None
    to: Annotated[Day | None, Field(description="begun on this day at the latest")] = None
    q: Annotated[Line | None, Field(description="words of the label; case and accents do not matter")] = None
    updated_since: UpdatedSince = None

    async def apply(self, session: AsyncSession, means: Select[Means]) -> Select[Means]:
        """The means asked for. Raises `InvalidInput` for an unknown territory."""
        if self.territory:
            means = means.where(Means.territory_id == await territory_id_of(session, self.territory))
        if self.programme:
            means = means.where(Means.programme_id == self.programme)
        if self.within_programme:
            of_plan = Action.id == Means.action_id, ActionPlan.id == Action.plan_id
            of_actions = exists(literal(1)).where(*of_plan, ActionPlan.programme_id == self.within_programme)
            means = means.where(or_(Means.programme_id == self.within_programme, of_actions))
        if self.action:
            means = means.where(Means.action_id == self.action)
        if self.provider:
            means = means.where(Means.provider_id == self.provider)
        if self.kind:
            means = means.where(Means.kind.in_(self.kind))
        if self.unit:
            means = means.where(Means.unit.in_(self.unit))
        if self.from_:
            means = means.where(or_(Means.ends_on.is_(None), Means.ends_on >= self.from_))
        if self.to:
            means = means.where(or_(Means.starts_on.is_(None), Means.starts_on <= self.to))
        if self.q:
            means = means.where(has_words(Means.sort_label, self.q))
        return means.where(Means.updated_at >= self.updated_since) if self.updated_since else means
