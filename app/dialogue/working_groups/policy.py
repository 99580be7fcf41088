"""Who sees working groups, and who may change them. Names come through the people's own wall: a person out of the
caller's sight is null in a group within it."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload, with_expression

from app.actors.people.models import Person
from app.core import clock
from app.core.db import one_or_404
from app.core.errors import ErrorAt, NotAllowed
from app.core.publication import PUBLICATION_MOVES, is_announced, stage_of
from app.core.routing import OpenSession
from app.core.states import verbs_from
from app.dialogue.working_groups import states
from app.dialogue.working_groups.involvement import involves
from app.dialogue.working_groups.models import GroupLead, GroupMember, GroupState, WorkingGroup
from app.dialogue.working_groups.states import GroupVerb
from app.identity.caller import Caller, CurrentCaller, Role
from app.territories.filters import today_there


def visible_to(caller: Caller) -> Select[WorkingGroup]:
    """The collectivité sees all groups of its territories; others the published ones, and a school or an organisation
    those it leads, facilitates or is a member of, now or before."""
    groups = select(WorkingGroup).where(WorkingGroup.territory_id.in_(caller.territory_ids))
    match caller.role:
        case Role.COLLECTIVITE:
            return groups
        case Role.REFERENT | Role.CLUB_MEMBER:
            return groups.where(or_(is_announced(WorkingGroup), involves(caller.own_actor_ids)))
        case Role.PARTNER:
            return groups.where(is_announced(WorkingGroup))
        case Role.OPERATOR:
            return groups.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller) -> Select[WorkingGroup]:
    """The collectivité writes the groups of its territories; no one else does."""
    groups = visible_to(caller)
    return groups if is_animator(caller) else groups.where(false())


def in_full(groups: Select[WorkingGroup]) -> Select[WorkingGroup]:
    """The same groups with all that is shown of them."""
    today = today_there(WorkingGroup.territory_id)
    members = select(func.count(GroupMember.id)).where(
        GroupMember.working_group_id == WorkingGroup.id, _holds_today(today)
    )
    leads = selectinload(WorkingGroup.leads)
    return groups.options(
        joinedload(WorkingGroup.theme),
        leads.joinedload(GroupLead.actor),
        leads.joinedload(GroupLead.person).load_only(Person.first_name, Person.last_name),
        with_expression(WorkingGroup.member_count, members.scalar_subquery()),
        with_expression(WorkingGroup.today, today),
    )


def tell(caller: Caller, groups: Iterable[WorkingGroup]) -> None:
    """Put beside each group what it lacks today, and what the caller may do with it now."""
    for group in groups:
        assert group.today
        group.missing = states.missing(group.leads, group.today)
        group.allowed_actions = [*_writing(caller, group, group.today), *_joining(caller, group)]


def _writing(caller: Caller, group: WorkingGroup, today: date) -> list[str]:
    if not is_animator(caller) or "groups:write" not in caller.scopes:
        return []
    moves = [GroupVerb.EDIT, GroupVerb.DELETE, *states.verbs_of(group.state, group.leads, today)]
    return [*moves, *verbs_from(PUBLICATION_MOVES, stage_of(group, clock.now()))]


def _joining(caller: Caller, group: WorkingGroup) -> list[str]:
    if "registrations:write" not in caller.scopes:
        return []
    joins = [GroupVerb.JOIN] if takes_members(caller, group) else []
    return [*joins, *([GroupVerb.INVITE_MEMBERS] if is_animator(caller) else [])]


def takes_members(caller: Caller, group: WorkingGroup) -> bool:
    """Whether the caller may sign people up: a school or an organisation until the group is concluded, the
    collectivité also after, for those who were of it."""
    if caller.role in (Role.REFERENT, Role.CLUB_MEMBER):
        return group.state is not GroupState.CONCLUDED
    return is_animator(caller)


def is_animator(caller: Caller) -> bool:
    """Whether the caller runs the groups: the collectivité."""
    return caller.role is Role.COLLECTIVITE


def require_animator(caller: Caller) -> None:
    """Raises `NotAllowed` for who is not the collectivité."""
    if not is_animator(caller):
        raise NotAllowed(ErrorAt("#", "collectivite_only"))


def _holds_today(today: ColumnElement[date]) -> ColumnElement[bool]:
    is_over = GroupMember.valid_until <= today
    return and_(GroupMember.valid_from <= today, is_over.is_not(True))


async def load(working_group_id: UUID, caller: CurrentCaller, session: OpenSession) -> WorkingGroup:
    """Raises `NotFound`."""
    return await one_or_404(session, in_full(visible_to(caller)).where(WorkingGroup.id == working_group_id))


async def load_animated(group: Annotated[WorkingGroup, Depends(load)], caller: CurrentCaller) -> WorkingGroup:
    """Raises `NotFound`, or `NotAllowed` for who is not the collectivité."""
    require_animator(caller)
    return group


VisibleGroup = Annotated[WorkingGroup, Depends(load)]
AnimatedGroup = Annotated[WorkingGroup, Depends(load_animated)]
