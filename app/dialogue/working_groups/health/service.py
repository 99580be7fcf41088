"""How a working group is doing, counted from its meetings and who came to them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, case, cast, exists, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor, ActorKind
from app.core import clock
from app.core.publication import Publication
from app.dialogue.working_groups.health.schemas import Attended, MeetingHealth, WorkingGroupHealth
from app.dialogue.working_groups.models import GroupMember, WorkingGroup
from app.events.minutes.models import Minutes
from app.events.models import Event, EventKind
from app.events.registrations.answers import event_ref
from app.events.registrations.models import Attendance, Registration
from app.events.states import CALLED_OFF

SIDES = ("association", "company", "other")


async def health_of(session: AsyncSession, group: WorkingGroup) -> WorkingGroupHealth:
    """The figures of a group, for who sees all its meetings and all registrations on them."""
    meetings = [_meeting(row) for row in await session.execute(_held(group))]
    attended = {side: sum(getattr(meeting.attended, side) for meeting in meetings) for side in SIDES}
    return WorkingGroupHealth(
        working_group_id=group.id,
        member_count=group.member_count or 0,
        meetings_held=len(meetings),
        meetings_to_come=await session.scalar(_to_come(group)) or 0,
        minutes_missing=sum(not meeting.has_minutes for meeting in meetings),
        attendance_missing=sum(not meeting.has_attendance for meeting in meetings),
        attended=Attended(**attended),
        parity=parity(attended["association"], attended["company"]),
        meetings=meetings,
    )


def parity(associations: int, companies: int) -> float | None:
    """The fewer over the more, to the hundredth; None when there were none of either."""
    fewer, more = sorted((associations, companies))
    return round(fewer / more, 2) if more else None


def _meeting(row: Any) -> MeetingHealth:
    told: Mapping[str, Any] = row._mapping
    return MeetingHealth(
        event=event_ref(told["Event"]),
        has_minutes=told["has_minutes"],
        has_attendance=told["noted"] > 0,
        attended=Attended(**{side: told[side] for side in SIDES}),
    )


def _held(group: WorkingGroup) -> Any:
    """The meetings held with who came, on whose behalf: as their registration says, else as their membership."""
    day = cast(func.timezone(Event.timezone, Event.starts_at), Date)
    membership = and_(
        GroupMember.working_group_id == Event.working_group_id,
        GroupMember.person_id == Registration.person_id,
        GroupMember.valid_from <= day,
        or_(GroupMember.valid_until.is_(None), GroupMember.valid_until > day),
    )
    kind = case((Actor.kind.in_((ActorKind.ASSOCIATION, ActorKind.COMPANY)), Actor.kind), else_="other")
    came = Registration.attendance == Attendance.ATTENDED
    counts = [func.count(Registration.id).filter(came, kind == side).label(side) for side in SIDES]
    noted = func.count(Registration.id).filter(Registration.attendance != Attendance.UNKNOWN)
    closed = exists(literal(1)).where(Minutes.event_id == Event.id, Minutes.closed_at.is_not(None))
    return (
        select(Event, closed.label("has_minutes"), noted.label("noted"), *counts)
        .outerjoin(Registration, Registration.event_id == Event.id)
        .outerjoin(GroupMember, membership)
        .outerjoin(Actor, Actor.id == func.coalesce(Registration.actor_id, GroupMember.actor_id))
        .where(_is_meeting(group), Event.ends_at <= clock.now())
        .group_by(Event.id)
        .order_by(Event.starts_at, Event.id)
    )


def _to_come(group: WorkingGroup) -> Any:
    return select(func.count(Event.id)).where(_is_meeting(group), Event.ends_at > clock.now())


def _is_meeting(group: WorkingGroup) -> ColumnElement[bool]:
    """Meetings of the group that were not called off nor taken back."""
    return and_(
        Event.working_group_id == group.id,
        Event.kind == EventKind.WORKING_GROUP_SESSION,
        Event.status.not_in(CALLED_OFF),
        Event.publication != Publication.WITHDRAWN,
    )
