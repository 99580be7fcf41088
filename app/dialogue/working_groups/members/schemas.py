"""What enters and leaves of the members of working groups."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.actors.schemas import ActorRef
from app.core.fields import Day, Line, ValidUntil
from app.core.schemas import Body, ResourceView, described_by, partial
from app.events.registrations.schemas import PersonRef


class MemberFields(Body):
    """What a person does in a group, and when."""

    role: Annotated[Line | None, Field(description="in the group’s own words", examples=["Rapporteuse"])] = None
    valid_from: Annotated[Day | None, Field(description="first day; null: today", examples=["2012-10-18"])] = None
    valid_until: ValidUntil = None


class WorkingGroupMemberCreate(MemberFields):
    """A person to sign up to a group. Schools and organisations sign up their own people, in their own name."""

    person_id: Annotated[UUID, Field(description="who takes part; answered as `person`")]
    actor_id: Annotated[UUID, Field(description="on whose behalf; answered as `actor`")]


@partial
class WorkingGroupMemberUpdate(MemberFields):
    """The fields to change. Who takes part on another behalf becomes a member anew."""


@described_by(WorkingGroupMemberCreate)
class WorkingGroupMemberOut(ResourceView):
    """A person who takes part in a group, or did."""

    territory_id: UUID
    working_group_id: UUID
    person: Annotated[PersonRef | None, Field(description="who takes part; null: none of your people")]
    actor: Annotated[ActorRef, Field(description="on whose behalf")]
    role: str | None
    valid_from: date
    valid_until: date | None
