"""What enters and leaves of ballots: one kind of vote for each method, and the two that any ballot can be."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.actors.schemas import ActorRef
from app.core.fields import Prose, Word, distinct
from app.core.schemas import Body, ResourceView
from app.dialogue.decisions.schemas import MOST_OPTIONS
from app.events.registrations.schemas import PersonRef


class ConsentVote(Body):
    """By consent: I have no objection."""

    kind: Literal["consent"]


class ObjectionVote(Body):
    """By consent: I object, and say why. It is shown with the result, of a secret vote without a name."""

    kind: Literal["objection"]
    argument: Annotated[Prose, Field(examples=["Le calendrier ne laisse pas le temps de prévenir les familles."])]


class ChoiceVote(Body):
    """By majority: this option."""

    kind: Literal["choice"]
    option_id: UUID


class ApprovalVote(Body):
    """By approval: each of these options would do."""

    kind: Literal["approval"]
    option_ids: Annotated[list[UUID], Field(max_length=MOST_OPTIONS), distinct()]


class OptionPoints(Body):
    """Points given to an option."""

    option_id: UUID
    points: Annotated[int, Field(ge=0, le=1000, examples=[4])]


class PointsVote(Body):
    """By points: as many to each of these options, and none to others. The budget need not be used up."""

    kind: Literal["points"]
    points: Annotated[list[OptionPoints], Field(max_length=MOST_OPTIONS), distinct(lambda given: given.option_id)]


class RankingVote(Body):
    """By rank: these options best first, those of one level together. Those left out come together after all others."""

    kind: Literal["ranking"]
    ranking: Annotated[
        list[Annotated[list[UUID], Field(min_length=1, max_length=MOST_OPTIONS)]],
        Field(max_length=MOST_OPTIONS, description="each option once"),
    ]


class OptionGrade(Body):
    """The grade given to an option."""

    option_id: UUID
    grade: Annotated[Word, Field(description="one of the decision's `grades`", examples=["Bien"])]


class GradesVote(Body):
    """By majority judgment: a grade for each of these options. One left out gets the worst."""

    kind: Literal["grades"]
    grades: Annotated[list[OptionGrade], Field(max_length=MOST_OPTIONS), distinct(lambda given: given.option_id)]


class BlankVote(Body):
    """A blank ballot: it counts in the quorum, and for no option."""

    kind: Literal["blank"]


class AbstentionVote(Body):
    """An abstention, said: it counts in the quorum, and for no option."""

    kind: Literal["abstention"]


Vote = Annotated[
    ChoiceVote
    | ConsentVote
    | ObjectionVote
    | ApprovalVote
    | PointsVote
    | RankingVote
    | GradesVote
    | BlankVote
    | AbstentionVote,
    Field(
        discriminator="kind",
        description="of the kind the decision's method asks for, or blank, or an abstention",
        examples=[{"kind": "choice", "option_id": "01936f6e-5c1a-7d3e-9b52-2f6c8f0a4d17"}],
    ),
]


class BallotWrite(Body):
    """What the elector votes. Until the vote is closed it may be replaced as often as one likes."""

    vote: Vote


class BallotOut(ResourceView):
    """What an elector votes, or voted. Of a secret vote, it is there for them alone, until the vote is closed."""

    decision_id: UUID
    elector_id: UUID
    person: Annotated[PersonRef | None, Field(description="who votes; null: an organisation, or none of your people")]
    actor: Annotated[ActorRef | None, Field(description="the organisation, or the one the person votes through")]
    vote: Vote
    is_by_hand: Annotated[bool, Field(description="noted by the collectivité for a hand raised in the room")]
    cast_by: Annotated[str, Field(description="the account that cast it last", examples=["account:01936f6e-5c1a…"])]
