"""Milestones of an action, in their order."""

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Resource

if TYPE_CHECKING:
    from app.action_plans.actions.models import Action


class Milestone(Resource, Base):
    """Something an action is to have reached by a day; done once it says since when."""

    __tablename__ = "milestones"
    __resource__ = "milestones"
    __table_args__ = (
        UniqueConstraint("action_id", "position", deferrable=True, initially="DEFERRED"),
        CheckConstraint("position >= 1", name="position"),
        Index("milestones_due_on_idx", "territory_id", "due_on", postgresql_where=text("done_on is null")),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    action_id: Mapped[UUID] = mapped_column(ForeignKey("actions.id", ondelete="CASCADE"))
    position: Mapped[int]
    title: Mapped[str]
    due_on: Mapped[date | None]
    done_on: Mapped[date | None]

    action: Mapped["Action"] = relationship(lazy="raise", back_populates="milestones")
