"""Every kind of task, and the function of its domain that finds them within a caller's sight."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from app.action_plans.tasks import follow_ups_due, late_actions, needs_without_action
from app.core.tasks import TaskRows
from app.events.tasks import events_to_review, meetings_to_write_down
from app.identity.caller import Caller
from app.partnerships.tasks import partnerships_to_renew
from app.q2er.participations.tasks import sessions_to_note


class TaskKind(StrEnum):
    """What waits for somebody."""

    EVENT_TO_REVIEW = "event_to_review"
    MEETING_TO_WRITE_DOWN = "meeting_to_write_down"
    NEED_WITHOUT_ACTION = "need_without_action"
    LATE_ACTION = "late_action"
    PARTNERSHIP_TO_RENEW = "partnership_to_renew"
    FOLLOW_UP_DUE = "follow_up_due"
    SESSION_TO_NOTE = "session_to_note"


TASKS: Mapping[TaskKind, Callable[[Caller], TaskRows]] = {
    TaskKind.EVENT_TO_REVIEW: events_to_review,
    TaskKind.MEETING_TO_WRITE_DOWN: meetings_to_write_down,
    TaskKind.NEED_WITHOUT_ACTION: needs_without_action,
    TaskKind.LATE_ACTION: late_actions,
    TaskKind.PARTNERSHIP_TO_RENEW: partnerships_to_renew,
    TaskKind.FOLLOW_UP_DUE: follow_ups_due,
    TaskKind.SESSION_TO_NOTE: sessions_to_note,
}
