"""What enters and leaves of means."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.action_plans.means.models import MeansKind, MeansUnit
from app.actors.schemas import ActorRef
from app.core.fields import Day, Line
from app.core.schemas import Body, ResourceView, View, described_by, partial

Amount = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2, examples=["12500.00"], allow_inf_nan=False)]
"""An exact amount, in its unit."""


class MeansFields(Body):
    """What is given, by whom and how much."""

    label: Annotated[Line, Field(description="what it is", examples=["Budget de la DEE"])]
    kind: Annotated[MeansKind, Field(examples=["budget"])]
    unit: Annotated[
        MeansUnit,
        Field(
            description="budget: EUR; staff: FTE or hour; time: hour; in_kind and premises: EUR (their worth) or hour",
            examples=["EUR"],
        ),
    ]
    planned_amount: Annotated[Amount | None, Field(description="in its unit; one of the two at least")] = None
    real_amount: Annotated[Amount | None, Field(description="in its unit; null: not known", examples=["11840.50"])] = (
        None
    )
    provider_id: Annotated[UUID | None, Field(description="the actor who gives it; answered as `provider`")] = None
    starts_on: Annotated[Day | None, Field(description="first day it is for", examples=["2013-01-01"])] = None
    ends_on: Annotated[Day | None, Field(description="last day it is for, included", examples=["2013-12-31"])] = None


class MeansCreate(MeansFields):
    """New means for a programme or for an action: one of them. Their territory is its own."""

    programme_id: Annotated[UUID | None, Field(description="the programme they are for; not with action_id")] = None
    action_id: Annotated[UUID | None, Field(description="the action they are for; not with programme_id")] = None


@partial
class MeansUpdate(MeansFields):
    """The fields to change."""


@described_by(MeansCreate)
class MeansOut(ResourceView):
    """What is put into a programme or an action."""

    territory_id: UUID
    programme_id: UUID | None
    action_id: UUID | None
    label: str
    kind: MeansKind
    unit: MeansUnit
    planned_amount: Decimal | None
    real_amount: Decimal | None
    provider: Annotated[ActorRef | None, Field(description="who gives it; null: not said")]
    starts_on: date | None
    ends_on: date | None
    is_demonstration: Annotated[bool, Field(description="made up to show how things look")]


class MeansTotal(View):
    """Means of one kind in one unit, added up."""

    kind: Annotated[MeansKind, Field(examples=["budget"])]
    unit: Annotated[MeansUnit, Field(examples=["EUR"])]
    count: Annotated[int, Field(description="how many means", examples=[3])]
    planned_amount: Annotated[
        Decimal | None, Field(description="of those that say it; null: none does", examples=["12500.00"])
    ]
    real_amount: Annotated[
        Decimal | None, Field(description="of those that say it; null: none does", examples=["11840.50"])
    ]
    without_real: Annotated[int, Field(description="how many do not say their real amount", examples=[1])]


class MeansTotals(View):
    """The means of a selection, added up by kind and unit. Different units are never added."""

    items: list[MeansTotal]
