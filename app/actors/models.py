"""Actors: the organisations of a territory, with identifiers the database itself checks."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Computed, ForeignKey, Index, Table, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database_errors import describe_constraint
from app.core.db import Base, Resource, choice
from app.territories.models import Municipality, Theme


class ActorKind(StrEnum):
    """What an organisation is."""

    COMPANY = "company"
    ASSOCIATION = "association"
    PUBLIC_BODY = "public_body"
    SCHOOL = "school"
    BUSINESS_CLUB = "business_club"
    OTHER = "other"


class HeadcountBand(StrEnum):
    """How many people an organisation employs (INSEE's bands, gathered)."""

    NONE = "0"
    FROM_1 = "1-9"
    FROM_10 = "10-19"
    FROM_20 = "20-49"
    FROM_50 = "50-249"
    FROM_250 = "250-999"
    FROM_1000 = "1000+"


actor_themes = Table(
    "actor_themes",
    Base.metadata,
    Column("actor_id", ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True),
    Column("theme_id", ForeignKey("themes.id"), primary_key=True, index=True),
)


class ActorExternalId(Base):
    """The name another system gives an actor."""

    __tablename__ = "actor_external_ids"
    __table_args__ = (UniqueConstraint("territory_id", "source", "external_id"),)

    actor_id: Mapped[UUID] = mapped_column(ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    id: Mapped[str] = mapped_column("external_id")


class Actor(Resource, Base):
    """An organisation of the territory. `listed`: it agreed to stand in the public directory."""

    __tablename__ = "actors"
    __resource__ = "actors"
    __table_args__ = (
        UniqueConstraint("territory_id", "siret"),
        UniqueConstraint("territory_id", "rna"),
        UniqueConstraint("territory_id", "uai"),
        UniqueConstraint("id", "kind"),
        CheckConstraint("siren_is_valid(siren)", name="siren"),
        CheckConstraint("siret_is_valid(siret)", name="siret"),
        CheckConstraint("left(siret, 9) = siren", name="siret_of_siren"),
        CheckConstraint("rna ~ '^W[0-9A-Z][0-9]{8}$'", name="rna"),
        CheckConstraint("uai_is_valid(uai)", name="uai"),
        CheckConstraint("naf ~ '^[0-9]{2}[.][0-9]{2}[A-Z]$'", name="naf"),
        CheckConstraint("postal_code ~ '^[0-9]{5}$'", name="postal_code"),
        CheckConstraint("website ~ '^https?://'", name="website"),
        CheckConstraint("valid_from < valid_until", name="validity"),
        Index("actors_territory_id_sort_name_id_idx", "territory_id", "sort_name", "id"),
        Index("actors_listed_idx", "territory_id", "sort_name", "id", postgresql_where=text("listed")),
        Index("actors_search_idx", "sort_name", postgresql_using="gin", postgresql_ops={"sort_name": "gin_trgm_ops"}),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    name: Mapped[str]
    sort_name: Mapped[str] = mapped_column(Computed("searchable(name)", persisted=True))
    kind: Mapped[ActorKind] = mapped_column(choice(ActorKind))
    description: Mapped[str | None]
    siren: Mapped[str | None] = mapped_column(index=True)
    siret: Mapped[str | None]
    rna: Mapped[str | None]
    uai: Mapped[str | None]
    naf: Mapped[str | None]
    headcount_band: Mapped[HeadcountBand | None] = mapped_column(choice(HeadcountBand))
    street: Mapped[str | None]
    postal_code: Mapped[str | None]
    insee_code: Mapped[str | None] = mapped_column(ForeignKey("municipalities.insee_code"), index=True)
    website: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    listed: Mapped[bool] = mapped_column(default=False)
    is_demonstration: Mapped[bool] = mapped_column(default=False)

    municipality: Mapped[Municipality | None] = relationship(lazy="raise")
    themes: Mapped[list[Theme]] = relationship(lazy="raise", secondary=actor_themes, order_by=Theme.position)
    external_ids: Mapped[list[ActorExternalId]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by=ActorExternalId.source
    )


for name, pointer, code in (
    ("actors_territory_id_fkey", "#/territory_id", "unknown_reference"),
    ("actors_insee_code_fkey", "#/insee_code", "unknown_reference"),
    ("actors_territory_id_siret_key", "#/siret", "already_exists"),
    ("actors_territory_id_rna_key", "#/rna", "already_exists"),
    ("actors_territory_id_uai_key", "#/uai", "already_exists"),
    ("actors_siren_check", "#/siren", "siren"),
    ("actors_siret_check", "#/siret", "siret"),
    ("actors_siret_of_siren_check", "#/siret", "siret_of_other_siren"),
    ("actors_rna_check", "#/rna", "rna"),
    ("actors_uai_check", "#/uai", "uai"),
    ("actors_naf_check", "#/naf", "naf"),
    ("actors_validity_check", "#/valid_until", "dates_reversed"),
    ("actor_external_ids_territory_id_source_external_id_key", "#/external_ids", "already_exists"),
):
    describe_constraint(name, pointer, code)
