"""Minutes are written while open, closed once, and amended from then on."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from app.core.errors import IllegalTransition
from app.events.minutes.models import Minutes
from app.events.registrations.states import attendance_blocker


class MinutesState(StrEnum):
    """Whether minutes can still be written."""

    OPEN = "open"
    CLOSED = "closed"


class Action(StrEnum):
    """What may be done to minutes: PATCH, DELETE, and the verbs of their path."""

    EDIT = "edit"
    DELETE = "delete"
    CLOSE = "close"
    AMEND = "amend"


def state_of(minutes: Minutes) -> MinutesState:
    """Whether the minutes can still be written."""
    return MinutesState.CLOSED if minutes.closed_at else MinutesState.OPEN


def allowed_actions(minutes: Minutes, now: datetime) -> Sequence[Action]:
    """What someone who may change these minutes can do to them now."""
    return [action for action in Action if _blocker(action, minutes, now) is None]


def require_allowed(action: Action, minutes: Minutes, now: datetime) -> None:
    """Raises `IllegalTransition` where the state does not lead there."""
    blocker = _blocker(action, minutes, now)
    if blocker:
        state = state_of(minutes)
        goal = MinutesState.OPEN if action in (Action.EDIT, Action.DELETE) else MinutesState.CLOSED
        raise IllegalTransition(state, goal, blocker)


def _blocker(action: Action, minutes: Minutes, now: datetime) -> str | None:
    """What stands in the way of an action, as a code of `reason.*`; None when nothing does."""
    if action is Action.AMEND:
        return None if minutes.closed_at else "minutes_open"
    if minutes.closed_at:
        return "minutes_closed"
    if action is Action.CLOSE:
        return attendance_blocker(minutes.event, now) or (None if minutes.text else "minutes_empty")
    return None
