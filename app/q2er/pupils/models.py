"""Pupils: minors, whose identity is kept in their school. Row-level security stands behind every read and write.

What others may count is the view `pupil_codes` (migration `pupils`): a code, a school and a class, and no name. A
pupil who is erased, or whose time is over, stays as such a code: counts of past years stay true, nobody is known.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    Uuid,
    column,
    table,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship
from uuid_utils.compat import uuid7

from app.core.database_errors import describe_constraint
from app.core.db import Base, Resource, choice

RETENTION = "school year + AET_PUPIL_RETENTION_YEARS, then only the code is left (`purge_on`)"
AUDIENCE = "the referent of the pupil's school"


def personal(purpose: str, audience: str = AUDIENCE) -> dict[str, Any]:
    """What the register of processing says of a column (RGPD 30). Its legal basis is the public task (RGPD 6.1.e)."""
    return {
        "personal": True,
        "basis": "public task (RGPD 6.1.e)",
        "purpose": purpose,
        "retention": RETENTION,
        "audience": audience,
    }


WHO = personal("to know which pupil took part, and who has had nothing yet")
SCHOOLING = personal("to count by class and level", f"{AUDIENCE}; others as a count of 5 or more")
REACH = personal("to reach and to have sign whoever answers for a minor")
MATCH = personal("to recognise the pupil in the school's own software")
HOST = personal("to introduce the pupil to the host of a placement", f"{AUDIENCE}; the host: first name and class")


CODES = table("pupil_codes", column("id", Uuid), column("one_id", Uuid))
"""Pupils without a name, for whoever counts: `one_id` is the entry that counts (migration `pupils`)."""


class Level(StrEnum):
    """The year of schooling."""

    TROISIEME = "3e"
    SECONDE = "2nde"
    PREMIERE = "1re"
    TERMINALE = "tle"
    SECONDE_PRO = "2nde_pro"
    PREMIERE_PRO = "1re_pro"
    TERMINALE_PRO = "tle_pro"
    CAP = "cap"
    BTS = "bts"


class PupilExternalId(Base):
    """The name the school's software, or another system of its, gives a pupil.

    `came_from_id`: the duplicate it was of before that was merged into this pupil.
    """

    __tablename__ = "pupil_external_ids"
    __table_args__ = (UniqueConstraint("school_id", "source", "external_id"),)

    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column("external_id", primary_key=True, info=MATCH)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("actors.id"))
    came_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("pupils.id", ondelete="SET NULL"), index=True)


class Guardian(Base):
    """A parent, or whoever else answers for a pupil (représentant légal): the first, or the second."""

    __tablename__ = "pupil_guardians"
    __table_args__ = (
        UniqueConstraint("pupil_id", "position"),
        CheckConstraint("position in (1, 2)", name="position"),
        CheckConstraint("email ~ '^[^@ ]+@[^@ ]+$'", name="email"),
        CheckConstraint("phone ~ '^[+][1-9][0-9]{6,14}$'", name="phone"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(SmallInteger)
    first_name: Mapped[str] = mapped_column(info=REACH)
    last_name: Mapped[str] = mapped_column(info=REACH)
    email: Mapped[str | None] = mapped_column(info=REACH)
    phone: Mapped[str | None] = mapped_column(info=REACH)


class Pupil(Resource, Base):
    """A pupil of a school. `purge_on`: the day from which only the code is left. `school_year`: of which the class is.

    One of two entries for the same pupil is merged into the other (`merged_into_id`) and keeps all that hangs on it,
    so that the merge can be undone; whoever counts takes `pupil_codes.one_id`. One that is merged has none merged
    into it. An erased pupil (`erased_at`) has neither name, birth date nor class name.
    """

    __tablename__ = "pupils"
    __resource__ = "q2er/pupils"
    __table_args__ = (
        ForeignKeyConstraint(["school_id", "school_kind"], ["actors.id", "actors.kind"]),
        ForeignKeyConstraint(
            ["merged_into_id", "school_id", "goes_into_one"],
            ["pupils.id", "pupils.school_id", "pupils.is_one"],
            name="pupils_merged_into_id_fkey",
        ),
        UniqueConstraint("id", "school_id", "is_one"),
        CheckConstraint("merged_into_id <> id", name="merged_into_itself"),
        CheckConstraint("school_year_days(school_year) is not null", name="school_year"),
        CheckConstraint(
            "case when erased_at is null then first_name <> '' and last_name <> '' and birth_date is not null"
            " else first_name = '' and last_name = '' and birth_date is null and class_name is null end",
            name="erased",
        ),
        Index("pupils_school_id_sort_name_id_idx", "school_id", "sort_name", "id"),
        Index("pupils_merged_into_id_idx", "merged_into_id"),
        Index("pupils_purge_on_idx", "purge_on", postgresql_where=text("erased_at is null")),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    school_id: Mapped[UUID]
    school_kind: Mapped[str] = mapped_column(Computed("'school'::text", persisted=True))
    first_name: Mapped[str] = mapped_column(info=HOST)
    last_name: Mapped[str] = mapped_column(info=WHO)
    sort_name: Mapped[str] = mapped_column(
        Computed("searchable(last_name || ' ' || first_name)", persisted=True), info=WHO
    )
    birth_date: Mapped[date | None] = mapped_column(info=WHO)
    class_name: Mapped[str | None] = mapped_column(info=HOST)
    level: Mapped[Level | None] = mapped_column(choice(Level), info=SCHOOLING)
    school_year: Mapped[str]
    purge_on: Mapped[date]
    merged_into_id: Mapped[UUID | None]
    is_one: Mapped[bool] = mapped_column(Computed("merged_into_id is null", persisted=True))
    goes_into_one: Mapped[bool | None] = mapped_column(
        Computed("nullif(merged_into_id is not null, false)", persisted=True)
    )
    erased_at: Mapped[datetime | None]
    is_demonstration: Mapped[bool] = mapped_column(default=False)

    guardians: Mapped[list[Guardian]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by=Guardian.position
    )
    external_ids: Mapped[list[PupilExternalId]] = relationship(
        lazy="raise",
        cascade="all, delete-orphan",
        foreign_keys=PupilExternalId.pupil_id,
        order_by=(PupilExternalId.source, PupilExternalId.id),
    )


class Erasure(Base):
    """A pupil who was erased, by a keyed hash of their code: a backup that brings them back has them erased again."""

    __tablename__ = "erasures"

    key_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    erased_at: Mapped[datetime]


for name, pointer, code in (
    ("pupils_school_id_school_kind_fkey", "#/school_id", "unknown_reference"),
    ("pupils_merged_into_id_fkey", "#/duplicate_id", "merged_already"),
    ("pupils_merged_into_itself_check", "#/duplicate_id", "merged_into_itself"),
    ("pupil_external_ids_school_id_source_external_id_key", "#/external_ids", "already_exists"),
    ("pupil_guardians_email_check", "#/guardians", "email"),
    ("pupil_guardians_phone_check", "#/guardians", "phone"),
):
    describe_constraint(name, pointer, code)
