"""What enters and leaves of programmes and their stages."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.fields import Day, Line, Prose, distinct
from app.core.schemas import Body, ResourceView, described_by, partial
from app.core.states import Because
from app.territories.models import StageStatus


class ProgrammeFields(Body):
    """What a programme says."""

    name: Annotated[Line, Field(description="unique in its territory", examples=["Agir Ensemble sur le Territoire"])]
    purpose: Annotated[Prose | None, Field(examples=["Mobiliser les acteurs du territoire autour de l’emploi."])] = None
    objectives: Annotated[
        list[Line], Field(default_factory=list, max_length=50, examples=[["Rapprocher lycées et entreprises"]])
    ]
    launched_on: Annotated[Day | None, Field(examples=["2012-10-01"])] = None


class ProgrammeCreate(ProgrammeFields):
    """A new programme of a territory."""

    territory_id: UUID


@partial
class ProgrammeUpdate(ProgrammeFields):
    """The fields to change."""


@described_by(ProgrammeCreate)
class ProgrammeOut(ResourceView):
    """A *démarche*: a purpose, objectives, and stages in order (`/stages`)."""

    territory_id: UUID
    name: str
    purpose: str | None
    objectives: list[str]
    launched_on: date | None


class StageAction(StrEnum):
    """What can be done with a stage; the first three are verbs of its address."""

    START = "start"
    COMPLETE = "complete"
    REOPEN = "reopen"
    UPDATE = "update"
    DELETE = "delete"


class StageCreate(Body):
    """A new stage, planned, after the others."""

    name: Annotated[Line, Field(examples=["Mobilisation des acteurs"])]
    starts_on: Annotated[Day | None, Field(description="first day, planned or real", examples=["2012-10-01"])] = None
    ends_on: Annotated[Day | None, Field(description="last day, planned or real", examples=["2013-06-30"])] = None


@partial
class StageUpdate(StageCreate):
    """The fields to change."""


@described_by(StageCreate)
class StageOut(ResourceView):
    """One step of a programme."""

    territory_id: UUID
    programme_id: UUID
    position: Annotated[int, Field(description="rank in the programme, from 1")]
    name: str
    status: StageStatus
    starts_on: date | None
    ends_on: date | None
    allowed_actions: Annotated[list[StageAction], Field(description="what you may do with it now")]


class StageMove(Body):
    """When a stage was started or completed."""

    on: Annotated[Day | None, Field(description="the day it was; null: no later than today")] = None


class StageReopen(Because):
    """Why a stage is taken up again."""


class StageOrder(Body):
    """All the stages of the programme, in the order they are to have."""

    stage_ids: Annotated[list[UUID], Field(max_length=200), distinct()]
