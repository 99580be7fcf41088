"""Actions of a plan: what is done, by whom, until when, and for how many."""

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Computed, ForeignKey, Index, SmallInteger, Table, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from app.action_plans.milestones.models import Milestone
from app.action_plans.notes.models import ActionNote
from app.action_plans.plans.models import ActionPlan
from app.actors.models import Actor
from app.core.database_errors import describe_constraint
from app.core.db import Base, Resource, choice
from app.core.publication import Publishable, publication_checks
from app.dialogue.needs.models import Need
from app.territories.models import Theme


class ActionState(StrEnum):
    """How far an action is."""

    PROPOSED = "proposed"
    SELECTED = "selected"
    IN_PROGRESS = "in_progress"
    PAUSED = "paused"
    COMPLETED = "completed"
    ABANDONED = "abandoned"


class ActionActorRole(StrEnum):
    """What an actor does in an action."""

    LEAD = "lead"
    PARTNER = "partner"


action_themes = Table(
    "action_themes",
    Base.metadata,
    Column("action_id", ForeignKey("actions.id", ondelete="CASCADE"), primary_key=True),
    Column("theme_id", ForeignKey("themes.id"), primary_key=True, index=True),
)


action_needs = Table(
    "action_needs",
    Base.metadata,
    Column("action_id", ForeignKey("actions.id", ondelete="CASCADE"), primary_key=True),
    Column("need_id", ForeignKey("needs.id"), primary_key=True, index=True),
)
"""The needs an action addresses. The database keeps a need addressed only while an action addresses it (triggers of
the migration)."""


class ActionActor(Base):
    """An actor as lead or as partner of an action, never both, in the order shown."""

    __tablename__ = "action_actors"
    __table_args__ = (Index("action_actors_actor_id_role_action_id_idx", "actor_id", "role", "action_id"),)

    action_id: Mapped[UUID] = mapped_column(ForeignKey("actions.id", ondelete="CASCADE"), primary_key=True)
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("actors.id"), primary_key=True)
    role: Mapped[ActionActorRole] = mapped_column(choice(ActionActorRole))
    position: Mapped[int] = mapped_column(SmallInteger)

    actor: Mapped[Actor] = relationship(lazy="raise")


OPEN = "state not in ('completed', 'abandoned')"


class Action(Publishable, Resource, Base):
    """An action of a plan. Its days are included: planned first and last, and real ones once they have come.

    `state_reason` says why it is paused or was abandoned; `ended_on` is its last day, completed or abandoned.
    """

    __tablename__ = "actions"
    __resource__ = "actions"
    __table_args__ = (
        CheckConstraint("planned_start_on <= planned_end_on", name="planned_period"),
        CheckConstraint("started_on <= ended_on", name="period"),
        CheckConstraint(
            "state = 'abandoned' or (started_on is null) = (state in ('proposed', 'selected'))", name="started_on"
        ),
        CheckConstraint("(ended_on is not null) = (state in ('completed', 'abandoned'))", name="ended_on"),
        CheckConstraint("(state_reason is not null) = (state in ('paused', 'abandoned'))", name="state_reason"),
        CheckConstraint("beneficiaries_planned >= 0 and beneficiaries_real >= 0", name="beneficiaries"),
        *publication_checks(),
        Index("actions_territory_id_sort_title_id_idx", "territory_id", "sort_title", "id"),
        Index("actions_plan_id_sort_title_id_idx", "plan_id", "sort_title", "id"),
        Index("actions_open_idx", "territory_id", "planned_end_on", postgresql_where=text(OPEN)),
        Index("actions_public_idx", "sort_title", "id", postgresql_where=text("publication = 'published'")),
        Index(
            "actions_publish_at_idx",
            "publish_at",
            postgresql_where=text("publication = 'published' and publish_at is not null"),
        ),
        Index("actions_search_idx", "search", postgresql_using="gin"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("action_plans.id"))
    is_cross_cutting: Mapped[bool] = mapped_column(default=False)
    title: Mapped[str]
    sort_title: Mapped[str] = mapped_column(Computed("searchable(title)", persisted=True))
    description: Mapped[str | None]
    objective: Mapped[str | None]
    origin_group_id: Mapped[UUID | None] = mapped_column(ForeignKey("working_groups.id"), index=True)
    proposed_at_event_id: Mapped[UUID | None] = mapped_column(ForeignKey("events.id"), index=True)
    state: Mapped[ActionState] = mapped_column(choice(ActionState), default=ActionState.PROPOSED)
    state_reason: Mapped[str | None]
    planned_start_on: Mapped[date | None]
    planned_end_on: Mapped[date | None]
    started_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    beneficiaries_planned: Mapped[int | None]
    beneficiaries_real: Mapped[int | None]
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    search: Mapped[Any] = mapped_column(
        TSVECTOR, Computed("titled_search(title, objective, description)", persisted=True), deferred=True
    )

    is_late: Mapped[bool | None] = query_expression()
    """Whether its planned end has passed: filled in by `policy.in_full`."""

    if TYPE_CHECKING:
        beneficiaries: object
        """The people one caller may be told it reaches. The policy puts it here to be answered."""

    plan: Mapped[ActionPlan] = relationship(lazy="raise")
    themes: Mapped[list[Theme]] = relationship(lazy="raise", secondary=action_themes, order_by=Theme.position)
    needs: Mapped[list[Need]] = relationship(lazy="raise", secondary=action_needs, order_by=Need.voiced_on)
    actors: Mapped[list[ActionActor]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by=(ActionActor.role, ActionActor.position)
    )
    milestones: Mapped[list[Milestone]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by=Milestone.position, back_populates="action"
    )
    notes: Mapped[list[ActionNote]] = relationship(lazy="raise", cascade="all, delete-orphan", back_populates="action")

    @property
    def leads(self) -> list[Actor]:
        """Who leads it, in the order shown."""
        return [link.actor for link in self.actors if link.role is ActionActorRole.LEAD]

    @property
    def partners(self) -> list[Actor]:
        """Who helps, in the order shown."""
        return [link.actor for link in self.actors if link.role is ActionActorRole.PARTNER]


for name, pointer, code in (
    ("actions_planned_period_check", "#/planned_end_on", "dates_reversed"),
    ("actions_period_check", "#/ended_on", "dates_reversed"),
    ("actions_started_on_check", "#/started_on", "not_begun"),
    ("actions_ended_on_check", "#/ended_on", "not_ended"),
    ("action_actors_pkey", "#/partner_ids", "lead_or_partner"),
    ("needs_addressed", "#", "need_without_action"),
    ("action_needs_addressed", "#/need_ids", "addressed_need"),
):
    describe_constraint(name, pointer, code)
