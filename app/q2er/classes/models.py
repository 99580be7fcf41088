"""Classes of a school in a school year: a name, a level and head counts; who is in them is their school's to know."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.actors.models import Actor
from app.core.database_errors import describe_constraint
from app.core.db import Base, Resource, choice
from app.q2er.pupils.models import Level


class SchoolClass(Resource, Base):
    """A class, such as the 2nde 4 of 2016-2017. `headcount` is all its pupils; girls and boys where they are told."""

    __tablename__ = "classes"
    __resource__ = "q2er/classes"
    __table_args__ = (
        ForeignKeyConstraint(["school_id", "school_kind"], ["actors.id", "actors.kind"]),
        UniqueConstraint("school_id", "school_year", "name"),
        CheckConstraint("school_year_days(school_year) is not null", name="school_year"),
        CheckConstraint("headcount between 1 and 100", name="headcount"),
        CheckConstraint("girls >= 0 and boys >= 0", name="girls_and_boys"),
        CheckConstraint("coalesce(girls, 0) + coalesce(boys, 0) <= headcount", name="parts"),
        Index("classes_territory_id_school_year_sort_name_id_idx", "territory_id", "school_year", "sort_name", "id"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    school_id: Mapped[UUID]
    school_kind: Mapped[str] = mapped_column(Computed("'school'::text", persisted=True))
    school_year: Mapped[str]
    name: Mapped[str]
    sort_name: Mapped[str] = mapped_column(Computed("searchable(name)", persisted=True))
    level: Mapped[Level] = mapped_column(choice(Level))
    headcount: Mapped[int]
    girls: Mapped[int | None]
    boys: Mapped[int | None]
    is_demonstration: Mapped[bool] = mapped_column(default=False)

    school: Mapped[Actor] = relationship(lazy="raise", primaryjoin=lambda: SchoolClass.school_id == Actor.id)


for name, pointer, code in (
    ("classes_school_id_school_kind_fkey", "#/school_id", "not_a_school"),
    ("classes_school_id_school_year_name_key", "#/name", "already_exists"),
    ("classes_school_year_check", "#/school_year", "school_year"),
    ("classes_parts_check", "#/headcount", "more_than_the_class"),
):
    describe_constraint(name, pointer, code)
