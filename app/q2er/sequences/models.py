"""Sequences: what an edition is made of, in order. Their sessions are events that name them."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database_errors import describe_constraint
from app.core.db import Base, Resource, choice
from app.q2er.editions.models import Edition


class SequenceKind(StrEnum):
    """What takes place in a sequence."""

    TEACHERS_IN_COMPANIES = "teachers_in_companies"
    COMPANY_IN_SCHOOL = "company_in_school"
    TEACHER_TRAINING = "teacher_training"
    LEADER_INTERVIEWS = "leader_interviews"
    MOCK_INTERVIEWS = "mock_interviews"
    INTERNSHIPS = "internships"
    CLOSING = "closing"


class SequenceAudience(StrEnum):
    """For whom it is."""

    TEACHERS = "teachers"
    PUPILS = "pupils"
    LEADERS = "leaders"


class Sequence(Resource, Base):
    """One step of an edition. Its period (`ends_on` included) and its sessions lie in the school year of the edition.

    The copy of the school year lets the database hold it to that.
    """

    __tablename__ = "sequences"
    __resource__ = "q2er/sequences"
    __table_args__ = (
        ForeignKeyConstraint(
            ["edition_id", "school_year", "territory_id"],
            ["editions.id", "editions.school_year", "editions.territory_id"],
            name="sequences_edition_id_fkey",
        ),
        UniqueConstraint("edition_id", "position", deferrable=True, initially="DEFERRED"),
        UniqueConstraint("id", "territory_id"),
        CheckConstraint("position >= 1", name="position"),
        CheckConstraint("starts_on <= ends_on", name="dates"),
        CheckConstraint(
            "starts_on <@ school_year_days(school_year) and ends_on <@ school_year_days(school_year)",
            name="school_year",
        ),
        CheckConstraint("audience <@ array['teachers', 'pupils', 'leaders']", name="audience"),
        Index("sequences_territory_id_school_year_position_id_idx", "territory_id", "school_year", "position", "id"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    edition_id: Mapped[UUID]
    school_year: Mapped[str]
    position: Mapped[int]
    kind: Mapped[SequenceKind] = mapped_column(choice(SequenceKind))
    title: Mapped[str]
    objectives: Mapped[list[str]] = mapped_column(default=list)
    audience: Mapped[list[str]] = mapped_column(default=list)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    is_demonstration: Mapped[bool] = mapped_column(default=False)

    edition: Mapped[Edition] = relationship(lazy="raise")


for name, pointer, code in (
    ("sequences_dates_check", "#/ends_on", "dates_reversed"),
    ("sequences_school_year_check", "#/starts_on", "outside_school_year"),
    ("events_sequence_id_territory_id_fkey", "#/sequence_id", "unknown_reference"),
    ("events_school_year", "#", "session_outside_school_year"),
):
    describe_constraint(name, pointer, code)
