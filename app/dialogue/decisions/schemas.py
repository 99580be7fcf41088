"""What enters and leaves of decisions."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from app.core.errors import invalid
from app.core.fields import Instant, Line, Prose, YesNo, distinct
from app.core.schemas import Body, ResourceView, View, described_by, partial
from app.dialogue.decisions.methods import USUAL_GRADES, Method, MethodOut
from app.dialogue.decisions.models import DecisionState, Secrecy, Voices
from app.dialogue.decisions.states import DecisionVerb

MOST_OPTIONS = 50


class OptionWrite(Body):
    """One of the answers to choose from."""

    label: Annotated[Line, Field(examples=["Un forum des métiers au lycée"])]
    description: Annotated[Prose | None, Field(examples=["Une journée par an, avec vingt entreprises."])] = None
    is_status_quo: Annotated[
        YesNo, Field(description="it leaves things as they are (“against”, “none of these”): it adopts nothing")
    ] = False


def _one_status_quo(options: list[OptionWrite]) -> list[OptionWrite]:
    if sum(option.is_status_quo for option in options) > 1:
        raise invalid("one_status_quo")
    return options


class QuorumKind(StrEnum):
    """What a quorum is counted in."""

    BALLOTS = "ballots"
    PERCENT = "percent"


class Quorum(Body):
    """The ballots needed for the vote to count. Blank ones and abstentions count in it."""

    kind: Annotated[
        QuorumKind,
        Field(description="a number of ballots, or a percentage of the electors, rounded up", examples=["percent"]),
    ]
    value: Annotated[int, Field(ge=1, le=1_000_000, description="at most 100 if a percentage", examples=[50])]

    @model_validator(mode="after")
    def _is_reachable(self) -> Self:
        if self.kind is QuorumKind.PERCENT and self.value > 100:
            raise invalid("percentage")
        return self


class DecisionFields(Body):
    """What a decision says. Once it is open, only `opens_at` and `closes_at` still change."""

    question: Annotated[Line, Field(examples=["Quelle action le groupe propose-t-il à la restitution ?"])]
    description: Annotated[Prose | None, Field(examples=["Chaque proposition a été présentée le 4 avril."])] = None
    options: Annotated[
        list[OptionWrite],
        Field(
            default_factory=list, max_length=MOST_OPTIONS,
            description="in the order shown: the proposal alone for consent, two or more for other methods",
        ),
        distinct(lambda option: option.label),
        AfterValidator(_one_status_quo),
    ]  # fmt: skip
    method: Method
    secrecy: Annotated[
        Secrecy,
        Field(
            description="secret: nobody can ever tell who voted what; open: ballots are listed once the vote is closed",
            examples=["secret"],
        ),
    ]
    quorum: Annotated[Quorum | None, Field(description="null: none")] = None
    programme_id: Annotated[UUID | None, Field(description="of this programme")] = None
    working_group_id: Annotated[UUID | None, Field(description="of this working group")] = None
    event_id: Annotated[UUID | None, Field(description="taken at, or in view of, this event")] = None
    theme_id: Annotated[UUID | None, Field(description="on this theme")] = None
    opens_at: Annotated[Instant | None, Field(description="no ballot before; null: once the decision is open")] = None
    closes_at: Annotated[Instant | None, Field(description="no ballot from then on; null: until it is closed")] = None


class DecisionCreate(DecisionFields):
    """A draft of a decision of a territory. Its electors are chosen at `/electors`."""

    territory_id: UUID


@partial
class DecisionUpdate(DecisionFields):
    """The fields to change. `options` are replaced as a whole, under new identifiers."""


OPTION = {
    "id": "01936f6e-5c1a-7d3e-9b52-2f6c8f0a4d17",
    "position": 1,
    "label": "Un forum des métiers au lycée",
    "description": "Une journée par an, avec vingt entreprises.",
    "is_status_quo": False,
}
METHOD = {
    "name": "majority",
    "threshold": {"numerator": 2, "denominator": 3, "is_strict": False},
    "base": "expressed",
    "budget": 10,
    "per_option": 5,
    "grades": USUAL_GRADES,
}
"""Examples of what is answered, in which each field has a value."""


class DecisionCancel(Body):
    """Why there will be no vote."""

    reason: Annotated[Line, Field(description="shown to the electors; name no one", examples=["Question mal posée"])]


@described_by(OptionWrite)
class OptionOut(View):
    """One of the answers to choose from."""

    id: UUID
    position: Annotated[int, Field(description="place in the list, from 1")]
    label: str
    description: str | None
    is_status_quo: bool


@described_by(Quorum)
class QuorumOut(View):
    """The ballots needed for the vote to count."""

    kind: QuorumKind
    value: int


@described_by(DecisionCreate)
class DecisionOut(ResourceView):
    """A question put to the vote. Its result is at `/result` once it is closed."""

    territory_id: UUID
    question: str
    description: str | None
    options: Annotated[list[OptionOut], Field(examples=[[OPTION]])]
    method: Annotated[MethodOut, Field(examples=[METHOD])]
    secrecy: Secrecy
    quorum: QuorumOut | None
    programme_id: UUID | None
    working_group_id: UUID | None
    event_id: UUID | None
    theme_id: UUID | None
    opens_at: datetime | None
    closes_at: datetime | None
    state: DecisionState
    opened_at: datetime | None
    closed_at: datetime | None
    cancelled_at: datetime | None
    cancellation_reason: Annotated[str | None, Field(description="why there will be no vote")]
    voices: Annotated[Voices | None, Field(description="who has a voice; null: no elector chosen yet")]
    electors: Annotated[int, Field(description="how many may vote", examples=[45])]
    voters: Annotated[int, Field(description="how many cast a ballot; 0 of a cancelled decision", examples=[31])]
    is_demonstration: Annotated[bool, Field(description="made up to show how things look")]
    allowed_actions: Annotated[list[DecisionVerb], Field(description="what you may do with it now")]
