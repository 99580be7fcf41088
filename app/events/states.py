"""Where an event stands, where it can go from there, and who may take it there: one table."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from app.core import publication
from app.core.errors import ErrorAt, IllegalTransition, NotAllowed
from app.events.models import AttendanceMode, Event, EventStatus, RegistrationMode


class Stage(StrEnum):
    """How far an event is from its public."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    EMBARGOED = "embargoed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """What may be done to an event: PATCH, DELETE, and the verbs of its paths."""

    EDIT = "edit"
    DELETE = "delete"
    SUBMIT = "submit"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    POSTPONE = "postpone"
    RESCHEDULE = "reschedule"
    MOVE_ONLINE = "move-online"
    REINSTATE = "reinstate"


class Availability(StrEnum):
    """Whether one can sign up."""

    NOT_REQUIRED = "not_required"
    OPEN = "open"
    WAITLIST = "waitlist"
    FULL = "full"
    ELSEWHERE = "elsewhere"
    OVER = "over"
    CALLED_OFF = "called_off"


State = Stage | EventStatus
MOVES: Mapping[Action, Mapping[State, State]] = {
    Action.SUBMIT: {Stage.DRAFT: Stage.SUBMITTED},
    Action.PUBLISH: {
        Stage.DRAFT: Stage.PUBLISHED,
        Stage.SUBMITTED: Stage.PUBLISHED,
        Stage.EMBARGOED: Stage.PUBLISHED,
        Stage.WITHDRAWN: Stage.PUBLISHED,
    },
    Action.WITHDRAW: {Stage.PUBLISHED: Stage.WITHDRAWN, Stage.EMBARGOED: Stage.DRAFT},
    Action.CANCEL: {
        EventStatus.SCHEDULED: EventStatus.CANCELLED,
        EventStatus.POSTPONED: EventStatus.CANCELLED,
        EventStatus.RESCHEDULED: EventStatus.CANCELLED,
        EventStatus.MOVED_ONLINE: EventStatus.CANCELLED,
    },
    Action.POSTPONE: {
        EventStatus.SCHEDULED: EventStatus.POSTPONED,
        EventStatus.RESCHEDULED: EventStatus.POSTPONED,
        EventStatus.MOVED_ONLINE: EventStatus.POSTPONED,
    },
    Action.RESCHEDULE: {
        EventStatus.SCHEDULED: EventStatus.RESCHEDULED,
        EventStatus.POSTPONED: EventStatus.RESCHEDULED,
        EventStatus.RESCHEDULED: EventStatus.RESCHEDULED,
        EventStatus.MOVED_ONLINE: EventStatus.MOVED_ONLINE,
    },
    Action.MOVE_ONLINE: {
        EventStatus.SCHEDULED: EventStatus.MOVED_ONLINE,
        EventStatus.RESCHEDULED: EventStatus.MOVED_ONLINE,
    },
    Action.REINSTATE: {EventStatus.CANCELLED: EventStatus.SCHEDULED, EventStatus.POSTPONED: EventStatus.SCHEDULED},
}
"""From where each action leads where. What an event is announced as (its status) moves once it is published,
not before. The first line of each action is its usual one."""

CALLED_OFF = {EventStatus.CANCELLED, EventStatus.POSTPONED}
PUBLISHING = {Action.PUBLISH, Action.WITHDRAW}
UNANNOUNCED = {Stage.DRAFT, Stage.SUBMITTED}


def stage_of(event: Event, now: datetime) -> Stage:
    """How far an event is from its public at this instant."""
    stage = Stage(publication.stage_of(event, now))
    return Stage.SUBMITTED if stage is Stage.DRAFT and event.submitted_at else stage


def allowed_actions(event: Event, now: datetime, *, is_publisher: bool) -> Iterable[Action]:
    """What someone who may edit this event can do to it now."""
    return (
        a for a in Action if _is_entitled(a, stage_of(event, now), is_publisher) and _blocker(a, event, now) is None
    )


def require_allowed(action: Action, event: Event, now: datetime, *, is_publisher: bool) -> None:
    """Raises `NotAllowed` where it takes a publisher, `IllegalTransition` where the state does not lead there."""
    if not _is_entitled(action, stage_of(event, now), is_publisher):
        raise NotAllowed(ErrorAt("#", "publishers_only"))
    blocker = _blocker(action, event, now)
    if blocker is not None:
        goal = next(iter(MOVES[action].values()))
        raise IllegalTransition(blocker, goal, f"event_{blocker}")


def announce(action: Action, event: Event) -> None:
    """Move the event's status as the action says, from wherever it is; where it leads nowhere, leave it."""
    status = MOVES[action].get(event.status, event.status)
    assert isinstance(status, EventStatus)
    event.status = status


def seats_left(event: Event) -> int | None:
    """Seats nobody has taken; None when they are not limited, or not counted here."""
    if event.registration_mode is not RegistrationMode.INTERNAL or event.capacity is None:
        return None
    return event.capacity - event.seats_taken


def availability(event: Event, now: datetime) -> Availability:
    """Whether one can sign up at this instant."""
    if event.status in CALLED_OFF:
        return Availability.CALLED_OFF
    if event.ends_at <= now:
        return Availability.OVER
    if event.registration_mode is RegistrationMode.EXTERNAL:
        return Availability.ELSEWHERE
    if event.registration_mode is RegistrationMode.NONE:
        return Availability.NOT_REQUIRED
    if seats_left(event) != 0:
        return Availability.OPEN
    return Availability.WAITLIST if event.has_waitlist else Availability.FULL


def _is_entitled(action: Action, stage: Stage, is_publisher: bool) -> bool:
    """Those who cannot publish hand in drafts; what was announced is not theirs to change."""
    return is_publisher or (action not in PUBLISHING and stage in UNANNOUNCED)


def _blocker(action: Action, event: Event, now: datetime) -> State | None:
    """The state that stands in the way of an action; None when nothing does."""
    moves, stage = MOVES.get(action), stage_of(event, now)
    if moves is None:
        return None
    if isinstance(next(iter(moves)), Stage):
        return None if stage in moves else stage
    if stage is not Stage.PUBLISHED:
        return stage
    if event.status not in moves:
        return event.status
    is_online_already = action is Action.MOVE_ONLINE and event.attendance_mode is AttendanceMode.ONLINE
    return EventStatus.MOVED_ONLINE if is_online_already else None
