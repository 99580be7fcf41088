"""What enters and leaves of milestones."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.fields import Day, Ids, Line
from app.core.schemas import Body, ResourceView, described_by, partial


class MilestoneVerb(StrEnum):
    """What can be done with a milestone; the first two are verbs of its address."""

    COMPLETE = "complete"
    REOPEN = "reopen"
    EDIT = "edit"
    DELETE = "delete"


class MilestoneCreate(Body):
    """A new milestone, after the others."""

    title: Annotated[Line, Field(examples=["Dix dirigeants ont accepté d’être tuteurs"])]
    due_on: Annotated[Day | None, Field(description="the day to reach it by", examples=["2013-10-31"])] = None


@partial
class MilestoneUpdate(MilestoneCreate):
    """The fields to change."""


class MilestoneComplete(Body):
    """Since when it is reached."""

    done_on: Annotated[Day | None, Field(description="the day it was; null: today", examples=["2013-10-24"])] = None


class MilestoneOrder(Body):
    """All the milestones of the action, in the order they are to have."""

    milestone_ids: Ids


@described_by(MilestoneCreate)
class MilestoneOut(ResourceView):
    """Something an action is to have reached by a day."""

    territory_id: UUID
    action_id: UUID
    position: Annotated[int, Field(description="rank in the action, from 1")]
    title: str
    due_on: date | None
    done_on: Annotated[date | None, Field(description="the day it was reached; null: not yet", examples=["2013-10-24"])]
    allowed_actions: Annotated[list[MilestoneVerb], Field(description="what you may do with it now")]
