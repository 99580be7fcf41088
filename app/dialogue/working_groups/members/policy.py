"""Who sees the members of working groups, and who may change them."""

from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, exists, false, literal, select
from sqlalchemy.orm import joinedload

from app.actors.people.models import Person
from app.core.db import one_or_404, require_visible
from app.core.errors import ErrorAt, NotAllowed
from app.core.routing import OpenSession
from app.dialogue.working_groups.models import GroupMember, GroupState, WorkingGroup
from app.dialogue.working_groups.policy import is_animator
from app.dialogue.working_groups.policy import load as load_group
from app.identity.caller import Caller, CurrentCaller, Role


def visible_to(caller: Caller) -> Select[GroupMember]:
    """The collectivité sees all members of its territories, a school or an organisation those on its own behalf."""
    members = (
        select(GroupMember)
        .where(GroupMember.territory_id.in_(caller.territory_ids))
        .options(
            joinedload(GroupMember.person).load_only(Person.first_name, Person.last_name),
            joinedload(GroupMember.actor),
        )
    )
    match caller.role:
        case Role.COLLECTIVITE:
            return members
        case Role.REFERENT | Role.CLUB_MEMBER:
            return members.where(GroupMember.actor_id.in_(caller.own_actor_ids))
        case Role.PARTNER | Role.OPERATOR:
            return members.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller) -> Select[GroupMember]:
    """A school or an organisation signs its own people up and out until the group is concluded; the collectivité also
    after, for those who were of it."""
    members = visible_to(caller)
    if is_animator(caller):
        return members
    return members.where(
        exists(literal(1)).where(
            WorkingGroup.id == GroupMember.working_group_id, WorkingGroup.state != GroupState.CONCLUDED
        )
    )


async def load_joined(group: Annotated[WorkingGroup, Depends(load_group)], caller: CurrentCaller) -> WorkingGroup:
    """Raises `NotFound`, or `NotAllowed` for a caller that has no people."""
    if caller.role in (Role.PARTNER, Role.OPERATOR):
        raise NotAllowed(ErrorAt("#", "no_people"))
    return group


async def load(member_id: UUID, caller: CurrentCaller, session: OpenSession) -> GroupMember:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(GroupMember.id == member_id))


async def load_editable(
    member: Annotated[GroupMember, Depends(load)], caller: CurrentCaller, session: OpenSession
) -> GroupMember:
    """Raises `NotFound`, or `NotAllowed` for a member of a group that is concluded."""
    await require_visible(session, member, within=editable(caller))
    return member


JoinedGroup = Annotated[WorkingGroup, Depends(load_joined)]
VisibleMember = Annotated[GroupMember, Depends(load)]
EditableMember = Annotated[GroupMember, Depends(load_editable)]
