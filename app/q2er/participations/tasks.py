"""What waits in Q2ER: sessions of which nobody noted who came."""

from sqlalchemy import exists, func, literal

from app.core.tasks import TaskRows, task_rows
from app.events.held import has_attendance, is_held
from app.events.models import Event, EventKind
from app.events.policy import visible_to
from app.events.registrations.models import Attendance
from app.identity.caller import Caller
from app.q2er.editions.models import Edition, EditionState
from app.q2er.participations.models import Participation
from app.q2er.sequences.models import Sequence


def sessions_to_note(caller: Caller) -> TaskRows:
    """Sessions held in an edition that is not closed, of which nobody noted who came; who was on a placement is noted
    with the placement."""
    noted = exists(literal(1)).where(Participation.event_id == Event.id, Participation.attendance != Attendance.UNKNOWN)
    rows = (
        visible_to(caller)
        .join(Sequence, Sequence.id == Event.sequence_id)
        .join(Edition, Edition.id == Sequence.edition_id)
        .where(is_held(), ~noted, ~has_attendance(), Event.kind != EventKind.INTERNSHIP_PERIOD)
        .where(Edition.state != EditionState.CLOSED)
    )
    return task_rows(
        rows,
        resource="events",
        id_=Event.id,
        territory_id=Event.territory_id,
        title=Event.title,
        due_on=func.timezone(Event.timezone, Event.ends_at),
        reason="session_without_attendance",
    )
