"""What the result of a decision tells."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.actors.schemas import ActorRef
from app.core.schemas import View
from app.dialogue.decisions.methods import MethodOut
from app.dialogue.decisions.models import Secrecy
from app.dialogue.decisions.tally.ranking import Obstacle


class TurnoutOut(View):
    """Who took part. Ballots are those expressed, the blank ones and the abstentions."""

    electors: Annotated[int, Field(examples=[45])]
    ballots: Annotated[int, Field(examples=[31])]
    expressed: Annotated[int, Field(description="for an option, or an objection", examples=[29])]
    blank: Annotated[int, Field(examples=[1])]
    abstentions: Annotated[int, Field(examples=[1])]
    needed: Annotated[int, Field(description="ballots the quorum asked for; 0: none", examples=[23])]
    is_quorum_met: Annotated[bool, Field(examples=[True])]


class GradeCount(View):
    """How many gave an option this grade."""

    grade: Annotated[str, Field(examples=["Bien"])]
    ballots: Annotated[int, Field(examples=[11])]


class Duel(View):
    """An option against another."""

    option_id: Annotated[UUID, Field(description="the other option")]
    preferred: Annotated[int, Field(description="ballots that put this option before the other", examples=[25])]
    path: Annotated[
        int, Field(description="strength of the strongest path from this option to the other; 0: none", examples=[24])
    ]


class OptionResult(View):
    """The place of an option, and the figures that explain it. Those its method does not know are null or empty."""

    option_id: UUID
    label: Annotated[str, Field(examples=["Un forum des métiers au lycée"])]
    rank: Annotated[int, Field(description="1 is the best; options that tie share it, those after count them: 1, 1, 3")]
    votes: Annotated[
        int | None,
        Field(description="ballots for it: that choose it, approve of it, give it points, or consent", examples=[17]),
    ]
    points: Annotated[int | None, Field(description="points it got in all", examples=[112])]
    grades: Annotated[list[GradeCount], Field(description="its profile, the best grade first")]
    majority_grade: Annotated[str | None, Field(description="the median of its grades", examples=["Bien"])]
    duels: Annotated[list[Duel], Field(description="against each other option")]


class Objection(View):
    """Why someone objects. Of a secret vote nothing says who: the words alone can."""

    argument: Annotated[str, Field(examples=["Le calendrier ne laisse pas le temps de prévenir les familles."])]
    elector_id: Annotated[UUID | None, Field(description="null: the vote was secret")]
    actor: Annotated[ActorRef | None, Field(description="the organisation, or the one a person voted through")]


class DecisionResult(View):
    """The result of a closed decision, counted from its ballots each time it is read.

    A secret vote tells how many voted what, never who; but where all voted alike, or all but oneself, that is known
    from the count itself. No count could hide it and still be a result: electors few in number should know it.
    """

    decision_id: UUID
    method: MethodOut
    secrecy: Secrecy
    turnout: TurnoutOut
    is_adopted: Annotated[bool, Field(description="whether the first option is adopted", examples=[True])]
    adopted_option_id: Annotated[UUID | None, Field(description="null: none is")]
    obstacle: Annotated[Obstacle | None, Field(description="why none is adopted; null: one is", examples=["tie"])]
    base: Annotated[int | None, Field(description="by majority: the votes the threshold is a share of", examples=[29])]
    ranking: Annotated[list[OptionResult], Field(description="every option, the best first")]
    objections: Annotated[list[Objection], Field(description="by consent: those that stand")]
