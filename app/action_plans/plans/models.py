"""Action plans: what a territory undertakes on a theme, or across all of them."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database_errors import describe_constraint
from app.core.db import Base, Resource, choice
from app.core.publication import Publishable, publication_checks
from app.territories.models import Theme


class PlanState(StrEnum):
    """How far a plan is."""

    DRAFT = "draft"
    ADOPTED = "adopted"
    RUNNING = "running"
    CLOSED = "closed"


class ActionPlan(Publishable, Resource, Base):
    """The action plan of a programme, on one theme or cross-cutting. Once it is no draft, it says how it was adopted.

    `starts_on` and `ends_on` are its first and last day.
    """

    __tablename__ = "action_plans"
    __resource__ = "action-plans"
    __table_args__ = (
        CheckConstraint("(theme_id is null) = is_cross_cutting", name="theme"),
        CheckConstraint("starts_on <= ends_on", name="dates"),
        CheckConstraint("(state = 'draft') = (adopted_at_event_id is null)", name="adoption"),
        *publication_checks(),
        Index("action_plans_territory_id_sort_title_id_idx", "territory_id", "sort_title", "id"),
        Index("action_plans_public_idx", "sort_title", "id", postgresql_where=text("publication = 'published'")),
        Index(
            "action_plans_publish_at_idx",
            "publish_at",
            postgresql_where=text("publication = 'published' and publish_at is not null"),
        ),
        Index("action_plans_search_idx", "search", postgresql_using="gin"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    programme_id: Mapped[UUID] = mapped_column(ForeignKey("programmes.id"), index=True)
    theme_id: Mapped[UUID | None] = mapped_column(ForeignKey("themes.id"), index=True)
    is_cross_cutting: Mapped[bool] = mapped_column(default=False)
    title: Mapped[str]
    sort_title: Mapped[str] = mapped_column(Computed("searchable(title)", persisted=True))
    summary: Mapped[str | None]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    state: Mapped[PlanState] = mapped_column(choice(PlanState), default=PlanState.DRAFT)
    adopted_at_event_id: Mapped[UUID | None] = mapped_column(ForeignKey("events.id"), index=True)
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    search: Mapped[Any] = mapped_column(
        TSVECTOR, Computed("titled_search(title, summary)", persisted=True), deferred=True
    )

    theme: Mapped[Theme | None] = relationship(lazy="raise")


for name, pointer, code in (
    ("action_plans_theme_check", "#/theme_id", "theme_or_cross_cutting"),
    ("action_plans_dates_check", "#/ends_on", "dates_reversed"),
):
    describe_constraint(name, pointer, code)
