"""Partnerships: who agreed to do something together, what each puts into it, and what they think of it."""

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    SmallInteger,
    UniqueConstraint,
    column,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.actors.models import Actor
from app.core.database_errors import describe_constraint
from app.core.db import Base, Resource, choice
from app.core.publication import Publishable, publication_checks
from app.territories.models import Theme

AMOUNT = Numeric(14, 2)
RENEWAL_NOTICE = timedelta(days=90)
"""How long before the end of its period a partnership is to be renewed: time to meet, decide and sign again."""


class PartnershipType(StrEnum):
    """What kind of alliance it is."""

    PATRONAGE = "patronage"
    RESPONSIBLE_PRACTICE = "responsible_practice"
    ECONOMIC_COOPERATION = "economic_cooperation"
    SOCIETAL_INNOVATION = "societal_innovation"


class PartnershipStage(StrEnum):
    """How far a partnership is."""

    PROSPECT = "prospect"
    IN_DISCUSSION = "in_discussion"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


RUNNING = (PartnershipStage.ACTIVE, PartnershipStage.SUSPENDED)
"""The stages in which a partnership has a period that will end."""

SCORES = ("performance", "innovation", "trust", "balance")
"""What a partnership is judged on."""


class ContributionKind(StrEnum):
    """What a party gives."""

    MONEY = "money"
    HOURS = "hours"
    PREMISES = "premises"
    SKILLS = "skills"


class ContributionUnit(StrEnum):
    """What it is counted in. Hours of people, of use of premises and of expertise are never added together."""

    EUR = "EUR"
    HOUR = "hour"


class Contribution(Base):
    """What one party gives, to another party or to the common work. A real amount that is null is not known yet,
    which is not zero."""

    __tablename__ = "partnership_contributions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["partnership_id", "giver_id"],
            ["partnership_parties.partnership_id", "partnership_parties.actor_id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["partnership_id", "recipient_id"],
            ["partnership_parties.partnership_id", "partnership_parties.actor_id"],
            name="partnership_contributions_recipient_fkey",
        ),
        CheckConstraint("giver_id <> recipient_id", name="recipient"),
        CheckConstraint("num_nonnulls(planned_amount, real_amount) >= 1", name="amount"),
        CheckConstraint("planned_amount >= 0 and real_amount >= 0", name="amounts"),
        Index("partnership_contributions_recipient_idx", "partnership_id", "recipient_id"),
    )

    partnership_id: Mapped[UUID] = mapped_column(primary_key=True)
    giver_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    recipient_id: Mapped[UUID | None]
    kind: Mapped[ContributionKind] = mapped_column(choice(ContributionKind))
    description: Mapped[str | None]
    planned_amount: Mapped[Decimal | None] = mapped_column(AMOUNT)
    real_amount: Mapped[Decimal | None] = mapped_column(AMOUNT)

    @property
    def unit(self) -> ContributionUnit:
        """Euros for money, hours for the rest."""
        return unit_of(self.kind)


