"""Which groups an actor has to do with."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, exists, literal, or_

from app.dialogue.working_groups.models import GroupLead, GroupMember, WorkingGroup


def involves(actor_ids: Collection[UUID]) -> ColumnElement[bool]:
    """Groups that one of these actors leads, facilitates or is a member of, now or before."""
    leads = exists(literal(1)).where(GroupLead.working_group_id == WorkingGroup.id, GroupLead.actor_id.in_(actor_ids))
    members = exists(literal(1)).where(
        GroupMember.working_group_id == WorkingGroup.id, GroupMember.actor_id.in_(actor_ids)
    )
    return or_(leads, members)
