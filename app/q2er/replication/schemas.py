"""What enters and leaves when an edition is replicated."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.fields import Ids, SchoolYear, YesNo
from app.core.schemas import Body, View
from app.events.models import EventKind
from app.q2er.sequences.models import SequenceKind


class EditionReplicate(Body):
    """Where to."""

    school_year: Annotated[SchoolYear, Field(description="of the new edition", examples=["2017-2018"])]
    programme_id: Annotated[
        UUID | None, Field(description="programme of the new edition, maybe of another territory; null: the same")
    ] = None
    school_ids: Annotated[
        Ids | None,
        Field(description="schools of the new edition; null: the same, or none in another territory"),
    ] = None
    dry_run: Annotated[YesNo, Field(description="say what would be made, and write nothing")] = True


class ReplicationOutcome(StrEnum):
    """What came of it."""

    PREVIEW = "preview"
    MADE = "made"
    ALREADY_THERE = "already_there"


class ReplicatedSession(View):
    """A session of the new edition."""

    source_id: Annotated[UUID, Field(description="the event it is made after")]
    id: Annotated[UUID | None, Field(description="the new event; null in a preview")]
    kind: EventKind
    title: Annotated[str, Field(examples=["C’est quoi l’entreprise ?"])]
    starts_at: Annotated[datetime, Field(examples=["2017-10-10T10:00:00+02:00"])]
    ends_at: Annotated[datetime, Field(examples=["2017-10-10T12:00:00+02:00"])]
    is_displaced: Annotated[bool, Field(description="not in the same school week: that one has a day off")]
    is_on_day_off: Annotated[bool, Field(description="no week of the year was free of days off")]


class ReplicatedSequence(View):
    """A sequence of the new edition."""

    source_id: Annotated[UUID, Field(description="the sequence it is made after")]
    id: Annotated[UUID | None, Field(description="the new sequence; null in a preview")]
    position: int
    kind: SequenceKind
    title: Annotated[str, Field(examples=["C’est quoi l’entreprise ?"])]
    starts_on: date | None
    ends_on: date | None
    sessions: Annotated[list[ReplicatedSession], Field(description="by their beginning")]


class ReplicationOut(View):
    """What the new edition takes over: sequences and sessions; never people, attendance or results."""

    outcome: Annotated[ReplicationOutcome, Field(examples=["made"])]
    edition_id: Annotated[
        UUID | None, Field(description="the new edition, or the one that is there; null in a preview")
    ]
    territory_id: UUID
    programme_id: UUID
    school_year: Annotated[str, Field(examples=["2017-2018"])]
    sequences: Annotated[list[ReplicatedSequence], Field(description="in order; none where it is there already")]
