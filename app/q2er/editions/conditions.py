"""What must be there before an edition opens, and before it closes: found in one statement, told one by one."""

from sqlalchemy import ColumnElement, Select, exists, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ErrorAt
from app.core.publication import Publication
from app.events.held import NOT_HELD, has_attendance
from app.events.models import Event, EventKind
from app.events.registrations.models import Attendance
from app.q2er.editions.models import Edition
from app.q2er.participations.models import Participation
from app.q2er.sequences.models import Sequence

MOST_TOLD = 100


def is_session() -> ColumnElement[bool]:
    """Events that count as sessions: neither called off nor withdrawn."""
    return Event.status.not_in(NOT_HELD) & (Event.publication != Publication.WITHDRAWN)


def has_no_session() -> ColumnElement[bool]:
    """Sequences of which no session stands."""
    return ~exists(literal(1)).where(Event.sequence_id == Sequence.id, is_session())


async def missing_to_open(session: AsyncSession, edition: Edition) -> list[ErrorAt]:
    """It has sequences, and each has a session."""
    rows = select(Sequence.position, has_no_session().label("is_empty")).where(Sequence.edition_id == edition.id)
    found = (await session.execute(rows.order_by(Sequence.position).limit(MOST_TOLD))).all()
    if not found:
        return [ErrorAt("#", "edition_without_sequence")]
    return [ErrorAt("#", "sequence_without_session", {"position": row.position}) for row in found if row.is_empty]


async def missing_to_close(session: AsyncSession, edition: Edition) -> list[ErrorAt]:
    """Each session is over, and who came is noted; who was on a placement is noted with the placement."""
    found = (await session.execute(_unfinished(edition))).all()
    code = {True: "session_to_come", False: "session_without_attendance"}
    return [ErrorAt("#", code[row.is_to_come], {"position": row.position, "title": row.title}) for row in found]


def _unfinished(edition: Edition) -> Select[int, str, bool]:
    is_to_come = Event.ends_at > clock.now()
    noted = exists(literal(1)).where(Participation.event_id == Event.id, Participation.attendance != Attendance.UNKNOWN)
    is_unnoted = ~has_attendance() & ~noted & (Event.kind != EventKind.INTERNSHIP_PERIOD)
    sessions = select(Sequence.position, Event.title, is_to_come.label("is_to_come")).join(
        Event, Event.sequence_id == Sequence.id
    )
    of_it = sessions.where(Sequence.edition_id == edition.id, is_session(), is_to_come | is_unnoted)
    return of_it.order_by(Sequence.position, Event.starts_at, Event.id).limit(MOST_TOLD)
