"""Minutes of events: agenda, what was said, and the closing, after which only amendments speak.

The database itself (migration `registrations`) lets closed minutes, the registrations of their event, and amendments
stand as they are.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from uuid_utils.compat import uuid7

from app.core.database_errors import describe_constraint
from app.core.db import Base, Resource, choice
from app.events.models import Event
from app.events.registrations.models import Attendance


class AttendanceCorrection(Base):
    """What an amendment says of one registration's attendance, and what was held before."""

    __tablename__ = "attendance_corrections"

    amendment_id: Mapped[UUID] = mapped_column(ForeignKey("minutes_amendments.id"), primary_key=True)
    registration_id: Mapped[UUID] = mapped_column(
        ForeignKey("registrations.id", deferrable=True, initially="DEFERRED"), primary_key=True, index=True
    )
    attendance_before: Mapped[Attendance] = mapped_column(choice(Attendance, "attendance_before"))
    attendance: Mapped[Attendance] = mapped_column(choice(Attendance))


class Amendment(Base):
    """What closed minutes should have said: never changed, only followed by another. `author` is a caller's id."""

    __tablename__ = "minutes_amendments"
    __table_args__ = (UniqueConstraint("minutes_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    minutes_id: Mapped[UUID] = mapped_column(ForeignKey("minutes.id"))
    number: Mapped[int]
    text: Mapped[str]
    author: Mapped[str]
    made_at: Mapped[datetime]

    corrections: Mapped[list[AttendanceCorrection]] = relationship(lazy="raise", passive_deletes="all")


class Minutes(Resource, Base):
    """The minutes of one event. Once closed they stand; `closed_by` is a caller's id."""

    __tablename__ = "minutes"
    __resource__ = "minutes"
    __table_args__ = (
        UniqueConstraint("event_id"),
        CheckConstraint("(closed_at is null) = (closed_by is null)", name="closed_by"),
        CheckConstraint("closed_at is null or text is not null", name="text"),
        Index("minutes_territory_id_id_idx", "territory_id", "id"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"))
    agenda: Mapped[str | None]
    text: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    is_demonstration: Mapped[bool] = mapped_column(default=False)

    event: Mapped[Event] = relationship(lazy="raise")
    amendments: Mapped[list[Amendment]] = relationship(lazy="raise", passive_deletes="all", order_by=Amendment.number)


for name, pointer, code in (
    ("minutes_event_id_key", "#/event_id", "already_exists"),
    ("minutes_text_check", "#/text", "minutes_empty"),
    ("minutes_closed_check", "#", "minutes_closed"),
    ("minutes_begun_check", "#", "event_not_begun"),
    ("minutes_amendments_closed_check", "#", "minutes_open"),
):
    describe_constraint(name, pointer, code)
