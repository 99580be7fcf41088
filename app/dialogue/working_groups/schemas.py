"""What enters and leaves of working groups."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.actors.schemas import ActorRef
from app.core.fields import Day, Line, Prose, ValidFrom, ValidUntil, distinct
from app.core.publication import PublicationView
from app.core.schemas import Body, ResourceView, View, described_by, partial
from app.core.states import Because
from app.dialogue.working_groups.models import GroupState, LeadRole
from app.events.registrations.schemas import PersonRef
from app.territories.schemas import ThemeRef


class Lead(Body):
    """Who leads a group, and when. The pair is an association and a company; the facilitator is outside both."""

    role: Annotated[LeadRole, Field(examples=["association"])]
    actor_id: Annotated[UUID, Field(description="an actor of the territory; answered as `actor`")]
    person_id: Annotated[
        UUID | None, Field(description="through whom; needed of a facilitator; answered as `person`")
    ] = None
    valid_from: ValidFrom = None
    valid_until: ValidUntil = None


class WorkingGroupFields(Body):
    """What is said of a group."""

    theme_id: Annotated[UUID, Field(description="a theme of the territory; answered as `theme`")]
    name: Annotated[Line, Field(description="unique in its programme", examples=["Insertion des jeunes"])]
    purpose: Annotated[
        Prose | None,
        Field(description="what it explores, Markdown", examples=["Ouvrir les entreprises aux **jeunes**."]),
    ] = None
    leads: Annotated[
        list[Lead],
        Field(
            default_factory=list, max_length=50, description="past, present and to come; each role held once at a time"
        ),
        distinct(lambda lead: tuple(value for _, value in lead)),
    ]


class WorkingGroupCreate(WorkingGroupFields):
    """A working group to form."""

    programme_id: Annotated[UUID, Field(description="its programme, whose territory it is of; does not change")]


@partial
class WorkingGroupUpdate(WorkingGroupFields):
    """The fields to change. `leads` replaces the whole list."""


class WorkingGroupActivate(Body):
    """When it began to work."""

    on: Annotated[Day | None, Field(description="a day on which its pair and its facilitator stand; null: today")] = (
        None
    )


class WorkingGroupConclude(Body):
    """When it ended its work, and why if there is something to say."""

    on: Annotated[Day | None, Field(description="null: today")] = None
    reason: Annotated[Line | None, Field(description="name no one", examples=["Propositions restituées"])] = None


class WorkingGroupReopen(Because):
    """Why it takes its work up again."""


@described_by(Lead)
class LeadOut(View):
    """Who leads a group, and when."""

    role: LeadRole
    actor: ActorRef
    person: Annotated[PersonRef | None, Field(description="through whom; null: nobody named, or none of your people")]
    valid_from: date | None
    valid_until: date | None


@described_by(WorkingGroupCreate)
class WorkingGroupOut(PublicationView, ResourceView):
    """A working group. Its members are at `/members`, its meetings are the events of this `working_group`."""

    territory_id: UUID
    programme_id: UUID
    theme: ThemeRef
    name: str
    purpose: str | None
    leads: Annotated[list[LeadOut], Field(description="by role, the first to hold it first")]
    missing: Annotated[list[LeadRole], Field(description="roles that no one holds today", examples=[["facilitator"]])]
    member_count: Annotated[int, Field(description="members today", examples=[15])]
    state: Annotated[GroupState, Field(description="how far it is", examples=["forming"])]
    state_reason: Annotated[str | None, Field(description="why it is concluded", examples=[None])]
    started_on: Annotated[date | None, Field(description="the day it began to work", examples=["2012-11-15"])]
    concluded_on: Annotated[date | None, Field(description="the day it ended its work")]
    is_demonstration: Annotated[bool, Field(description="made up to show how things look")]
    allowed_actions: Annotated[
        list[str],
        Field(description="what you may do with it now; join: sign your people up as members", examples=[["join"]]),
    ]
