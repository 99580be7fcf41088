"""Needs: what actors of the territory say is missing there. The diagnosis is made of them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, SmallInteger
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from app.actors.models import Actor
from app.core.database_errors import describe_constraint
from app.core.db import Base, Resource, choice
from app.core.publication import Publishable, publication_checks
from app.territories.models import Theme

SEARCH = (
    "to_tsvector('french'::regconfig, searchable("
    "statement || ' ' || coalesce(target_group, '') || ' ' || coalesce(evidence, '')))"
)


class NeedState(StrEnum):
    """How far the answer to a need is."""

    VOICED = "voiced"
    QUALIFIED = "qualified"
    ADDRESSED = "addressed"
    CLOSED = "closed"


class Need(Publishable, Resource, Base):
    """A need of the territory on one theme, voiced by an actor. An addressed one has an action.

    `severity`: from 1 (slight) to 5 (most severe). `working_group_id`: the group that takes it up.
    `state_reason`: why it is closed, or was sent back or reopened.
    """

    __tablename__ = "needs"
    __resource__ = "needs"
    __table_args__ = (
        CheckConstraint("severity between 1 and 5", name="severity"),
        CheckConstraint("state <> 'closed' or state_reason is not null", name="state_reason"),
        *publication_checks(),
        Index("needs_territory_id_voiced_on_id_idx", "territory_id", "voiced_on", "id"),
        Index("needs_voiced_by_id_voiced_on_id_idx", "voiced_by_id", "voiced_on", "id"),
        Index("needs_working_group_id_voiced_on_id_idx", "working_group_id", "voiced_on", "id"),
        Index("needs_search_idx", "search", postgresql_using="gin"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    theme_id: Mapped[UUID] = mapped_column(ForeignKey("themes.id"), index=True)
    statement: Mapped[str]
    evidence: Mapped[str | None]
    target_group: Mapped[str | None]
    voiced_by_id: Mapped[UUID] = mapped_column(ForeignKey("actors.id"))
    voiced_on: Mapped[date]
    voiced_at_event_id: Mapped[UUID | None] = mapped_column(ForeignKey("events.id"), index=True)
    working_group_id: Mapped[UUID | None] = mapped_column(ForeignKey("working_groups.id"))
    severity: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[NeedState] = mapped_column(choice(NeedState), default=NeedState.VOICED)
    state_reason: Mapped[str | None]
    state_since: Mapped[datetime]
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    search: Mapped[Any] = mapped_column(TSVECTOR, Computed(SEARCH, persisted=True), deferred=True)

    has_action: Mapped[bool | None] = query_expression()
    """Whether an action addresses it: filled in by `policy.in_full`."""
    is_editable: Mapped[bool | None] = query_expression()
    """Whether the caller may change it now: filled in by `policy.in_full`."""

    theme: Mapped[Theme] = relationship(lazy="raise")
    voiced_by: Mapped[Actor] = relationship(lazy="raise")


describe_constraint("needs_severity_check", "#/severity", "invalid")
