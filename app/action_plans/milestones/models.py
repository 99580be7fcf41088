"""Milestones of an action, in their order."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Resource


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
