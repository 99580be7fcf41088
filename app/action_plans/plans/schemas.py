"""What enters and leaves of action plans."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.action_plans.plans.models import PlanState
from app.action_plans.plans.states import PlanVerb
from app.core.fields import Day, Line, Prose, YesNo
from app.core.publication import PublicationView
from app.core.schemas import Body, ResourceView, View, described_by, partial
from app.territories.schemas import ThemeRef


class ActionPlanFields(Body):
    """What a plan says."""

    title: Annotated[Line, Field(examples=["Plan d’actions « insertion des jeunes »"])]
    summary: Annotated[
        Prose | None, Field(examples=["Rapprocher les jeunes des entreprises qui recrutent près de chez eux."])
    ] = None
    theme_id: Annotated[
        UUID | None, Field(description="theme of its territory; null: cross-cutting; answered as `theme`")
    ] = None
    is_cross_cutting: Annotated[YesNo, Field(description="it has no theme: it serves them all")] = False
    starts_on: Annotated[Day | None, Field(description="first day, planned or real", examples=["2013-06-20"])] = None
    ends_on: Annotated[Day | None, Field(description="last day, included", examples=["2015-12-31"])] = None


class ActionPlanCreate(ActionPlanFields):
    """A new plan, a draft. Its territory is that of its programme."""

    programme_id: UUID


@partial
class ActionPlanUpdate(ActionPlanFields):
    """The fields to change. Its state changes by verbs."""


class ActionPlanAdopt(Body):
    """Where a plan was adopted."""

    event_id: Annotated[UUID, Field(description="the event that adopted it, which has begun")]


@described_by(ActionPlanCreate)
class ActionPlanOut(PublicationView, ResourceView):
    """An action plan of a programme. Its actions: `/v1/actions?plan=`."""

    territory_id: UUID
    programme_id: UUID
    theme: Annotated[ThemeRef | None, Field(description="null: cross-cutting")]
    is_cross_cutting: bool
    title: str
    summary: str | None
    starts_on: date | None
    ends_on: date | None
    state: Annotated[PlanState, Field(examples=["adopted"])]
    adopted_at_event_id: Annotated[UUID | None, Field(description="the event that adopted it")]
    is_demonstration: Annotated[bool, Field(description="made up to show how things look")]
    allowed_actions: Annotated[list[PlanVerb], Field(description="what you may do with it now")]


class ActionPlanRef(View):
    """A plan, where another resource names it."""

    id: UUID
    title: Annotated[str, Field(examples=["Plan d’actions « insertion des jeunes »"])]
    state: PlanState
