"""Query parameters of the list of mentorships."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Select, exists, literal, not_
from sqlalchemy.ext.asyncio import AsyncSession

from app.action_plans.mentorships.due import due_on
from app.action_plans.mentorships.models import FollowUp, Mentorship, MentorshipState
from app.territories.filters import TerritorySlug, UpdatedSince, territory_id_of, today_there


class MentorshipFilters(BaseModel):
    """Which mentorships. Several `state` widen the choice; the other parameters narrow it."""

    territory: TerritorySlug = None
    action: Annotated[UUID | None, Field(description="of this action")] = None
    state: Annotated[list[MentorshipState], Field(max_length=20, description="in one of these states")] = []
    mentor: Annotated[UUID | None, Field(description="by this person")] = None
    actor: Annotated[UUID | None, Field(description="by someone for this organisation")] = None
    follow_up_due: Annotated[bool | None, Field(description="with a follow-up that is due and not done, or not")] = None
    updated_since: UpdatedSince = None

    async def apply(self, session: AsyncSession, rows: Select[Mentorship]) -> Select[Mentorship]:
        """The mentorships asked for. Raises `InvalidInput` for an unknown territory."""
        if self.territory:
            rows = rows.where(Mentorship.territory_id == await territory_id_of(session, self.territory))
        if self.action:
            rows = rows.where(Mentorship.action_id == self.action)
        if self.state:
            rows = rows.where(Mentorship.state.in_(self.state))
        if self.mentor:
            rows = rows.where(Mentorship.mentor_id == self.mentor)
        if self.actor:
            rows = rows.where(Mentorship.actor_id == self.actor)
        if self.follow_up_due is not None:
            to_do = FollowUp.mentorship_id == Mentorship.id, FollowUp.done_on.is_(None)
            is_due = due_on(Mentorship.started_on) <= today_there(Mentorship.territory_id)
            found = exists(literal(1)).where(*to_do, is_due)
            rows = rows.where(found if self.follow_up_due else not_(found))
        return rows.where(Mentorship.updated_at >= self.updated_since) if self.updated_since else rows
