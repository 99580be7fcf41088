"""Internship offers: seats an organisation keeps for pupils, where, when and for what."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.actors.models import Actor
from app.core.database_errors import describe_constraint
from app.core.db import Base, Resource, choice
from app.internships.compliance.facts import Regime
from app.territories.models import Municipality, Theme


class OfferState(StrEnum):
    """Whether pupils may be placed on it."""

    OPEN = "open"
    CLOSED = "closed"


class InternshipOffer(Resource, Base):
    """Seats a host keeps for pupils from its first day to its last.

    `levels`: years of schooling it is for (none: all). `dangerous_work`: kinds of the list of the labour code.
    """

    __tablename__ = "internship_offers"
    __resource__ = "internship-offers"
    __table_args__ = (
        CheckConstraint("seats between 1 and 200", name="seats"),
        CheckConstraint("starts_on <= ends_on", name="dates"),
        CheckConstraint("latitude between -90 and 90 and longitude between -180 and 180", name="coordinates"),
        CheckConstraint("(latitude is null) = (longitude is null)", name="coordinates_together"),
        Index("internship_offers_territory_id_starts_on_id_idx", "territory_id", "starts_on", "id"),
        Index("internship_offers_host_id_starts_on_id_idx", "host_id", "starts_on", "id"),
        Index(
            "internship_offers_place_idx",
            func.point(text("longitude"), text("latitude")),
            postgresql_using="gist",
        ),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    host_id: Mapped[UUID] = mapped_column(ForeignKey("actors.id"))
    tutor_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), index=True)
    theme_id: Mapped[UUID | None] = mapped_column(ForeignKey("themes.id"), index=True)
    title: Mapped[str]
    tasks: Mapped[str]
    regime: Mapped[Regime] = mapped_column(choice(Regime))
    levels: Mapped[list[str]] = mapped_column(default=list)
    dangerous_work: Mapped[list[str]] = mapped_column(default=list)
    seats: Mapped[int] = mapped_column(SmallInteger)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    address: Mapped[str | None]
    insee_code: Mapped[str | None] = mapped_column(ForeignKey("municipalities.insee_code"), index=True)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    state: Mapped[OfferState] = mapped_column(choice(OfferState), default=OfferState.OPEN)
    is_demonstration: Mapped[bool] = mapped_column(default=False)

    host: Mapped[Actor] = relationship(lazy="raise")
    theme: Mapped[Theme | None] = relationship(lazy="raise")
    municipality: Mapped[Municipality | None] = relationship(lazy="raise")


for name, pointer, code in (
    ("internship_offers_dates_check", "#/ends_on", "dates_reversed"),
    ("internship_offers_coordinates_together_check", "#/longitude", "coordinates_together"),
    ("internship_offers_insee_code_fkey", "#/insee_code", "unknown_reference"),
):
    describe_constraint(name, pointer, code)
