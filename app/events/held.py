"""What is known of an event that took place."""

from sqlalchemy import ColumnElement, and_, exists, literal

from app.core import clock
from app.core.publication import Publication
from app.events.models import Event, EventStatus
from app.events.registrations.models import Attendance, Registration

NOT_HELD = (EventStatus.CANCELLED, EventStatus.POSTPONED)


def is_held() -> ColumnElement[bool]:
    """Events that are over, and were neither called off nor withdrawn."""
    is_over = Event.ends_at <= clock.now()
    return and_(is_over, Event.status.not_in(NOT_HELD), Event.publication != Publication.WITHDRAWN)


def has_attendance() -> ColumnElement[bool]:
    """Events of which somebody noted who came."""
    noted = Registration.attendance != Attendance.UNKNOWN
    return exists(literal(1)).where(Registration.event_id == Event.id, noted)
