"""Territories, their municipalities and successors; themes; programmes and their stages."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint, column, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database_errors import describe_constraint
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


class Gate(StrEnum):
    """What a stage must have reached before it can be completed (`stage_gates/conditions.py`)."""

    DESIGN = "design"
    MOBILISATION = "mobilisation"
    DIAGNOSIS = "diagnosis"
    CO_CONSTRUCTION = "co_construction"
    IMPLEMENTATION = "implementation"
    REPORT_BACK = "report_back"
    NEW_PARTNERSHIPS = "new_partnerships"
    DEPLOYMENT = "deployment"


class Municipality(Base):
    """A commune, by its INSEE code (not its postal code)."""

    __tablename__ = "municipalities"
    __table_args__ = (
        CheckConstraint("insee_code ~ '^([0-9]{2}|2A|2B)[0-9]{3}$'", name="insee_code"),
        Index(
            "municipalities_search_idx",
            "sort_name",
            postgresql_using="gin",
            postgresql_ops={"sort_name": "gin_trgm_ops"},
        ),
    )

    insee_code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    sort_name: Mapped[str] = mapped_column(Computed("searchable(name)", persisted=True))


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
            deferrable=True,
            initially="DEFERRED",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id", ondelete="CASCADE"))
    insee_code: Mapped[str] = mapped_column(ForeignKey("municipalities.insee_code"), index=True)
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]

    municipality: Mapped[Municipality] = relationship(lazy="raise")

    @property
    def name(self) -> str:
        """Of the commune, which must have been loaded."""
        return self.municipality.name


class Succession(Base):
    """One territory takes over from another on a day: series of figures run on across it.

    The database refuses a territory that would end up succeeding itself, and a day on which the one is still
    there or the other not yet (triggers of the migration).
    """

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

    @property
    def territory_id(self) -> UUID:
        """Itself: its changes are told with those of its rows."""
        return self.id


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
    """One step of a programme, in its order. With a `gate`, it is completed only when its checklist holds."""

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
    gate: Mapped[Gate | None] = mapped_column(choice(Gate))
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


for name, pointer, code in (
    ("territories_slug_key", "#/slug", "already_exists"),
    ("territories_siren_key", "#/siren", "already_exists"),
    ("territories_validity_check", "#/valid_until", "dates_reversed"),
    ("territories_timezone_check", "#/timezone", "unknown_timezone"),
    ("territories_succession_dates", "#/valid_from", "succession_dates"),
    ("territory_municipalities_insee_code_fkey", "#/items", "unknown_reference"),
    ("territory_municipalities_overlap_excl", "#/items", "overlapping_periods"),
    ("territory_successions_predecessor_id_fkey", "#/items", "unknown_reference"),
    ("territory_successions_distinct_check", "#/items", "succession_circle"),
    ("territory_successions_circle", "#/items", "succession_circle"),
    ("territory_successions_dates", "#/items", "succession_dates"),
    ("themes_territory_id_slug_key", "#/slug", "already_exists"),
    ("themes_territory_id_fkey", "#/territory_id", "unknown_reference"),
    ("programmes_territory_id_name_key", "#/name", "already_exists"),
    ("programmes_territory_id_fkey", "#/territory_id", "unknown_reference"),
    ("stages_dates_check", "#/ends_on", "dates_reversed"),
    ("stages_one_active_idx", "#", "one_active_stage"),
):
    describe_constraint(name, pointer, code)
