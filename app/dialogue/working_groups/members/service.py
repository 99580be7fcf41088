"""Who signs up to a working group, and on whose behalf."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import apply, one_or_404, save
from app.core.errors import Conflict, ErrorAt
from app.dialogue.working_groups.members import policy
from app.dialogue.working_groups.members.schemas import WorkingGroupMemberCreate, WorkingGroupMemberUpdate
from app.dialogue.working_groups.models import GroupMember, GroupState, WorkingGroup
from app.dialogue.working_groups.policy import is_animator
from app.dialogue.working_groups.service import facilitator_is_member
from app.events.registrations import participants
from app.events.registrations.schemas import Participant
from app.identity.caller import Caller
from app.territories.service import today_in


async def add_member(
    session: AsyncSession, caller: Caller, group: WorkingGroup, body: WorkingGroupMemberCreate
) -> GroupMember:
    """Someone more in a group. Raises `InvalidInput` for who is out of sight, `NotAllowed` for who is another's,
    `Conflict` for who is a member then already, facilitates it, or once it is concluded."""
    held = select(WorkingGroup.state).where(WorkingGroup.id == group.id).with_for_update(read=True)
    if await session.scalar(held) is GroupState.CONCLUDED and not is_animator(caller):
        raise Conflict(ErrorAt("#", "group_concluded"))
    who = Participant(person_id=body.person_id, actor_id=body.actor_id)
    await participants.require(session, caller, group.territory_id, [(who, "#")])
    member = GroupMember(territory_id=group.territory_id, working_group_id=group.id)
    return await _write(session, caller, member, dict(body))


async def update_member(
    session: AsyncSession, caller: Caller, member: GroupMember, body: WorkingGroupMemberUpdate
) -> GroupMember:
    """Change the fields given. Raises `Conflict` as `add_member`."""
    held = select(WorkingGroup.id).where(WorkingGroup.id == member.working_group_id).with_for_update(read=True)
    await session.execute(held)
    return await _write(session, caller, member, body.given())


async def _write(session: AsyncSession, caller: Caller, member: GroupMember, values: dict[str, Any]) -> GroupMember:
    """Within the held group, whose facilitator cannot change meanwhile."""
    if "valid_from" in values:
        values["valid_from"] = values["valid_from"] or await today_in(session, member.territory_id)
    apply(member, values)
    await save(session, member, within=policy.editable(caller))
    if await facilitator_is_member(session, member.working_group_id):
        raise Conflict(ErrorAt("#/person_id", "facilitator_is_member"))
    shown = policy.visible_to(caller).where(GroupMember.id == member.id)
    return await one_or_404(session, shown.execution_options(populate_existing=True))