class Party(Resource, Base):
    """An actor in a partnership: its role, what it gives and what it looks for."""

    __tablename__ = "partnership_parties"
    __resource__ = "partnership-parties"
    __table_args__ = (
        UniqueConstraint("partnership_id", "actor_id"),
        Index("partnership_parties_actor_id_partnership_id_idx", "actor_id", "partnership_id"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnerships.id", ondelete="CASCADE"))
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("actors.id"))
    role: Mapped[str]
    benefit_sought: Mapped[str | None]

    actor: Mapped[Actor] = relationship(lazy="raise")
    contributions: Mapped[list[Contribution]] = relationship(
        lazy="raise",
        cascade="all, delete-orphan",
        foreign_keys=(Contribution.partnership_id, Contribution.giver_id),
        order_by=Contribution.position,
    )


class Partnership(Publishable, Resource, Base):
    """A partnership of a territory. An active one has two parties at least: the database holds it to that
    (triggers of the migration).

    `starts_on` and `ends_on` are the first and last day agreed; `ended_on` is its last day in truth, or the day it was
    given up.
    `stage_reason` says why it is suspended or has ended.
    """

    __tablename__ = "partnerships"
    __resource__ = "partnerships"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="period"),
        CheckConstraint("(ended_on is not null) = (stage = 'ended')", name="ended_on"),
        CheckConstraint("(stage_reason is not null) = (stage in ('suspended', 'ended'))", name="stage_reason"),
        *publication_checks(),
        Index("partnerships_territory_id_sort_title_id_idx", "territory_id", "sort_title", "id"),
        Index("partnerships_public_idx", "sort_title", "id", postgresql_where=text("publication = 'published'")),
        Index(
            "partnerships_publish_at_idx",
            "publish_at",
            postgresql_where=text("publication = 'published' and publish_at is not null"),
        ),
        Index(
            "partnerships_renewal_idx",
            "territory_id",
            "ends_on",
            postgresql_where=text("stage in ('active', 'suspended')"),
        ),
        Index(
            "partnerships_search_idx",
            "sort_title",
            postgresql_using="gin",
            postgresql_ops={"sort_title": "gin_trgm_ops"},
        ),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    theme_id: Mapped[UUID | None] = mapped_column(ForeignKey("themes.id"), index=True)
    title: Mapped[str]
    sort_title: Mapped[str] = mapped_column(Computed("searchable(title)", persisted=True))
    type: Mapped[PartnershipType] = mapped_column(choice(PartnershipType))
    objectives: Mapped[list[str]] = mapped_column(default=list)
    agreement_reference: Mapped[str | None]
    agreement_signed_on: Mapped[date | None]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    stage: Mapped[PartnershipStage] = mapped_column(choice(PartnershipStage), default=PartnershipStage.PROSPECT)
    stage_reason: Mapped[str | None]
    ended_on: Mapped[date | None]
    is_demonstration: Mapped[bool] = mapped_column(default=False)

    theme: Mapped[Theme | None] = relationship(lazy="raise")
    parties: Mapped[list[Party]] = relationship(lazy="raise", cascade="all, delete-orphan", order_by=Party.id)

    @property
    def renewal_due_on(self) -> date | None:
        """From when it is to be renewed; None while nothing will end."""
        return self.ends_on - RENEWAL_NOTICE if self.ends_on and self.stage in RUNNING else None


class Review(Resource, Base):
    """What one party thinks of the partnership for a period, both days included: four scores from 1 to 5.

    `is_by_party`: written by the party through its own account, so that no one else changes it; else the
    collectivité entered what the party told it.
    """

    __tablename__ = "partnership_reviews"
    __resource__ = "partnership-reviews"
    __table_args__ = (
        ForeignKeyConstraint(
            ["partnership_id", "actor_id"],
            ["partnership_parties.partnership_id", "partnership_parties.actor_id"],
            name="partnership_reviews_party_fkey",
        ),
        CheckConstraint("starts_on <= ends_on", name="period"),
        *(CheckConstraint(f"{score} between 1 and 5", name=score) for score in SCORES),
        ExcludeConstraint(
            (column("partnership_id"), "="),
            (column("actor_id"), "="),
            (func.daterange(column("starts_on"), column("ends_on"), "[]"), "&&"),
            name="partnership_reviews_overlap_excl",
        ),
        Index("partnership_reviews_partnership_id_starts_on_id_idx", "partnership_id", "starts_on", "id"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnerships.id"))
    actor_id: Mapped[UUID]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    performance: Mapped[int] = mapped_column(SmallInteger)
    innovation: Mapped[int] = mapped_column(SmallInteger)
    trust: Mapped[int] = mapped_column(SmallInteger)
    balance: Mapped[int] = mapped_column(SmallInteger)
    comment: Mapped[str | None]
    is_by_party: Mapped[bool] = mapped_column(default=False)


def unit_of(kind: ContributionKind) -> ContributionUnit:
    """What this kind of contribution is counted in."""
    return ContributionUnit.EUR if kind is ContributionKind.MONEY else ContributionUnit.HOUR


for name, pointer, code in (
    ("partnerships_period_check", "#/ends_on", "dates_reversed"),
    ("partnerships_active_parties", "#", "two_parties_needed"),
    ("partnership_parties_partnership_id_actor_id_key", "#/actor_id", "already_exists"),
    ("partnership_contributions_recipient_check", "#/contributions", "recipient_is_giver"),
    ("partnership_reviews_period_check", "#/ends_on", "dates_reversed"),
    ("partnership_reviews_overlap_excl", "#/starts_on", "overlapping_periods"),
):
    describe_constraint(name, pointer, code)
