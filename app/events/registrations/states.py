"""Where a registration stands, where it can go from there, and who may take it there: one table."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from app.core.errors import ErrorAt, IllegalTransition, NotAllowed
from app.events.models import Event, RegistrationMode
from app.events.registrations.models import Attendance, Registration, RegistrationStatus
from app.events.states import CALLED_OFF, Stage, seats_left, stage_of


class Action(StrEnum):
    """What may be done to a registration: DELETE, and the verbs of its paths."""

    REGISTER = "register"
    DECLINE = "decline"
    CANCEL = "cancel"
    NOTE_ATTENDANCE = "note-attendance"
    DELETE = "delete"


MOVES: Mapping[Action, Mapping[RegistrationStatus, RegistrationStatus]] = {
    Action.REGISTER: {
        RegistrationStatus.INVITED: RegistrationStatus.REGISTERED,
        RegistrationStatus.DECLINED: RegistrationStatus.REGISTERED,
    },
    Action.DECLINE: {RegistrationStatus.INVITED: RegistrationStatus.DECLINED},
    Action.CANCEL: {
        RegistrationStatus.INVITED: RegistrationStatus.CANCELLED,
        RegistrationStatus.REGISTERED: RegistrationStatus.CANCELLED,
        RegistrationStatus.WAITLISTED: RegistrationStatus.CANCELLED,
    },
}
"""From where each action leads where. Who registers when no seat is left waits for one instead, where the event has a
waiting list; who waits is registered when a seat is freed, without anyone asking."""

HOSTS_ONLY = {Action.NOTE_ATTENDANCE, Action.DELETE}


def allowed_actions(registration: Registration, now: datetime, *, is_host: bool) -> Iterable[Action]:
    """What someone who may change this registration can do to it now. A host keeps the list of the event."""
    return (
        action
        for action in Action
        if (is_host or action not in HOSTS_ONLY) and _blocker(action, registration, now, is_host=is_host) is None
    )


def require_allowed(action: Action, registration: Registration, now: datetime, *, is_host: bool) -> None:
    """Raises `NotAllowed` where it takes a host, `IllegalTransition` where the state does not lead there."""
    if not is_host and action in HOSTS_ONLY:
        raise NotAllowed(ErrorAt("#", "hosts_only"))
    blocker = _blocker(action, registration, now, is_host=is_host)
    if blocker:
        goals = MOVES.get(action, {RegistrationStatus.INVITED: Attendance.ATTENDED})
        raise IllegalTransition(registration.status, next(iter(goals.values())), blocker)


def sign_up_blocker(event: Event, now: datetime, *, is_host: bool) -> str | None:
    """Why one cannot sign up to the event now; None when one can, were it to wait for a seat.

    A host also notes sign-ups received on paper: before the event is announced, and after it is over.
    """
    if event.registration_mode is not RegistrationMode.INTERNAL:
        return "no_sign_up_here"
    if event.status in CALLED_OFF:
        return "event_called_off"
    if not is_host and stage_of(event, now) is not Stage.PUBLISHED:
        return "event_not_announced"
    if not is_host and event.ends_at <= now:
        return "event_over"
    return "event_full" if seats_left(event) == 0 and not event.has_waitlist else None


def attendance_blocker(event: Event, now: datetime) -> str | None:
    """Why attendance cannot be noted yet; None when it can."""
    if event.status in CALLED_OFF:
        return "event_called_off"
    return None if event.starts_at <= now else "event_not_begun"


def gives_seats(event: Event, now: datetime) -> bool:
    """Whether a seat that is freed goes to who waits for one."""
    return (
        event.registration_mode is RegistrationMode.INTERNAL and event.status not in CALLED_OFF and event.ends_at > now
    )


def _blocker(action: Action, registration: Registration, now: datetime, *, is_host: bool) -> str | None:
    """What stands in the way of an action, as a code of `reason.*`; None when nothing does."""
    event = registration.event
    if registration.is_meeting_closed:
        return "meeting_closed"
    if action is Action.NOTE_ATTENDANCE:
        is_cancelled = registration.status is RegistrationStatus.CANCELLED
        return "registration_cancelled" if is_cancelled else attendance_blocker(event, now)
    if action is Action.DELETE:
        return None
    if registration.status not in MOVES[action]:
        return f"registration_{registration.status}"
    if registration.noted_attendance is not Attendance.UNKNOWN:
        return "attendance_noted"
    if action is Action.REGISTER:
        return sign_up_blocker(event, now, is_host=is_host)
    return None if is_host or event.starts_at > now else "event_begun"
