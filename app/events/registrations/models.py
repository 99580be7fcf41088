"""Who is asked to an event, who signs up, who waits for a seat, and who came.

What the database keeps besides the constraints told here (migration `registrations`): `events.seats_taken` is always
the number of registered rows that take a seat, and never passes the capacity; attendance is noted once the event has
begun; of a closed meeting nothing changes but by an amendment.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from app.actors.models import Actor
from app.actors.people.models import Person
from app.core.database_errors import describe_constraint
from app.core.db import Base, Resource, choice
from app.events.models import Event


class RegistrationStatus(StrEnum):
    """Where one stands before the event. All but a cancelled one are live: there is one for each person there."""

    INVITED = "invited"
    REGISTERED = "registered"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class Attendance(StrEnum):
    """Whether one came."""

    UNKNOWN = "unknown"
    ATTENDED = "attended"
    EXCUSED = "excused"
    ABSENT = "absent"


class RegistrationExternalId(Base):
    """The name another system gives a registration."""

    __tablename__ = "registration_external_ids"
    __table_args__ = (UniqueConstraint("territory_id", "source", "external_id"),)

    registration_id: Mapped[UUID] = mapped_column(ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    id: Mapped[str] = mapped_column("external_id")


class Registration(Resource, Base):
    """A person on an event, on behalf of an actor or not; or an actor that has named nobody yet.

    `waitlist_place` orders those who wait, first come first. `noted_attendance` is what was noted in the room,
    `corrected_attendance` what an amendment of the closed meeting says instead, `attendance` the one that holds.
    A walk-in came without a registration and takes no seat of those counted beforehand.
    """

    __tablename__ = "registrations"
    __resource__ = "registrations"
    __table_args__ = (
        CheckConstraint("num_nonnulls(person_id, actor_id) > 0", name="someone"),
        CheckConstraint("(status = 'waitlisted') = (waitlist_place is not null)", name="waitlist_place"),
        CheckConstraint("(noted_attendance = 'unknown') = (attendance_noted_at is null)", name="attendance_noted_at"),
        CheckConstraint("status <> 'cancelled' or noted_attendance = 'unknown'", name="cancelled"),
        CheckConstraint("not is_walk_in or status = 'registered'", name="walk_in"),
        Index(
            "registrations_event_id_person_id_key",
            "event_id",
            "person_id",
            unique=True,
            postgresql_where=text("status <> 'cancelled'"),
        ),
        Index(
            "registrations_event_id_actor_id_key",
            "event_id",
            "actor_id",
            unique=True,
            postgresql_where=text("person_id is null and status <> 'cancelled'"),
        ),
        Index(
            "registrations_waitlist_key",
            "event_id",
            "waitlist_place",
            unique=True,
            postgresql_where=text("status = 'waitlisted'"),
        ),
        Index("registrations_territory_id_id_idx", "territory_id", "id"),
        Index("registrations_territory_id_status_id_idx", "territory_id", "status", "id"),
        Index("registrations_territory_id_attendance_id_idx", "territory_id", "attendance", "id"),
        Index(
            "registrations_mobilisation_idx",
            "territory_id",
            "event_id",
            postgresql_include=["actor_id", "person_id", "status", "attendance", "is_walk_in"],
        ),
        Index("registrations_event_id_id_idx", "event_id", "id"),
        Index("registrations_actor_id_id_idx", "actor_id", "id"),
        Index("registrations_person_id_id_idx", "person_id", "id"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("actors.id"))
    status: Mapped[RegistrationStatus] = mapped_column(choice(RegistrationStatus))
    waitlist_place: Mapped[int | None]
    is_walk_in: Mapped[bool] = mapped_column(default=False)
    noted_attendance: Mapped[Attendance] = mapped_column(
        choice(Attendance, "noted_attendance"), default=Attendance.UNKNOWN
    )
    attendance_noted_at: Mapped[datetime | None]
    corrected_attendance: Mapped[Attendance | None] = mapped_column(choice(Attendance, "corrected_attendance"))
    attendance: Mapped[Attendance] = mapped_column(
        choice(Attendance), Computed("coalesce(corrected_attendance, noted_attendance)", persisted=True)
    )
    is_demonstration: Mapped[bool] = mapped_column(default=False)

    waitlist_position: Mapped[int | None] = query_expression()
    """How many are before, this one included: filled in by `policy.in_full`."""
    is_meeting_closed: Mapped[bool | None] = query_expression()
    """Whether the minutes of the event are closed: filled in by `policy.in_full`."""

    event: Mapped[Event] = relationship(lazy="raise")
    person: Mapped[Person | None] = relationship(lazy="raise")
    actor: Mapped[Actor | None] = relationship(lazy="raise")
    external_ids: Mapped[list[RegistrationExternalId]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by=RegistrationExternalId.source
    )


for name, pointer, code in (
    ("registrations_event_id_person_id_key", "#/person_id", "already_registered"),
    ("registrations_event_id_actor_id_key", "#/actor_id", "already_registered"),
    ("registrations_someone_check", "#/person_id", "someone"),
    ("registrations_begun_check", "#/attendance", "event_not_begun"),
    ("registrations_closed_check", "#", "meeting_closed"),
    ("registration_external_ids_territory_id_source_external_id_key", "#/external_ids", "already_exists"),
    ("events_seats_check", "#/registration/capacity", "capacity_below_registered"),
    ("events_begun_check", "#/starts_at", "attendance_was_noted"),
):
    describe_constraint(name, pointer, code)
