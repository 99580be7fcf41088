"""Events: everything that has a date and a place."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Table,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from app.actors.models import Actor
from app.core.db import Base, Resource, choice
from app.core.publication import Publishable, publication_checks
from app.territories.models import Municipality, Theme


class EventKind(StrEnum):
    """What happens."""

    PLENARY = "plenary"
    STEERING = "steering"
    WORKING_GROUP_SESSION = "working_group_session"
    REPORT_BACK = "report_back"
    COMPANY_VISIT = "company_visit"
    SCHOOL_TALK = "school_talk"
    TEACHER_TRAINING = "teacher_training"
    LEADER_INTERVIEW = "leader_interview"
    MOCK_INTERVIEW = "mock_interview"
    INTERNSHIP_PERIOD = "internship_period"
    CLOSING_CEREMONY = "closing_ceremony"
    OTHER = "other"


class AttendanceMode(StrEnum):
    """Where one attends."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    MIXED = "mixed"


class Audience(StrEnum):
    """For whom it is meant: only a public event is ever published to everyone."""

    PUBLIC = "public"
    PARTNERS = "partners"
    INTERNAL = "internal"


class EventStatus(StrEnum):
    """Whether it takes place as announced (schema.org EventStatusType)."""

    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"
    RESCHEDULED = "rescheduled"
    MOVED_ONLINE = "moved_online"


class RegistrationMode(StrEnum):
    """How one signs up."""

    NONE = "none"
    EXTERNAL = "external"
    INTERNAL = "internal"


class AccessibilityProvision(StrEnum):
    """What is there for people with a disability (Acceslibre's families, gathered)."""

    WHEELCHAIR = "wheelchair"
    ACCESSIBLE_TOILETS = "accessible_toilets"
    ACCESSIBLE_PARKING = "accessible_parking"
    HEARING_LOOP = "hearing_loop"
    SIGN_LANGUAGE = "sign_language"
    CAPTIONS = "captions"
    AUDIO_DESCRIPTION = "audio_description"
    EASY_TO_READ = "easy_to_read"
    QUIET_SPACE = "quiet_space"
    GUIDE_DOGS = "guide_dogs"


class EventActorRole(StrEnum):
    """What an actor does in an event."""

    ORGANISER = "organiser"
    PARTNER = "partner"


event_themes = Table(
    "event_themes",
    Base.metadata,
    Column("event_id", ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    Column("theme_id", ForeignKey("themes.id"), primary_key=True, index=True),
)


class EventActor(Base):
    """An actor as organiser or partner of an event, in the order shown."""

    __tablename__ = "event_actors"
    __table_args__ = (
        Index("event_actors_actor_id_role_event_id_idx", "actor_id", "role", "event_id"),
        Index("event_actors_shown_idx", "event_id", "role", "position"),
    )

    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("actors.id"), primary_key=True)
    role: Mapped[EventActorRole] = mapped_column(choice(EventActorRole), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger)

    actor: Mapped[Actor] = relationship(lazy="raise")


class FormerDates(Base):
    """Dates an event had before it was moved, kept so that nobody comes on the wrong day."""

    __tablename__ = "event_former_dates"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    replaced_at: Mapped[datetime] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class EventExternalId(Base):
    """The name another system gives an event."""

    __tablename__ = "event_external_ids"
    __table_args__ = (UniqueConstraint("territory_id", "source", "external_id"),)

    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    external_id: Mapped[str]


DURING = func.tstzrange(text("starts_at"), text("ends_at"))
PUBLIC = "publication = 'published' and audience = 'public'"
MEETING = "kind in ('plenary', 'steering', 'working_group_session', 'report_back')"
"""Events of which minutes are written, and who came is noted."""
TO_REVIEW = "publication = 'draft' and submitted_at is not null"
"""Events handed in and not yet published."""


