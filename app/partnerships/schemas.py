"""What enters and leaves of partnerships."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.actors.schemas import ActorRef
from app.core.fields import Day, Line
from app.core.publication import PublicationView
from app.core.schemas import Body, ResourceView, View, described_by, partial
from app.core.states import Because
from app.partnerships.models import PartnershipStage, PartnershipType
from app.partnerships.states import PartnershipVerb
from app.territories.schemas import ThemeRef


class PartnershipFields(Body):
    """What a partnership says."""

    title: Annotated[Line, Field(examples=["Lycée, collectivité et club d’entreprises"])]
    type: Annotated[PartnershipType, Field(description="what kind of alliance", examples=["societal_innovation"])]
    theme_id: Annotated[UUID | None, Field(description="theme of its territory; answered as `theme`")] = None
    objectives: Annotated[
        list[Line], Field(default_factory=list, max_length=50, examples=[["Rapprocher lycéens et entreprises"]])
    ]
    agreement_reference: Annotated[
        Line | None, Field(description="reference of the signed agreement", examples=["DEE-2014-07"])
    ] = None
    agreement_signed_on: Annotated[Day | None, Field(description="day it was signed", examples=["2014-09-01"])] = None
    starts_on: Annotated[Day | None, Field(description="first day agreed", examples=["2014-09-01"])] = None
    ends_on: Annotated[
        Day | None, Field(description="last day agreed, included; null without end", examples=["2017-08-31"])
    ] = None


class PartnershipCreate(PartnershipFields):
    """A new partnership of a territory, a prospect."""

    territory_id: UUID


@partial
class PartnershipUpdate(PartnershipFields):
    """The fields to change. A renewed agreement brings its own reference, day and `ends_on`."""


class PartnershipSuspend(Because):
    """Why nothing is done for now. Read by whoever sees the partnership."""


class PartnershipEnd(Because):
    """Why it has ended, and when. Read by whoever sees the partnership."""

    on: Annotated[Day | None, Field(description="its last day; null: no later than today")] = None


class PartySummary(View):
    """An actor that is party to it."""

    id: Annotated[UUID, Field(description="of the party")]
    actor: ActorRef
    role: Annotated[str, Field(examples=["Établissement pilote"])]


@described_by(PartnershipCreate)
class PartnershipOut(PublicationView, ResourceView):
    """A partnership. What its parties give: `/parties` and `/balance`."""

    territory_id: UUID
    title: str
    type: PartnershipType
    theme: ThemeRef | None
    objectives: list[str]
    agreement_reference: str | None
    agreement_signed_on: date | None
    starts_on: date | None
    ends_on: date | None
    stage: Annotated[PartnershipStage, Field(examples=["active"])]
    stage_reason: Annotated[str | None, Field(description="why it is suspended or has ended")]
    ended_on: Annotated[date | None, Field(description="its last day in truth")]
    renewal_due_on: Annotated[
        date | None,
        Field(
            description="90 days before `ends_on`: from then on it is to be renewed; null while nothing will end",
            examples=["2017-06-02"],
        ),
    ]
    parties: Annotated[list[PartySummary], Field(description="in the order they joined")]
    is_demonstration: Annotated[bool, Field(description="made up to show how things look")]
    allowed_actions: Annotated[list[PartnershipVerb], Field(description="what you may do with it now")]
