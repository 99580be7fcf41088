"""What enters and leaves of needs."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.actors.schemas import ActorRef
from app.core.fields import Day, Line, Prose
from app.core.publication import PublicationView
from app.core.schemas import Body, ResourceView, described_by, partial
from app.core.states import Because
from app.dialogue.needs.models import NeedState
from app.territories.schemas import ThemeRef

Severity = Annotated[int, Field(ge=1, le=5, strict=True, description="from 1, slight, to 5, most severe", examples=[4])]
TakenUpBy = Annotated[UUID | None, Field(description="the working group that takes it up")]


class NeedFields(Body):
    """What is said of a need."""

    theme_id: Annotated[UUID, Field(description="a theme of the territory; answered as `theme`")]
    statement: Annotated[
        Line,
        Field(description="the need, in one sentence", examples=["Les élèves connaissent mal le monde du travail"]),
    ]
    evidence: Annotated[
        Prose | None,
        Field(description="what shows it, Markdown", examples=["Deux tiers des élèves n’ont **jamais** vu d’atelier."]),
    ] = None
    target_group: Annotated[Line | None, Field(description="whose need it is", examples=["Lycéens de seconde"])] = None
    voiced_by_id: Annotated[UUID, Field(description="the actor that voices it; answered as `voiced_by`")]
    voiced_on: Annotated[Day | None, Field(description="the day it was voiced; null: today")] = None
    voiced_at_event_id: Annotated[UUID | None, Field(description="the event it was voiced at")] = None
    working_group_id: TakenUpBy = None
    severity: Severity


class NeedCreate(NeedFields):
    """A need to voice. Schools and organisations voice their own."""

    territory_id: UUID


@partial
class NeedUpdate(NeedFields):
    """The fields to change."""


class NeedQualify(Body):
    """What qualifying it settles. Null leaves it as it is."""

    severity: Severity | None = None
    working_group_id: TakenUpBy = None


class NeedSendBack(Because):
    """What is to be made clearer before it can be qualified."""


class NeedClose(Because):
    """Why it is closed: met, said twice, or not for this territory."""


class NeedReopen(Because):
    """Why it is taken up again."""


@described_by(NeedCreate)
class NeedOut(PublicationView, ResourceView):
    """A need of the territory."""

    territory_id: UUID
    theme: ThemeRef
    statement: str
    evidence: str | None
    target_group: str | None
    voiced_by: Annotated[ActorRef, Field(description="the actor that voices it")]
    voiced_on: date
    voiced_at_event_id: UUID | None
    working_group_id: UUID | None
    severity: int
    state: Annotated[NeedState, Field(description="how far the answer to it is", examples=["qualified"])]
    state_reason: Annotated[
        str | None, Field(description="why it is closed, or was sent back or reopened", examples=[None])
    ]
    state_since: Annotated[datetime, Field(description="when it came to this state")]
    has_action: Annotated[bool, Field(description="whether an action addresses it", examples=[False])]
    is_demonstration: Annotated[bool, Field(description="made up to show how things look")]
    allowed_actions: Annotated[list[str], Field(description="what you may do with it now", examples=[["edit"]])]
