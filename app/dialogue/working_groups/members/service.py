"""Who signs up to a working group, and on whose behalf."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import apply, one_or_404, save
from app.core.errors import Conflict, ErrorAt, InvalidInput
from app.core.filters import holds_on
from app.dialogue.working_groups.members import policy
from app.dialogue.working_groups.members.schemas import (
    WorkingGroupInvited,
    WorkingGroupMemberCreate,
    WorkingGroupMemberUpdate,
)
from app.dialogue.working_groups.models import GroupMember, GroupState, WorkingGroup
from app.dialogue.working_groups.policy import is_animator
from app.dialogue.working_groups.service import facilitator_is_member
from app.events.dates import local
from app.events.models import Event
from app.events.policy import visible_to as events_visible_to
from app.events.registrations import participants
from app.events.registrations.models import Registration, RegistrationStatus
from app.events.registrations.policy import on_list_of
from app.events.registrations.schemas import Participant
from app.events.registrations.service import hold, is_closed
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


async def invite_members(
    session: AsyncSession, caller: Caller, group: WorkingGroup, event_id: UUID
) -> WorkingGroupInvited:
    """Invite to an event those who are members on its day, but for who stands or stood on its list.

    Raises `InvalidInput` for an event of elsewhere, `Conflict` once its meeting is closed.
    """
    among = events_visible_to(caller).where(Event.territory_id == group.territory_id)
    event = await hold(session, event_id, among=among)
    if event is None:
        raise InvalidInput(ErrorAt("#/event_id", "unknown_reference"))
    if await is_closed(session, event):
        raise Conflict(ErrorAt("#/event_id", "meeting_closed"))
    day = local(event.starts_at, event.timezone).date()
    members = policy.visible_to(caller).where(
        GroupMember.working_group_id == group.id, holds_on(day, GroupMember.valid_from, GroupMember.valid_until)
    )
    found = (await session.scalars(members)).all()
    listed = set(await session.scalars(on_list_of(event).with_only_columns(Registration.person_id)))
    new = [member for member in found if member.person_id not in listed]
    session.add_all(
        Registration(
            territory_id=event.territory_id, event_id=event.id, person_id=member.person_id, actor_id=member.actor_id,
            status=RegistrationStatus.INVITED, external_ids=[],
        )
        for member in new
    )  # fmt: skip
    await session.flush()
    return WorkingGroupInvited(event_id=event.id, invited=len(new), listed_before=len(found) - len(new))


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
