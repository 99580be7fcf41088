"""People: contacts of the organisations. Row-level security stands behind every read and write of them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, column, func
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.core.database_errors import describe_constraint
from app.core.db import Base, Resource

PERSONAL = {"personal": True}


class Affiliation(Resource, Base):
    """What a person is to an organisation, for a period (`valid_until` is excluded).

    The same role of the same person there never holds twice on one day.
    """

    __tablename__ = "affiliations"
    __resource__ = "affiliations"
    __table_args__ = (
        CheckConstraint("valid_from < valid_until", name="validity"),
        ExcludeConstraint(
            (column("person_id"), "="),
            (column("actor_id"), "="),
            (column("role"), "="),
            (func.daterange(column("valid_from"), column("valid_until")), "&&"),
            name="affiliations_overlap_excl",
        ),
        Index("affiliations_actor_id_person_id_idx", "actor_id", "person_id"),
        Index("affiliations_person_id_idx", "person_id"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", deferrable=True))
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("actors.id"))
    role: Mapped[str] = mapped_column(info=PERSONAL)
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]


class Person(Resource, Base):
    """A contact of a territory: who they are, how to reach them, and how and when they agreed to be contacted."""

    __tablename__ = "people"
    __resource__ = "people"
    __table_args__ = (
        CheckConstraint("email ~ '^[^@ ]+@[^@ ]+$'", name="email"),
        CheckConstraint("phone ~ '^[+][1-9][0-9]{6,14}$'", name="phone"),
        CheckConstraint("(agreed_to_contact_at is null) = (agreed_how is null)", name="agreement"),
        Index("people_territory_id_sort_name_id_idx", "territory_id", "sort_name", "id"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    first_name: Mapped[str] = mapped_column(info=PERSONAL)
    last_name: Mapped[str] = mapped_column(info=PERSONAL)
    sort_name: Mapped[str] = mapped_column(
        Computed("searchable(last_name || ' ' || first_name)", persisted=True), info=PERSONAL
    )
    job_title: Mapped[str | None] = mapped_column(info=PERSONAL)
    email: Mapped[str | None] = mapped_column(info=PERSONAL)
    phone: Mapped[str | None] = mapped_column(info=PERSONAL)
    agreed_to_contact_at: Mapped[datetime | None] = mapped_column(info=PERSONAL)
    agreed_how: Mapped[str | None] = mapped_column(info=PERSONAL)
    is_demonstration: Mapped[bool] = mapped_column(default=False)

    affiliations: Mapped[list[Affiliation]] = relationship(lazy="raise", passive_deletes="all", order_by=Affiliation.id)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        """Nothing is read back while writing: a new person is in no one's sight before their affiliation is."""
        return {"version_id_col": cls.version, "eager_defaults": False}


for name, pointer, code in (
    ("people_territory_id_fkey", "#/territory_id", "unknown_reference"),
    ("people_agreement_check", "#/agreed_how", "agreement"),
    ("affiliations_actor_id_fkey", "#/actor_id", "unknown_reference"),
    ("affiliations_validity_check", "#/valid_until", "dates_reversed"),
    ("affiliations_overlap_excl", "#/valid_from", "overlapping_periods"),
):
    describe_constraint(name, pointer, code)
