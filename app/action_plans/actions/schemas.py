"""What enters and leaves of actions."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.action_plans.actions.models import ActionState
from app.action_plans.actions.states import ActionVerb
from app.actors.schemas import ActorRef
from app.core.fields import Day, Ids, Line, Prose, YesNo
from app.core.publication import PublicationView
from app.core.schemas import Body, ResourceView, View, described_by, partial
from app.territories.schemas import ThemeRef

MOST_PEOPLE = 10_000_000
Reason = Annotated[
    Line, Field(description="why; whoever sees it reads this: name no one", examples=["En attente d’un financement"])
]
People = Annotated[int, Field(strict=True, ge=0, le=MOST_PEOPLE)]


class ActionFields(Body):
    """What may be said of an action when it is proposed and later."""

    title: Annotated[Line, Field(examples=["Tutorat de jeunes par des dirigeants"])]
    description: Annotated[Prose | None, Field(description="Markdown", examples=["Un dirigeant suit un jeune."])] = None
    objective: Annotated[
        Prose | None, Field(description="what it is to change", examples=["Trouver une entreprise en alternance"])
    ] = None
    is_cross_cutting: Annotated[YesNo, Field(description="it serves all themes, and may name some")] = False
    theme_ids: Annotated[
        Ids,
        Field(default_factory=list, description="its themes; none: that of the plan; answered as `themes`"),
    ]
    lead_ids: Annotated[
        Ids, Field(default_factory=list, description="actors who lead it, in the order shown; answered as `leads`")
    ]
    partner_ids: Annotated[
        Ids, Field(default_factory=list, description="actors who help, in the order shown; answered as `partners`")
    ]
    proposed_at_event_id: Annotated[UUID | None, Field(description="the meeting or plenary that proposed it")] = None
    planned_start_on: Annotated[Day | None, Field(description="planned first day", examples=["2013-09-01"])] = None
    planned_end_on: Annotated[Day | None, Field(description="planned last day", examples=["2014-06-30"])] = None
    beneficiaries_planned: Annotated[
        People | None, Field(description="people it is to reach; answered in `beneficiaries`", examples=[20])
    ] = None
    beneficiaries_real: Annotated[
        People | None, Field(description="people it has reached; answered in `beneficiaries`", examples=[14])
    ] = None


class ActionCreate(ActionFields):
    """A new action, proposed. Its territory is that of its plan."""

    plan_id: UUID


@partial
class ActionUpdate(ActionFields):
    """The fields to change; lists are replaced. Its state changes by verbs, its real days can be put right."""

    started_on: Annotated[Day, Field(description="real first day, once it has begun", examples=["2013-09-16"])]
    ended_on: Annotated[Day, Field(description="real last day, once it has ended", examples=["2014-06-20"])]


class ActionStart(Body):
    """Since when it is under way."""

    started_on: Annotated[Day | None, Field(description="first day; null: today", examples=["2013-09-16"])] = None


class ActionPause(Body):
    """Why it is paused."""

    reason: Reason


class ActionComplete(Body):
    """When it was completed."""

    ended_on: Annotated[Day, Field(description="last day, no later than today", examples=["2014-06-20"])]


class ActionAbandon(ActionPause):
    """Why and when it was given up."""

    ended_on: Annotated[Day | None, Field(description="last day; null: today", examples=["2014-06-20"])] = None


class Beneficiaries(View):
    """How many people an action reaches."""

    planned: Annotated[int | None, Field(description="as planned", examples=[20])]
    real: Annotated[int | None, Field(description="really; null: not known, or suppressed", examples=[14])]
    suppressed: Annotated[bool, Field(description="the real count is too small to be told to others")]


@described_by(ActionUpdate)
class ActionOut(PublicationView, ResourceView):
    """An action of a plan. Milestones, notes and lineage have addresses of their own."""

    territory_id: UUID
    plan_id: UUID
    title: str
    description: str | None
    objective: str | None
    is_cross_cutting: bool
    themes: list[ThemeRef]
    leads: Annotated[list[ActorRef], Field(description="who leads it, in the order shown")]
    partners: Annotated[list[ActorRef], Field(description="who helps, in the order shown")]
    proposed_at_event_id: UUID | None
    state: Annotated[ActionState, Field(examples=["in_progress"])]
    state_reason: Annotated[str | None, Field(description="why it is paused or was abandoned")]
    planned_start_on: date | None
    planned_end_on: date | None
    started_on: date | None
    ended_on: date | None
    is_late: Annotated[bool, Field(description="its planned end has passed, and it is neither completed nor abandoned")]
    beneficiaries: Beneficiaries
    is_demonstration: Annotated[bool, Field(description="made up to show how things look")]
    allowed_actions: Annotated[list[ActionVerb], Field(description="what you may do with it now")]
