"""Query parameters of the list of actions."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Select, exists, literal, not_
from sqlalchemy.ext.asyncio import AsyncSession

from app.action_plans.actions.lateness import is_late
from app.action_plans.actions.models import Action, ActionActor, ActionActorRole, ActionState, action_themes
from app.action_plans.plans.models import ActionPlan
from app.core.fields import Line, Slug
from app.core.filters import matches_words
from app.core.publication import Publication
from app.territories.filters import TerritorySlug, UpdatedSince, territory_id_of
from app.territories.models import Theme


class ActionFilters(BaseModel):
    """Which actions. Several `theme`, `state` or `publication` widen the choice; the other parameters narrow it."""

    territory: TerritorySlug = None
    programme: Annotated[UUID | None, Field(description="of the plans of this programme")] = None
    plan: Annotated[UUID | None, Field(description="of this plan")] = None
    theme: Annotated[list[Slug], Field(max_length=20, description="on a theme with one of these slugs")] = []
    is_cross_cutting: Annotated[bool | None, Field(description="serving all themes, or not")] = None
    state: Annotated[list[ActionState], Field(max_length=20, description="in one of these states")] = []
    is_late: Annotated[bool | None, Field(description="late, or not")] = None
    actor: Annotated[UUID | None, Field(description="led or helped by this actor")] = None
    lead: Annotated[UUID | None, Field(description="led by this actor")] = None
    publication: Annotated[list[Publication], Field(max_length=20, description="may be repeated")] = []
    q: Annotated[Line | None, Field(description="words of the title, objective or description, in French")] = None
    updated_since: UpdatedSince = None

    async def apply(self, session: AsyncSession, actions: Select[Action]) -> Select[Action]:
        """The actions asked for. Raises `InvalidInput` for an unknown territory."""
        if self.territory:
            actions = actions.where(Action.territory_id == await territory_id_of(session, self.territory))
        if self.plan:
            actions = actions.where(Action.plan_id == self.plan)
        if self.is_cross_cutting is not None:
            actions = actions.where(Action.is_cross_cutting == self.is_cross_cutting)
        if self.state:
            actions = actions.where(Action.state.in_(self.state))
        if self.is_late is not None:
            actions = actions.where(is_late() if self.is_late else not_(is_late()))
        if self.publication:
            actions = actions.where(Action.publication.in_(self.publication))
        if self.q:
            actions = actions.where(matches_words(Action.search, self.q))
        if self.updated_since:
            actions = actions.where(Action.updated_at >= self.updated_since)
        return actions.where(*self._relations())

    def _relations(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.programme:
            of_it = ActionPlan.id == Action.plan_id, ActionPlan.programme_id == self.programme
            found.append(exists(literal(1)).where(*of_it))
        if self.theme:
            named = action_themes.c.theme_id == Theme.id, Theme.slug.in_(self.theme)
            found.append(exists(literal(1)).where(action_themes.c.action_id == Action.id, *named))
        tied = exists(literal(1)).where(ActionActor.action_id == Action.id)
        if self.actor:
            found.append(tied.where(ActionActor.actor_id == self.actor))
        if self.lead:
            found.append(tied.where(ActionActor.actor_id == self.lead, ActionActor.role == ActionActorRole.LEAD))
        return found