class Event(Publishable, Resource, Base):
    """An event of a territory.

    `ends_at` is excluded: an all-day event of one day ends at the next midnight of its own zone.
    `sequence` counts changes of dates, place or status (iCalendar's SEQUENCE); `sequence_id` is something else: the
    sequence of Q2ER it is a session of. `significant_at` is the last change a reader cares about (Atom's `updated`).
    `seats_taken` is counted by the database, from registrations.
    """

    __tablename__ = "events"
    __resource__ = "events"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="dates"),
        CheckConstraint("ends_at - starts_at <= interval '367 days'", name="duration"),
        CheckConstraint("timezone_is_known(timezone)", name="timezone"),
        CheckConstraint(
            "not is_all_day or ((starts_at at time zone timezone)::time = '00:00'"
            " and (ends_at at time zone timezone)::time = '00:00')",
            name="all_day",
        ),
        CheckConstraint("latitude between -90 and 90 and longitude between -180 and 180", name="coordinates"),
        CheckConstraint("(latitude is null) = (longitude is null)", name="coordinates_together"),
        CheckConstraint(
            "attendance_mode = 'in_person' or online_url is not null or publication = 'draft'", name="online_url"
        ),
        CheckConstraint("num_nulls(image_url, image_alt, image_credit, image_licence) in (0, 4)", name="image"),
        CheckConstraint("image_rights_until is null or image_url is not null", name="image_rights"),
        CheckConstraint("online_url ~ '^https?://'", name="online_url_form"),
        CheckConstraint("image_url ~ '^https?://'", name="image_url_form"),
        CheckConstraint("registration_url ~ '^https?://'", name="registration_url_form"),
        CheckConstraint("(registration_mode = 'external') = (registration_url is not null)", name="registration_url"),
        CheckConstraint("capacity > 0", name="capacity"),
        CheckConstraint("capacity is null or registration_mode <> 'none'", name="capacity_registration"),
        CheckConstraint(
            "not has_waitlist or (registration_mode = 'internal' and capacity is not null)", name="waitlist"
        ),
        CheckConstraint("seats_taken >= 0", name="seats_taken"),
        CheckConstraint("registration_mode <> 'internal' or seats_taken <= capacity", name="seats"),
        CheckConstraint("status_note is null or (status <> 'scheduled' and status_note <> '')", name="status_note"),
        ForeignKeyConstraint(["sequence_id", "territory_id"], ["sequences.id", "sequences.territory_id"]),
        UniqueConstraint("id", "sequence_id"),
        *publication_checks(),
        Index("events_territory_id_starts_at_id_idx", "territory_id", "starts_at", "id"),
        Index("events_working_group_id_starts_at_id_idx", "working_group_id", "starts_at", "id"),
        Index("events_sequence_id_starts_at_id_idx", "sequence_id", "starts_at", "id"),
        Index("events_public_idx", "starts_at", "id", postgresql_where=text(PUBLIC)),
        Index(
            "events_public_changed_idx", "starts_at", "id", postgresql_where=text(PUBLIC + " and status <> 'scheduled'")
        ),
        Index("events_accessibility_idx", "accessibility", postgresql_using="gin", postgresql_where=text(PUBLIC)),
        Index("events_public_territory_idx", "territory_id", "starts_at", "id", postgresql_where=text(PUBLIC)),
        Index("events_public_municipality_idx", "insee_code", "starts_at", "id", postgresql_where=text(PUBLIC)),
        Index("events_public_kind_idx", "kind", "starts_at", "id", postgresql_where=text(PUBLIC)),
        Index(
            "events_publish_at_idx",
            "publish_at",
            postgresql_where=text("publication = 'published' and publish_at is not null"),
        ),
        Index("events_to_review_idx", "territory_id", "starts_at", postgresql_where=text(TO_REVIEW)),
        Index("events_meetings_idx", "territory_id", "ends_at", postgresql_where=text(MEETING)),
        Index("events_search_idx", "search", postgresql_using="gin"),
        Index("events_during_idx", DURING, postgresql_using="gist", postgresql_where=text(PUBLIC)),
        Index(
            "events_during_municipality_idx",
            "insee_code",
            DURING,
            postgresql_using="gist",
            postgresql_where=text(PUBLIC),
        ),
        Index(
            "events_place_idx",
            func.point(text("longitude"), text("latitude")),
            postgresql_using="gist",
            postgresql_where=text(PUBLIC),
        ),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    kind: Mapped[EventKind] = mapped_column(choice(EventKind))
    title: Mapped[str]
    summary: Mapped[str | None]
    description: Mapped[str | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    timezone: Mapped[str]
    is_all_day: Mapped[bool] = mapped_column(default=False)
    insee_code: Mapped[str | None] = mapped_column(ForeignKey("municipalities.insee_code"), index=True)
    place_name: Mapped[str | None]
    place_address: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    acceslibre_id: Mapped[str | None]
    attendance_mode: Mapped[AttendanceMode] = mapped_column(choice(AttendanceMode), default=AttendanceMode.IN_PERSON)
    online_url: Mapped[str | None]
    keywords: Mapped[list[str]] = mapped_column(default=list)
    image_url: Mapped[str | None]
    image_alt: Mapped[str | None]
    image_credit: Mapped[str | None]
    image_licence: Mapped[str | None]
    image_rights_until: Mapped[date | None]
    accessibility: Mapped[list[str]] = mapped_column(default=list)
    audience: Mapped[Audience] = mapped_column(choice(Audience), default=Audience.PUBLIC)
    registration_mode: Mapped[RegistrationMode] = mapped_column(choice(RegistrationMode), default=RegistrationMode.NONE)
    registration_url: Mapped[str | None]
    capacity: Mapped[int | None]
    has_waitlist: Mapped[bool] = mapped_column(default=False)
    seats_taken: Mapped[int] = mapped_column(server_default=text("0"))
    status: Mapped[EventStatus] = mapped_column(choice(EventStatus), default=EventStatus.SCHEDULED)
    status_note: Mapped[str | None]
    submitted_at: Mapped[datetime | None]
    working_group_id: Mapped[UUID | None] = mapped_column(ForeignKey("working_groups.id"))
    sequence_id: Mapped[UUID | None]
    sequence: Mapped[int] = mapped_column(default=0)
    significant_at: Mapped[datetime]
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    search: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed("event_search(title, summary, description, place_name, keywords)", persisted=True),
        deferred=True,
    )

    is_editable: Mapped[bool | None] = query_expression()
    """Whether the caller answers for it: filled in by `policy.in_full`."""

    school_insee: Mapped[str | None] = query_expression()
    """Of a session of Q2ER: the commune of its school, whose holidays count."""
    is_place_taken: Mapped[bool | None] = query_expression()
    is_actor_busy: Mapped[bool | None] = query_expression()
    """Of a session: whether another takes its place, or one of its companies, at the same time."""

    municipality: Mapped[Municipality | None] = relationship(lazy="raise")
    themes: Mapped[list[Theme]] = relationship(lazy="raise", secondary=event_themes, order_by=Theme.position)
    actors: Mapped[list[EventActor]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by=(EventActor.role, EventActor.position)
    )
    former_dates: Mapped[list[FormerDates]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by=FormerDates.replaced_at
    )
    external_ids: Mapped[list[EventExternalId]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by=EventExternalId.source
    )
