"""Decisions put to the vote: their options, who votes, and what was voted.

What the database keeps besides the constraints told here (migration `decisions`): nothing but its dates changes of a
decision once it is open; ballots come and change only while it is; a cancelled one keeps none. Closing a secret one
destroys for good what ties a ballot to its elector: see `SecretBallot`.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from app.actors.models import Actor
from app.actors.people.models import PERSONAL, Person
from app.core.database_errors import describe_constraint
from app.core.db import Base, Resource, choice
from app.dialogue.decisions.tally.majority import MajorityBase


class DecisionState(StrEnum):
    """How far a decision is."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class MethodName(StrEnum):
    """How one votes and how votes are counted."""

    CONSENT = "consent"
    MAJORITY = "majority"
    APPROVAL = "approval"
    POINTS = "points"
    RANKED = "ranked"
    MAJORITY_JUDGMENT = "majority_judgment"


class Secrecy(StrEnum):
    """Whether it is told, once the vote is closed, who voted what."""

    SECRET = "secret"  # noqa: S105 (the word for a ballot)
    OPEN = "open"


class Voices(StrEnum):
    """Who has a voice: each person, or each organisation one."""

    PEOPLE = "people"
    ACTORS = "actors"


class DecisionOption(Base):
    """One of the answers to choose from. The status quo leaves things as they are, and adopts nothing."""

    __tablename__ = "decision_options"
    __table_args__ = (
        UniqueConstraint("decision_id", "position"),
        Index(
            "decision_options_status_quo_key", "decision_id", unique=True, postgresql_where=text("is_status_quo")
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True)
    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decisions.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(SmallInteger)
    label: Mapped[str]
    description: Mapped[str | None]
    is_status_quo: Mapped[bool] = mapped_column(default=False)


class Elector(Base):
    """One voice: a person, on behalf of an organisation or not, or an organisation.

    `has_voted` is written when the vote is closed: while it is open, ballots tell.
    """

    __tablename__ = "electors"
    __table_args__ = (
        UniqueConstraint("id", "decision_id"),
        CheckConstraint("num_nonnulls(person_id, actor_id) > 0", name="someone"),
        Index(
            "electors_decision_id_person_id_key", "decision_id", "person_id", unique=True,
            postgresql_where=text("person_id is not null"),
        ),
        Index(
            "electors_decision_id_actor_id_key", "decision_id", "actor_id", unique=True,
            postgresql_where=text("person_id is null"),
        ),
        Index("electors_decision_id_id_idx", "decision_id", "id"),
        Index("electors_actor_id_decision_id_idx", "actor_id", "decision_id"),
        Index("electors_person_id_idx", "person_id"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True)
    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decisions.id", ondelete="CASCADE"))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("actors.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    has_voted: Mapped[bool | None]

    has_ballot: Mapped[bool | None] = query_expression()
    """Whether a ballot of theirs was cast: filled in by `electors/policy.in_full`."""

    actor: Mapped[Actor | None] = relationship(lazy="raise")
    person: Mapped[Person | None] = relationship(lazy="raise")


class Ballot(Resource, Base):
    """What an elector votes. `cast_by`: the caller who cast it last; `is_by_hand`: for the elector, in the room.

    It is the elector's alone while the vote is open; of a secret vote, the row is deleted when it is closed. All that
    is said stands in one column, so that the journal, which names the columns changed, tells nothing of it.
    """

    __tablename__ = "ballots"
    __resource__ = "ballots"
    __table_args__ = (
        UniqueConstraint("elector_id"),
        ForeignKeyConstraint(["elector_id", "decision_id"], ["electors.id", "electors.decision_id"]),
        Index("ballots_decision_id_id_idx", "decision_id", "id"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    decision_id: Mapped[UUID]
    elector_id: Mapped[UUID]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB, info=PERSONAL)
    cast_by: Mapped[str]
    is_by_hand: Mapped[bool]

    elector: Mapped[Elector] = relationship(lazy="raise")


class SecretBallot(Base):
    """What someone voted in a secret vote that is closed, and nobody can tell who.

    All of a vote are written at once when it is closed, by the database itself: under random identifiers, in their
    order, without an instant. Nothing leads from here to an elector.
    """

    __tablename__ = "secret_ballots"
    __table_args__ = (Index("secret_ballots_decision_id_id_idx", "decision_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decisions.id"))
    content: Mapped[dict[str, Any]] = mapped_column(JSONB, info=PERSONAL)


class Decision(Resource, Base):
    """A question, the options to choose from, and how the choice is made.

    `quorum_voters` or `quorum_percent`: the ballots that are needed. `opens_at` and `closes_at`: the instants
    between which ballots are taken, if said; the verbs `open` and `close` set them apart from the draft and the count.
    """

    __tablename__ = "decisions"
    __resource__ = "decisions"
    __table_args__ = (
        CheckConstraint("(method = 'majority') = (majority_base is not null)", name="majority"),
        CheckConstraint(
            "num_nonnulls(threshold_numerator, threshold_denominator, is_threshold_strict) in (0, 3)",
            name="threshold_together",
        ),
        CheckConstraint("threshold_numerator is null or method = 'majority'", name="threshold_method"),
        CheckConstraint(
            "threshold_numerator > 0 and (threshold_numerator < threshold_denominator"
            " or threshold_numerator = threshold_denominator and not is_threshold_strict)",
            name="threshold",
        ),
        CheckConstraint("(method = 'points') = (points_budget is not null)", name="points"),
        CheckConstraint("points_budget > 0", name="points_budget"),
        CheckConstraint(
            "points_per_option is null or coalesce(points_per_option between 1 and points_budget, false)",
            name="points_per_option",
        ),
        CheckConstraint("(method = 'majority_judgment') = (grades is not null)", name="judgment"),
        CheckConstraint("cardinality(grades) > 1", name="grades"),
        CheckConstraint("num_nonnulls(quorum_voters, quorum_percent) < 2", name="quorum"),
        CheckConstraint("quorum_voters > 0", name="quorum_voters"),
        CheckConstraint("quorum_percent between 1 and 100", name="quorum_percent"),
        CheckConstraint("opens_at < closes_at", name="dates"),
        CheckConstraint("voices is not null or opened_at is null", name="voices_given"),
        CheckConstraint(
            "case state when 'draft' then opened_at is null when 'cancelled' then true else opened_at is not null end",
            name="opened_at",
        ),
        CheckConstraint("(closed_at is not null) = (state = 'closed')", name="closed_at"),
        CheckConstraint("(cancelled_at is not null) = (state = 'cancelled')", name="cancelled_at"),
        CheckConstraint("(cancellation_reason is not null) = (state = 'cancelled')", name="cancellation_reason"),
        Index("decisions_territory_id_id_idx", "territory_id", "id"),
        Index("decisions_search_idx", "search", postgresql_using="gin"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    question: Mapped[str]
    description: Mapped[str | None]
    programme_id: Mapped[UUID | None] = mapped_column(ForeignKey("programmes.id"), index=True)
    working_group_id: Mapped[UUID | None] = mapped_column(ForeignKey("working_groups.id"), index=True)
    event_id: Mapped[UUID | None] = mapped_column(ForeignKey("events.id"), index=True)
    theme_id: Mapped[UUID | None] = mapped_column(ForeignKey("themes.id"), index=True)
    method: Mapped[MethodName] = mapped_column(choice(MethodName))
    majority_base: Mapped[MajorityBase | None] = mapped_column(choice(MajorityBase))
    threshold_numerator: Mapped[int | None]
    threshold_denominator: Mapped[int | None]
    is_threshold_strict: Mapped[bool | None]
    points_budget: Mapped[int | None]
    points_per_option: Mapped[int | None]
    grades: Mapped[list[str] | None]
    secrecy: Mapped[Secrecy] = mapped_column(choice(Secrecy))
    voices: Mapped[Voices | None] = mapped_column(choice(Voices))
    quorum_voters: Mapped[int | None]
    quorum_percent: Mapped[int | None]
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    state: Mapped[DecisionState] = mapped_column(choice(DecisionState), default=DecisionState.DRAFT)
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancellation_reason: Mapped[str | None]
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    search: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed(
            "to_tsvector('french'::regconfig, searchable(question || ' ' || coalesce(description, '')))",
            persisted=True,
        ),
        deferred=True,
    )

    electors: Mapped[int | None] = query_expression()
    """How many may vote: filled in by `policy.in_full`, as those below."""
    voters: Mapped[int | None] = query_expression()
    """How many cast a ballot."""
    is_elector: Mapped[bool | None] = query_expression()
    """Whether the caller answers for one of the electors."""
    has_voiceless: Mapped[bool | None] = query_expression()
    """Whether a person is among them on nobody's behalf, for whom no account votes."""

    options: Mapped[list[DecisionOption]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by=DecisionOption.position
    )


for name, pointer, code in (
    ("decisions_dates_check", "#/closes_at", "dates_reversed"),
    ("decisions_frozen", "#", "frozen_once_open"),
    ("decision_options_frozen", "#/options", "frozen_once_open"),
    ("electors_frozen", "#", "frozen_once_open"),
    ("decisions_territory_id_fkey", "#/territory_id", "unknown_reference"),
    ("decisions_electors", "#", "electors_needed"),
    ("decisions_options", "#/options", "options_needed"),
    ("electors_voices", "#/source", "voices_mixed"),
    ("ballots_open", "#", "vote_not_open"),
):
    describe_constraint(name, pointer, code)
