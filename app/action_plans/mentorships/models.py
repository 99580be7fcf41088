"""Mentorships: a business leader at the side of a young person, who is known here by a code and nothing else."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from app.actors.models import Actor
from app.actors.people.models import PERSONAL
from app.core.database_errors import describe_constraint
from app.core.db import Base, Resource, choice

CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""What codes are made of: none of these is read as another."""

FOLLOW_UP_MONTHS = (6, 12, 18, 24)


class MentorshipState(StrEnum):
    """How far a mentorship is."""

    OPEN = "open"
    MATCHED = "matched"
    ACTIVE = "active"
    COMPLETED = "completed"
    INTERRUPTED = "interrupted"


class Situation(StrEnum):
    """What a mentee does."""

    APPRENTICESHIP = "apprenticeship"
    EMPLOYMENT = "employment"
    TRAINING = "training"
    SEEKING = "seeking"
    OTHER = "other"
    UNKNOWN = "unknown"


class FollowUp(Base):
    """What became of the mentee so many months after the mentorship began; to be asked until it is done."""

    __tablename__ = "mentorship_follow_ups"
    __table_args__ = (
        CheckConstraint("months in (6, 12, 18, 24)", name="months"),
        CheckConstraint("(done_on is null) = (situation is null)", name="done"),
        CheckConstraint("note is null or done_on is not null", name="note"),
        Index("mentorship_follow_ups_to_do_idx", "months", "mentorship_id", postgresql_where=text("done_on is null")),
    )

    mentorship_id: Mapped[UUID] = mapped_column(ForeignKey("mentorships.id", ondelete="CASCADE"), primary_key=True)
    months: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    done_on: Mapped[date | None]
    situation: Mapped[Situation | None] = mapped_column(choice(Situation), info=PERSONAL)
    note: Mapped[str | None] = mapped_column(info=PERSONAL)

    due_on: Mapped[date | None] = query_expression()
    """So many months after the start: filled in by `policy.in_full`."""


class Mentorship(Resource, Base):
    """The mentorship of an action. `mentor_id` mentors for the organisation `actor_id`; `mentee_code` stands for the
    mentee, of whom no name is kept. `outcome` is what the mentee does at the end."""

    __tablename__ = "mentorships"
    __resource__ = "mentorships"
    __table_args__ = (
        UniqueConstraint("territory_id", "mentee_code"),
        CheckConstraint("mentee_code ~ '^[A-HJKMNP-Z2-9]{8}$'", name="mentee_code"),
        CheckConstraint("(mentor_id is null) = (state = 'open')", name="mentor"),
        CheckConstraint("(actor_id is null) = (mentor_id is null)", name="actor"),
        CheckConstraint("(started_on is null) = (state in ('open', 'matched'))", name="started_on"),
        CheckConstraint("(ended_on is not null) = (state in ('completed', 'interrupted'))", name="ended_on"),
        CheckConstraint("started_on <= ended_on", name="period"),
        CheckConstraint("(state_reason is not null) = (state = 'interrupted')", name="state_reason"),
        CheckConstraint(
            "case state when 'completed' then outcome is not null when 'interrupted' then true"
            " else outcome is null end",
            name="outcome",
        ),
        Index("mentorships_territory_id_created_at_id_idx", "territory_id", "created_at", "id"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    action_id: Mapped[UUID] = mapped_column(ForeignKey("actions.id"), index=True)
    mentee_code: Mapped[str] = mapped_column(info=PERSONAL)
    mentor_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), index=True)
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("actors.id"), index=True)
    state: Mapped[MentorshipState] = mapped_column(choice(MentorshipState), default=MentorshipState.OPEN)
    state_reason: Mapped[str | None] = mapped_column(info=PERSONAL)
    started_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    outcome: Mapped[Situation | None] = mapped_column(choice(Situation), info=PERSONAL)
    is_demonstration: Mapped[bool] = mapped_column(default=False)

    actor: Mapped[Actor | None] = relationship(lazy="raise")
    follow_ups: Mapped[list[FollowUp]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by=FollowUp.months
    )


for name, pointer, code in (
    ("mentorships_period_check", "#/ended_on", "dates_reversed"),
    ("mentorships_started_on_check", "#/started_on", "not_begun"),
    ("mentorships_ended_on_check", "#/ended_on", "not_ended"),
    ("mentorships_outcome_check", "#/outcome", "outcome_at_the_end"),
):
    describe_constraint(name, pointer, code)
