"""Publications: what came out in a channel, of which event or action it speaks, and how many it reached."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.communication.channels.models import Channel
from app.core.db import Base, Resource


class Publication(Resource, Base):
    """An article, a post or a page. `reach`: how many people it reached, as the channel counts them; null: not known,
    which is not zero."""

    __tablename__ = "publications"
    __resource__ = "publications"
    __table_args__ = (
        CheckConstraint("url ~ '^https?://'", name="url"),
        CheckConstraint("reach >= 0", name="reach"),
        Index("publications_territory_id_published_on_id_idx", "territory_id", "published_on", "id"),
        Index("publications_channel_id_published_on_id_idx", "channel_id", "published_on", "id"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    channel_id: Mapped[UUID] = mapped_column(ForeignKey("channels.id"))
    event_id: Mapped[UUID | None] = mapped_column(ForeignKey("events.id"), index=True)
    action_id: Mapped[UUID | None] = mapped_column(ForeignKey("actions.id"), index=True)
    title: Mapped[str]
    url: Mapped[str | None]
    published_on: Mapped[date]
    reach: Mapped[int | None]
    is_demonstration: Mapped[bool] = mapped_column(default=False)

    channel: Mapped[Channel] = relationship(lazy="raise")
