"""What is left of events that went."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class Tombstone(Base):
    """What is left of an event that was public and was deleted, or is no longer meant for the public: its identifier
    and the day, nothing else. A withdrawn event is not here: its row says so."""

    __tablename__ = "event_tombstones"
    __table_args__ = (Index("event_tombstones_territory_id_removed_at_idx", "territory_id", "removed_at"),)

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    removed_at: Mapped[datetime]
