"""Query parameters of the list of members of a working group."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Select

from app.core.fields import Day
from app.core.filters import holds_on
from app.dialogue.working_groups.models import GroupMember, WorkingGroup


class MemberFilters(BaseModel):
    """Which members of a group."""

    actor: Annotated[UUID | None, Field(description="on behalf of this actor")] = None
    on: Annotated[Day | None, Field(description="members on this day; without it, all of all times")] = None

    def apply(self, group: WorkingGroup, rows: Select[GroupMember]) -> Select[GroupMember]:
        """The members of the group asked for."""
        rows = rows.where(GroupMember.working_group_id == group.id)
        if self.actor:
            rows = rows.where(GroupMember.actor_id == self.actor)
        return rows.where(holds_on(self.on, GroupMember.valid_from, GroupMember.valid_until)) if self.on else rows
