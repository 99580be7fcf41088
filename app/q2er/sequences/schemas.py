"""What enters and leaves of sequences."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.fields import Day, Line, distinct
from app.core.schemas import Body, ResourceView, described_by, partial
from app.q2er.sequences.models import SequenceAudience, SequenceKind


class SequenceFields(Body):
    """What a sequence says."""

    kind: Annotated[SequenceKind, Field(description="what takes place", examples=["teachers_in_companies"])]
    title: Annotated[Line, Field(examples=["Professeurs en entreprises : visites in situ"])]
    objectives: Annotated[
        list[Line], Field(default_factory=list, max_length=50, examples=[["Faire connaître les métiers du territoire"]])
    ]
    audience: Annotated[
        list[SequenceAudience],
        Field(default_factory=list, max_length=3, description="for whom it is", examples=[["teachers"]]),
        distinct(),
    ]
    starts_on: Annotated[
        Day | None, Field(description="first day, in the school year of its edition", examples=["2016-10-03"])
    ] = None
    ends_on: Annotated[
        Day | None, Field(description="last day, included, in the same school year", examples=["2016-11-30"])
    ] = None


class SequenceCreate(SequenceFields):
    """A new sequence, after the others of its edition."""

    edition_id: Annotated[UUID, Field(description="its edition; does not change")]


@partial
class SequenceUpdate(SequenceFields):
    """The fields to change. Its place changes by `:reorder` of the edition."""


class SequenceOrder(Body):
    """All the sequences of an edition, in the order they are to have."""

    sequence_ids: Annotated[list[UUID], Field(max_length=100, description="each sequence of the edition, once")]


@described_by(SequenceCreate)
class SequenceOut(ResourceView):
    """A sequence of an edition. Its sessions: `/v1/events?sequence=`."""

    territory_id: UUID
    edition_id: UUID
    school_year: Annotated[str, Field(description="that of its edition", examples=["2016-2017"])]
    position: Annotated[int, Field(description="from 1, without gaps", examples=[1])]
    kind: SequenceKind
    title: str
    objectives: list[str]
    audience: list[str]
    starts_on: date | None
    ends_on: date | None
    is_demonstration: Annotated[bool, Field(description="made up to show how things look")]
