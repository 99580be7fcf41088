"""What enters and leaves of reviews."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.fields import Day, Prose
from app.core.schemas import Body, ResourceView, described_by, partial

Score = Annotated[int, Field(strict=True, ge=1, le=5, description="from 1 (poor) to 5 (excellent)", examples=[4])]


class ReviewFields(Body):
    """What a party thinks of a partnership."""

    starts_on: Annotated[Day, Field(description="first day of the period reviewed", examples=["2015-09-01"])]
    ends_on: Annotated[Day, Field(description="last day of it, included; no day to come", examples=["2016-08-31"])]
    performance: Score
    innovation: Score
    trust: Score
    balance: Score
    comment: Annotated[
        Prose | None, Field(description="name no one", examples=["Les visites ont changé nos regards."])
    ] = None


class ReviewCreate(ReviewFields):
    """A new review. The periods one party reviews lie apart."""

    actor_id: Annotated[UUID, Field(description="the party whose words they are")]


@partial
class ReviewUpdate(ReviewFields):
    """The fields to change."""


@described_by(ReviewCreate)
class ReviewOut(ResourceView):
    """What one party thinks of a partnership for a period."""

    territory_id: UUID
    partnership_id: UUID
    actor_id: UUID
    starts_on: date
    ends_on: date
    performance: int
    innovation: int
    trust: int
    balance: int
    comment: str | None
    is_by_party: Annotated[
        bool,
        Field(
            description="written by the party through its own account: no one else changes it; false: entered by the "
            "collectivité as it was told"
        ),
    ]
