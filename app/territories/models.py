"""Territories, their municipalities and successors; themes; programmes and their stages."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, column, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Resource, choice

SLUG = "slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'"


class TerritoryKind(StrEnum):
    """What a territory is in law, or that it was drawn for a purpose."""

    MUNICIPALITY = "municipality"
    INTERMUNICIPALITY = "intermunicipality"
    DEPARTMENT = "department"
    AD_HOC = "ad_hoc"


class StageStatus(StrEnum):
    """Where a stage of a programme stands."""

    PLANNED = "planned"
    ACTIVE = "active"
    DONE = "done"


class Municipality(Base):
    """A commune, by its INSEE code (not its postal code)."""

    __tablename__ = "municipalities"
    __table_args__ = (CheckConstraint("insee_code ~ '^(\\d{2}|2A|2B)\\d{3}$'", name="insee_code"),)

    insee_code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class TerritoryMunicipality(Base):
    """A commune within a territory, from a day (included) until a day (excluded)."""

    __tablename__ = "territory_municipalities"
    __table_args__ = (
        CheckConstraint("valid_from < valid_until", name="validity"),
        ExcludeConstraint(
            (column("territory_id"), "="),
            (column("insee_code"), "="),
            (func.daterange(column("valid_from"), column("valid_until")), "&&"),
            name="territory_municipalities_overlap_excl",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id", ondelete="CASCADE"))
    insee_code: Mapped[str] = mapped_column(ForeignKey("municipalities.insee_code"), index=True)
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]

    municipality: Mapped[Municipality] = relationship(lazy="raise")


class Succession(Base):
    """One territory takes over from another on a day: series of figures run on across it."""

    __tablename__ = "territory_successions"
    __table_args__ = (CheckConstraint("predecessor_id <> successor_id", name="distinct"),)

    predecessor_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id", ondelete="CASCADE"), primary_key=True)
    successor_id: Mapped[UUID] = mapped_column(
        ForeignKey("territories.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    succeeds_on: Mapped[date]


class Territory(Resource, Base):
    """A perimeter of action. It may end, and be succeeded; its rows stay.

    `valid_from` is the first day, `valid_until` the first day it no longer exists.
    """

    __tablename__ = "territories"
    __resource__ = "territories"
    __table_args__ = (
        CheckConstraint(SLUG, name="slug"),
        CheckConstraint("siren_is_valid(siren)", name="siren"),
        CheckConstraint("valid_from < valid_until", name="validity"),
        CheckConstraint("default_locale in ('fr', 'en')", name="default_locale"),
        CheckConstraint("timezone_is_known(timezone)", name="timezone"),
    )

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[TerritoryKind] = mapped_column(choice(TerritoryKind))
    siren: Mapped[str | None] = mapped_column(unique=True)
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    timezone: Mapped[str]
    default_locale: Mapped[str]

    memberships: Mapped[list[TerritoryMunicipality]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by=TerritoryMunicipality.insee_code
    )
    predecessors: Mapped[list[Succession]] = relationship(
        lazy="raise", cascade="all, delete-orphan", foreign_keys=Succession.successor_id
    )
    successors: Mapped[list[Succession]] = relationship(
        lazy="raise", foreign_keys=Succession.predecessor_id, viewonly=True
    )


class Theme(Resource, Base):
    """A subject the territory works on, such as *insertion des jeunes*."""

    __tablename__ = "themes"
    __resource__ = "themes"
    __table_args__ = (
        UniqueConstraint("territory_id", "slug"),
        CheckConstraint(SLUG, name="slug"),
        CheckConstraint("position >= 1", name="position"),
        Index("themes_slug_idx", "slug"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    slug: Mapped[str]
    name: Mapped[str]
    description: Mapped[str | None]
    position: Mapped[int]


class Stage(Resource, Base):
    """One step of a programme, in its order."""

    __tablename__ = "stages"
    __resource__ = "stages"
    __table_args__ = (
        UniqueConstraint("programme_id", "position", deferrable=True, initially="DEFERRED"),
        Index("stages_one_active_idx", "programme_id", unique=True, postgresql_where=text("status = 'active'")),
        CheckConstraint("position >= 1", name="position"),
        CheckConstraint("starts_on <= ends_on", name="dates"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"), index=True)
    programme_id: Mapped[UUID] = mapped_column(ForeignKey("programmes.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str]
    status: Mapped[StageStatus] = mapped_column(choice(StageStatus), default=StageStatus.PLANNED)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]


class Programme(Resource, Base):
    """A *démarche* such as Agir Ensemble sur le Territoire: a purpose, objectives and stages in order."""

    __tablename__ = "programmes"
    __resource__ = "programmes"
    __table_args__ = (UniqueConstraint("territory_id", "name"),)

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    name: Mapped[str]
    purpose: Mapped[str | None]
    objectives: Mapped[list[str]] = mapped_column(default=list)
    launched_on: Mapped[date | None]

    stages: Mapped[list[Stage]] = relationship(lazy="raise", order_by=Stage.position, cascade="all, delete-orphan")
