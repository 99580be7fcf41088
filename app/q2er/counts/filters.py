"""Query parameters of the ledger of an edition."""

from typing import Annotated, Any

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Date, Select, cast, func, literal_column, select

from app.core.errors import ErrorAt, InvalidInput
from app.core.fields import Day, Line
from app.events.models import Event
from app.events.registrations.models import Attendance
from app.events.states import CALLED_OFF
from app.q2er.participations.models import Participation
from app.q2er.pupils.holdings import occupied
from app.q2er.pupils.models import CODES, Pupil

AWAY = (Attendance.ABSENT, Attendance.EXCUSED)


class LedgerFilters(BaseModel):
    """Which pupils of the ledger; for their school only."""

    from_: Annotated[Day | None, Field(alias="from", description="first day; goes with `until`")] = None
    until: Annotated[Day | None, Field(description="last day, included; goes with `from`")] = None
    nothing: Annotated[bool, Field(description="those who have nothing on these days: no session, no placement")] = (
        False
    )
    class_name: Annotated[Line | None, Field(description="of this class, as the school writes it")] = None

    @property
    def is_asked(self) -> bool:
        """Whether anything narrows the ledger."""
        return bool(self.from_ or self.until or self.nothing or self.class_name)

    def apply(self, rows: Select[Pupil]) -> Select[Pupil]:
        """The pupils asked for: with something on these days, or with nothing. Raises `InvalidInput`."""
        if self.class_name:
            rows = rows.where(Pupil.class_name == self.class_name)
        if self.from_ is None and self.until is None and not self.nothing:
            return rows
        missing = [name for name, day in (("from", self.from_), ("until", self.until)) if day is None]
        if missing or self.from_ is None or self.until is None:
            raise InvalidInput(*(ErrorAt(f"?{name}", "missing") for name in missing))
        if self.until < self.from_:
            raise InvalidInput(ErrorAt("?until", "before_from"))
        busy = Pupil.id.in_(self._in_a_session()) | occupied(Pupil.id, self.from_, self.until)
        return rows.where(~busy if self.nothing else busy)

    def _in_a_session(self) -> Select[Any]:
        """Codes of pupils who were, or are to be, in a session that falls on these days."""
        return (
            select(CODES.c.one_id)
            .join(Participation, Participation.pupil_id == CODES.c.id)
            .join(Event, Event.id == Participation.event_id)
            .where(
                Participation.attendance.not_in(AWAY),
                Event.status.not_in(CALLED_OFF),
                _day(Event.starts_at) <= self.until,
                _day(Event.ends_at - literal_column("interval '1 microsecond'")) >= self.from_,
            )
        )


def _day(instant: Any) -> ColumnElement[Any]:
    """The calendar day where the session is."""
    return cast(func.timezone(Event.timezone, instant), Date)
