"""What enters and leaves of mentorships. No name of a mentee ever does."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.action_plans.mentorships.models import MentorshipState, Situation
from app.action_plans.mentorships.states import MentorshipVerb
from app.actors.schemas import ActorRef
from app.core.fields import Day, Line
from app.core.schemas import Body, ResourceView, View, described_by, partial

Outcome = Annotated[Situation, Field(description="what the mentee does at the end", examples=["apprenticeship"])]
LastDay = Annotated[Day | None, Field(description="last day; null: today", examples=["2014-06-20"])]


class MentorshipCreate(Body):
    """A mentorship to be offered within an action. The mentee's code is made here; whom it stands for is not kept."""

    action_id: UUID


class MentorshipMatch(Body):
    """Who mentors, and for which organisation."""

    mentor_id: Annotated[UUID, Field(description="a person who is of that organisation today")]
    actor_id: Annotated[UUID, Field(description="the organisation the mentor acts for; answered as `actor`")]


class MentorshipStart(Body):
    """Since when they meet."""

    started_on: Annotated[Day | None, Field(description="first day; null: today", examples=["2013-10-07"])] = None


class MentorshipComplete(Body):
    """How it ended."""

    outcome: Outcome
    ended_on: LastDay = None


class MentorshipInterrupt(Body):
    """Why it ended early."""

    reason: Annotated[Line, Field(description="name no one", examples=["Déménagement"])]
    outcome: Annotated[
        Situation | None, Field(description="what the mentee does then, if it is known", examples=["unknown"])
    ] = None
    ended_on: LastDay = None


@partial
class MentorshipUpdate(Body):
    """What is to be put right of one that has begun."""

    started_on: Annotated[Day, Field(description="first day", examples=["2013-10-07"])]
    ended_on: Annotated[Day, Field(description="last day, once it has ended", examples=["2014-06-20"])]
    outcome: Outcome


class FollowUpRecord(Body):
    """What became of the mentee. Given again, it takes the place of what was said."""

    months: Annotated[Literal[6, 12, 18, 24], Field(description="after the start", examples=[6])]
    situation: Annotated[Situation, Field(description="what the mentee does now", examples=["apprenticeship"])]
    done_on: Annotated[Day | None, Field(description="when it was asked; null: today", examples=["2014-04-08"])] = None
    note: Annotated[Line | None, Field(description="name no one", examples=["Contrat de deux ans"])] = None


@described_by(FollowUpRecord)
class FollowUpOut(View):
    """A moment to ask what became of the mentee."""

    months: int
    due_on: Annotated[date, Field(description="the day it is due", examples=["2014-04-07"])]
    done_on: date | None
    situation: Situation | None
    note: str | None


@described_by(MentorshipMatch)
@described_by(MentorshipInterrupt)
@described_by(MentorshipUpdate)
class MentorshipOut(ResourceView):
    """A mentor at the side of a mentee."""

    territory_id: UUID
    action_id: UUID
    mentee_code: Annotated[str, Field(description="stands for the mentee", examples=["K7MPXW4T"])]
    mentor_id: Annotated[UUID | None, Field(description="a person; null: none is found yet")]
    actor: Annotated[ActorRef | None, Field(description="the organisation the mentor acts for")]
    state: Annotated[MentorshipState, Field(examples=["active"])]
    state_reason: Annotated[str | None, Field(description="why it was interrupted")]
    started_on: date | None
    ended_on: date | None
    outcome: Situation | None
    follow_ups: Annotated[list[FollowUpOut], Field(description="at 6, 12, 18 and 24 months, once it has begun")]
    is_demonstration: Annotated[bool, Field(description="made up to show how things look")]
    allowed_actions: Annotated[list[MentorshipVerb], Field(description="what you may do with it now")]
