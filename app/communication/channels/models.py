"""Channels: where the territory tells what it does."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.actors.models import Actor
from app.core.database_errors import describe_constraint
from app.core.db import Base, Resource, choice


class ChannelKind(StrEnum):
    """What a channel is."""

    WEBSITE = "website"
    SOCIAL = "social"
    MUNICIPAL_BULLETIN = "municipal_bulletin"
    ONLINE_NEWSPAPER = "online_newspaper"


class Channel(Resource, Base):
    """A site, a page, a bulletin or a newspaper in which the territory's work is spoken of. `url` is null for what
    is on paper only; `owner_id` is the actor that keeps it, if it is one of the territory's."""

    __tablename__ = "channels"
    __resource__ = "channels"
    __table_args__ = (
        UniqueConstraint("territory_id", "name"),
        CheckConstraint("url ~ '^https?://'", name="url"),
        Index("channels_territory_id_sort_name_id_idx", "territory_id", "sort_name", "id"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    kind: Mapped[ChannelKind] = mapped_column(choice(ChannelKind))
    name: Mapped[str]
    sort_name: Mapped[str] = mapped_column(Computed("searchable(name)", persisted=True))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("actors.id"), index=True)
    url: Mapped[str | None]
    is_demonstration: Mapped[bool] = mapped_column(default=False)

    owner: Mapped[Actor | None] = relationship(lazy="raise")


describe_constraint("channels_territory_id_name_key", "#/name", "already_exists")
