"""How one votes and how votes are counted, as a caller says it and as it stands in the columns of a decision."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from app.core.errors import invalid
from app.core.fields import Word, YesNo, distinct
from app.core.schemas import Body, View, described_by
from app.dialogue.decisions.models import Decision, MethodName
from app.dialogue.decisions.tally.majority import MajorityBase

COLUMNS = (
    "majority_base", "threshold_numerator", "threshold_denominator", "is_threshold_strict", "points_budget",
    "points_per_option", "grades",
)  # fmt: skip
USUAL_GRADES = ["Excellent", "Très bien", "Bien", "Assez bien", "Passable", "Insuffisant", "À rejeter"]


class Consent(Body):
    """One option, the proposal: it is adopted when no argued objection stands."""

    name: Literal["consent"]


class Threshold(Body):
    """A share of the votes, exactly: 2 of 3."""

    numerator: Annotated[int, Field(ge=1, le=1000, examples=[2])]
    denominator: Annotated[int, Field(ge=1, le=1000, examples=[3])]
    is_strict: Annotated[YesNo, Field(description="the share is to be passed, rather than reached")] = False

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.numerator > self.denominator or (self.is_strict and self.numerator == self.denominator):
            raise invalid("threshold_out_of_reach")
        return self


class Majority(Body):
    """One option a ballot. Simple: more votes than any other; qualified: a share of the votes beside."""

    name: Literal["majority"]
    threshold: Annotated[Threshold | None, Field(description="of a qualified majority; null: simple majority")] = None
    base: Annotated[
        MajorityBase,
        Field(
            description="of what the threshold is a share: the votes expressed, with the blank ones, all ballots with"
            " the abstentions, or all electors",
            examples=["expressed"],
        ),
    ] = MajorityBase.EXPRESSED


class Approval(Body):
    """As many options as one likes; the most approved comes first."""

    name: Literal["approval"]


class Points(Body):
    """A budget of points to share out; the option with the most comes first."""

    name: Literal["points"]
    budget: Annotated[int, Field(ge=1, le=1000, description="points a ballot may give in all", examples=[10])]
    per_option: Annotated[
        int | None, Field(ge=1, le=1000, description="and to one option; null: all of them", examples=[5])
    ] = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.per_option is not None and self.per_option > self.budget:
            raise invalid("more_points_than_budget")
        return self


class Ranked(Body):
    """Options in order of preference, some on one level or left out; counted by the method of Schulze."""

    name: Literal["ranked"]


class MajorityJudgment(Body):
    """A grade for each option; the best median comes first."""

    name: Literal["majority_judgment"]
    grades: Annotated[
        list[Word],
        Field(
            default_factory=USUAL_GRADES.copy, min_length=2, max_length=10, description="the best first",
            examples=[USUAL_GRADES],
        ),
        distinct(),
    ]  # fmt: skip


Method = Annotated[
    Consent | Majority | Approval | Points | Ranked | MajorityJudgment,
    Field(
        discriminator="name",
        description="how one votes and how votes are counted",
        examples=[{"name": "majority", "threshold": {"numerator": 2, "denominator": 3, "is_strict": False}}],
    ),
]


@described_by(Threshold)
class ThresholdOut(View):
    """A share of the votes."""

    numerator: int
    denominator: int
    is_strict: bool


class MethodOut(View):
    """How one votes and how votes are counted. What the method does not know is null or empty."""

    name: MethodName
    threshold: Annotated[ThresholdOut | None, Field(description="of a qualified majority")]
    base: Annotated[MajorityBase | None, Field(description="of what the threshold is a share")]
    budget: Annotated[int | None, Field(description="points a ballot may give in all")]
    per_option: Annotated[int | None, Field(description="points it may give to one option; null: the whole budget")]
    grades: Annotated[list[str], Field(description="the best first", examples=[USUAL_GRADES])]


def columns_of(method: Any) -> dict[str, Any]:
    """The columns of a decision by this method; those of other methods are emptied."""
    columns: dict[str, Any] = {"method": MethodName(method.name), **dict.fromkeys(COLUMNS)}
    match method:
        case Majority(base=base, threshold=threshold):
            columns["majority_base"] = base
            if threshold:
                columns |= {
                    "threshold_numerator": threshold.numerator,
                    "threshold_denominator": threshold.denominator,
                    "is_threshold_strict": threshold.is_strict,
                }
        case Points(budget=budget, per_option=per_option):
            columns |= {"points_budget": budget, "points_per_option": per_option}
        case MajorityJudgment(grades=grades):
            columns["grades"] = grades
    return columns


def method_of(decision: Decision) -> MethodOut:
    """The method of a decision, from its columns."""
    share = {
        "numerator": decision.threshold_numerator,
        "denominator": decision.threshold_denominator,
        "is_strict": decision.is_threshold_strict,
    }
    return MethodOut(
        name=decision.method,
        threshold=None if share["numerator"] is None else ThresholdOut.model_validate(share),
        base=decision.majority_base,
        budget=decision.points_budget,
        per_option=decision.points_per_option,
        grades=decision.grades or [],
    )
