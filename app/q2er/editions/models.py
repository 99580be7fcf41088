"""Editions of Q2ER (Quand Entreprises et Élèves se Rencontrent): the programme of one school year."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from app.actors.models import Actor
from app.core.database_errors import describe_constraint
from app.core.db import Base, Resource, choice
from app.core.publication import Publishable, publication_checks


class EditionState(StrEnum):
    """How far an edition is."""

    PREPARING = "preparing"
    RUNNING = "running"
    CLOSED = "closed"


edition_schools = Table(
    "edition_schools",
    Base.metadata,
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    Column("actor_id", primary_key=True),
    Column("actor_kind", Text, Computed("'school'::text", persisted=True)),
    ForeignKeyConstraint(["actor_id", "actor_kind"], ["actors.id", "actors.kind"]),
    Index("edition_schools_actor_id_edition_id_idx", "actor_id", "edition_id"),
)
"""The schools whose classes an edition is for; the database holds them to be schools."""


class Edition(Publishable, Resource, Base):
    """A programme in one school year, from 1 September to 31 August (`2016-2017`).

    Its `number` is counted: how many editions the programme has up to that year. `theme` is its own, not one of the
    territory's. `replicated_from_id` is the edition whose structure it took over.
    """

    __tablename__ = "editions"
    __resource__ = "q2er/editions"
    __table_args__ = (
        UniqueConstraint("programme_id", "school_year"),
        UniqueConstraint("id", "school_year", "territory_id"),
        CheckConstraint("school_year_days(school_year) is not null", name="school_year"),
        *publication_checks(),
        Index("editions_territory_id_school_year_id_idx", "territory_id", "school_year", "id"),
        Index("editions_public_idx", "school_year", "id", postgresql_where=text("publication = 'published'")),
        Index(
            "editions_publish_at_idx",
            "publish_at",
            postgresql_where=text("publication = 'published' and publish_at is not null"),
        ),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    programme_id: Mapped[UUID] = mapped_column(ForeignKey("programmes.id"))
    school_year: Mapped[str]
    theme: Mapped[str | None]
    summary: Mapped[str | None]
    referent_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), index=True)
    state: Mapped[EditionState] = mapped_column(choice(EditionState), default=EditionState.PREPARING)
    replicated_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("editions.id", ondelete="SET NULL"), index=True)
    is_demonstration: Mapped[bool] = mapped_column(default=False)

    number: Mapped[int] = query_expression()
    """Its rank among those of the programme: filled in by `policy.in_full`."""

    schools: Mapped[list[Actor]] = relationship(
        lazy="raise",
        secondary=edition_schools,
        secondaryjoin=lambda: edition_schools.c.actor_id == Actor.id,
        order_by=(Actor.sort_name, Actor.id),
    )


for name, pointer, code in (
    ("editions_programme_id_school_year_key", "#/school_year", "edition_exists"),
    ("editions_school_year_check", "#/school_year", "school_year"),
    ("edition_schools_actor_id_actor_kind_fkey", "#/school_ids", "not_a_school"),
):
    describe_constraint(name, pointer, code)
