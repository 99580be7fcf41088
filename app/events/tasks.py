"""What waits in events: those handed to review, and meetings nobody has written down."""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, literal_column

from app.core import clock
from app.core.tasks import TaskRows, task_rows
from app.events.held import has_attendance, is_held
from app.events.minutes.models import Minutes
from app.events.models import MEETING, TO_REVIEW, Event
from app.events.policy import visible_to
from app.identity.caller import Caller

MEMORY = timedelta(days=365)
"""How far back a meeting is asked about: of an older one, nobody remembers what was said."""


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
    is_recent = Event.ends_at > clock.now() - MEMORY
    written, noted = _has_minutes(), has_attendance()
    rows = visible_to(caller).where(literal_column(f"({MEETING})"), is_recent, is_held(), ~and_(written, noted))
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
