"""What waits in events: those handed to review, and meetings nobody has written down."""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, literal_column

from app.core import clock
from app.core.publication import Publication
from app.core.tasks import TaskRows, task_rows
from app.events.minutes.models import Minutes
from app.events.models import MEETING, TO_REVIEW, Event, EventStatus
from app.events.policy import visible_to
from app.events.registrations.models import Attendance, Registration
from app.identity.caller import Caller

MEMORY = timedelta(days=365)
"""How far back a meeting is asked about: of an older one, nobody remembers what was said."""
NOT_HELD = (EventStatus.CANCELLED, EventStatus.POSTPONED)


def events_to_review(caller: Caller) -> TaskRows:
    """Events handed in and not yet published, due by the day they begin."""
    return task_rows(
        visible_to(caller).where(literal_column(f"({TO_REVIEW})")),
        resource="events",
        id_=Event.id,
        territory_id=Event.territory_id,
        title=Event.title,
        due_on=func.timezone(Event.timezone, Event.starts_at),
        reason="event_submitted",
    )


def meetings_to_write_down(caller: Caller) -> TaskRows:
    """Meetings held in the last twelve months without minutes, or of which nobody noted who came."""
    now = clock.now()
    is_over = and_(Event.ends_at <= now, Event.ends_at > now - MEMORY)
    is_held = and_(Event.status.not_in(NOT_HELD), Event.publication != Publication.WITHDRAWN)
    written, noted = _has_minutes(), _has_attendance()
    rows = visible_to(caller).where(literal_column(f"({MEETING})"), is_over, is_held, ~and_(written, noted))
    return task_rows(
        rows,
        resource="events",
        id_=Event.id,
        territory_id=Event.territory_id,
        title=Event.title,
        due_on=func.timezone(Event.timezone, Event.ends_at),
        reason=case(
            (written, literal("meeting_without_attendance")),
            (noted, literal("meeting_without_minutes")),
            else_=literal("meeting_without_minutes_nor_attendance"),
        ),
    )


def _has_minutes() -> ColumnElement[bool]:
    return exists(literal(1)).where(Minutes.event_id == Event.id, Minutes.text.is_not(None))


def _has_attendance() -> ColumnElement[bool]:
    noted = Registration.attendance != Attendance.UNKNOWN
    return exists(literal(1)).where(Registration.event_id == Event.id, noted)
