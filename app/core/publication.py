"""Publication, an axis of its own beside the state of the work: draft → published → withdrawn.

Published under embargo (`publish_at`), a row is still nobody else's to see. What was public and is withdrawn
or deleted leaves a trace, so that copies of it are taken down.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, and_, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, Resource, choice
from app.core.errors import IllegalTransition
from app.core.fields import Instant
from app.core.schemas import Body, View
from app.core.states import Because, led_by


class Publication(StrEnum):
    """Who may see it, apart from how far the work is."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class PublicationStage(StrEnum):
    """The same, at one instant."""

    DRAFT = "draft"
    EMBARGOED = "embargoed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class PublicationVerb(StrEnum):
    """What one who publishes does."""

    PUBLISH = "publish"
    WITHDRAW = "withdraw"


PUBLICATION_MOVES: Mapping[PublicationVerb, Mapping[PublicationStage, PublicationStage]] = {
    PublicationVerb.PUBLISH: {
        PublicationStage.DRAFT: PublicationStage.PUBLISHED,
        PublicationStage.EMBARGOED: PublicationStage.PUBLISHED,
        PublicationStage.WITHDRAWN: PublicationStage.PUBLISHED,
    },
    PublicationVerb.WITHDRAW: {
        PublicationStage.PUBLISHED: PublicationStage.WITHDRAWN,
        PublicationStage.EMBARGOED: PublicationStage.DRAFT,
    },
}


class Publishable:
    """The columns of a resource with a publication; its table takes `publication_checks()` too.

    `published_at`: from when it was to be seen first.
    """

    publication: Mapped[Publication] = mapped_column(choice(Publication), default=Publication.DRAFT)
    publish_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


def publication_checks() -> tuple[CheckConstraint, ...]:
    """What the database holds of these columns."""
    return (
        CheckConstraint("(published_at is null) = (publication = 'draft')", name="published_at"),
        CheckConstraint("(withdrawn_at is not null) = (publication = 'withdrawn')", name="withdrawn_at"),
    )


class Tombstone(Base):
    """What is left of a row that was public and was deleted, or is no longer meant for the public: its identifier
    and the day, nothing else. A withdrawn row is not here: it says so itself."""

    __tablename__ = "tombstones"
    __table_args__ = (Index("tombstones_territory_id_removed_at_idx", "territory_id", "removed_at"),)

    resource_id: Mapped[UUID] = mapped_column(primary_key=True)
    resource: Mapped[str]
    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    removed_at: Mapped[datetime]


class Publish(Body):
    """When to publish."""

    publish_at: Annotated[
        Instant | None,
        Field(
            description="instant before which nobody else sees it; null: now", examples=["2026-03-02T09:00:00+01:00"]
        ),
    ] = None


class Withdraw(Because):
    """Why it is taken back."""


class PublicationView(View):
    """How far a row is from its public."""

    publication: Annotated[Publication, Field(description="who may see it", examples=["published"])]
    publish_at: Annotated[datetime | None, Field(description="end of its embargo")]
    published_at: Annotated[datetime | None, Field(description="from when it was to be seen first")]
    withdrawn_at: Annotated[datetime | None, Field(description="when it was taken back")]


def stage_of(row: Publishable, now: datetime) -> PublicationStage:
    """How far the row is from its public at this instant."""
    if row.publication is Publication.PUBLISHED and row.publish_at and row.publish_at > now:
        return PublicationStage.EMBARGOED
    return PublicationStage(row.publication)


def was_public(row: Publishable, now: datetime) -> bool:
    """Whether anyone may see it, or is told that it was withdrawn."""
    return stage_of(row, now) in (PublicationStage.PUBLISHED, PublicationStage.WITHDRAWN)


def is_announced(kind: type[Publishable]) -> ColumnElement[bool]:
    """Rows that are published and not under embargo."""
    is_out = or_(kind.publish_at.is_(None), kind.publish_at <= clock.now())
    return and_(kind.publication == Publication.PUBLISHED, is_out)


def publish(row: Publishable, publish_at: datetime | None, now: datetime) -> None:
    """Announce it, now or at `publish_at`; a withdrawn row comes back at once. Raises `IllegalTransition`."""
    stage = stage_of(row, now)
    led_by(PUBLICATION_MOVES, PublicationVerb.PUBLISH, stage, what="publication")
    later = publish_at if publish_at and publish_at > now else None
    if stage is not PublicationStage.WITHDRAWN:
        row.published_at = later or now
    elif later:
        raise IllegalTransition(stage, PublicationStage.EMBARGOED, "was_public")
    row.publication, row.publish_at, row.withdrawn_at = Publication.PUBLISHED, later, None


def withdraw(row: Publishable, now: datetime) -> None:
    """Take it back from its readers; under embargo it had none and is a draft again. Raises `IllegalTransition`."""
    goal = led_by(PUBLICATION_MOVES, PublicationVerb.WITHDRAW, stage_of(row, now), what="publication")
    if goal is PublicationStage.DRAFT:
        row.publication, row.publish_at, row.published_at = Publication.DRAFT, None, None
    else:
        row.publication, row.withdrawn_at = Publication.WITHDRAWN, now


async def bury(session: AsyncSession, row: Resource, territory_id: UUID, now: datetime) -> None:
    """Leave a tombstone of a row that the public knew and is no longer to know."""
    trace = Tombstone(resource_id=row.id, resource=row.__resource__, territory_id=territory_id, removed_at=now)
    await session.merge(trace)


async def unbury(session: AsyncSession, row: Resource) -> None:
    """Take its tombstone away: the row is public again."""
    found = await session.get(Tombstone, row.id)
    if found:
        await session.delete(found)
