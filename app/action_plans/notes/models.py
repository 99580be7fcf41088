"""Notes on an action: its logbook."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.actors.models import Actor
from app.core.db import Base, Resource

if TYPE_CHECKING:
    from app.action_plans.actions.models import Action


class ActionNote(Resource, Base):
    """What someone who works on an action wrote about it. `author` is an account as the journal names it; `actor_id`
    the organisation it was written for, null for the collectivité's."""

    __tablename__ = "action_notes"
    __resource__ = "action-notes"
    __table_args__ = (Index("action_notes_action_id_created_at_id_idx", "action_id", "created_at", "id"),)

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    action_id: Mapped[UUID] = mapped_column(ForeignKey("actions.id", ondelete="CASCADE"))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("actors.id"), index=True)
    author: Mapped[str]
    text: Mapped[str]

    action: Mapped["Action"] = relationship(lazy="raise", back_populates="notes")
    actor: Mapped[Actor | None] = relationship(lazy="raise")
