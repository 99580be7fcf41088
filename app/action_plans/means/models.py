"""Means: what is put into a programme or an action, planned and real, in one of three units never added together."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.actors.models import Actor
from app.core.database_errors import describe_constraint
from app.core.db import Base, Resource, choice

AMOUNT = Numeric(14, 2)


class MeansKind(StrEnum):
    """What is given."""

    BUDGET = "budget"
    STAFF = "staff"
    TIME = "time"
    IN_KIND = "in_kind"
    PREMISES = "premises"


class MeansUnit(StrEnum):
    """What it is counted in: euros, full-time equivalents, hours."""

    EUR = "EUR"
    FTE = "FTE"
    HOUR = "hour"


UNITS = {
    MeansKind.BUDGET: (MeansUnit.EUR,),
    MeansKind.STAFF: (MeansUnit.FTE, MeansUnit.HOUR),
    MeansKind.TIME: (MeansUnit.HOUR,),
    MeansKind.IN_KIND: (MeansUnit.EUR, MeansUnit.HOUR),
    MeansKind.PREMISES: (MeansUnit.EUR, MeansUnit.HOUR),
}
"""The units each kind is counted in; the database holds the same."""


class Means(Resource, Base):
    """Means for a programme or for an action: one of them. A real amount that is null is not known, which is not zero.

    `starts_on` and `ends_on` are the first and last day they are for.
    """

    __tablename__ = "means"
    __resource__ = "means"
    __table_args__ = (
        CheckConstraint(
            "case kind when 'budget' then unit = 'EUR' when 'staff' then unit in ('FTE', 'hour')"
            " when 'time' then unit = 'hour' else unit in ('EUR', 'hour') end",
            name="kind_unit",
        ),
        CheckConstraint("num_nonnulls(programme_id, action_id) = 1", name="subject"),
        CheckConstraint("num_nonnulls(planned_amount, real_amount) >= 1", name="amount"),
        CheckConstraint("planned_amount >= 0 and real_amount >= 0", name="amounts"),
        CheckConstraint("starts_on <= ends_on", name="dates"),
        Index("means_territory_id_sort_label_id_idx", "territory_id", "sort_label", "id"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    programme_id: Mapped[UUID | None] = mapped_column(ForeignKey("programmes.id"), index=True)
    action_id: Mapped[UUID | None] = mapped_column(ForeignKey("actions.id"), index=True)
    provider_id: Mapped[UUID | None] = mapped_column(ForeignKey("actors.id"), index=True)
    label: Mapped[str]
    sort_label: Mapped[str] = mapped_column(Computed("searchable(label)", persisted=True))
    kind: Mapped[MeansKind] = mapped_column(choice(MeansKind))
    unit: Mapped[MeansUnit] = mapped_column(choice(MeansUnit))
    planned_amount: Mapped[Decimal | None] = mapped_column(AMOUNT)
    real_amount: Mapped[Decimal | None] = mapped_column(AMOUNT)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    is_demonstration: Mapped[bool] = mapped_column(default=False)

    provider: Mapped[Actor | None] = relationship(lazy="raise")


for name, pointer, code in (
    ("means_kind_unit_check", "#/unit", "unit_of_other_kind"),
    ("means_subject_check", "#", "one_subject"),
    ("means_amount_check", "#/planned_amount", "amount_needed"),
    ("means_dates_check", "#/ends_on", "dates_reversed"),
):
    describe_constraint(name, pointer, code)
