"""What enters and leaves of events. Their dates are explained in `dates.py`."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.actors.schemas import ActorRef, ExternalIdOut
from app.core.database_errors import describe_constraint
from app.core.examples import add_example
from app.core.fields import Day, ExternalIds, HttpUrlText, IanaZone, Ids, Instant, Line, Prose, Word, distinct
from app.core.pagination import Page
from app.core.publication import PublicationView
from app.core.schemas import Body, ResourceView, View, described_by, partial
from app.core.sentences import Sentence
from app.events.details import (
    EventImage,
    EventImageOut,
    EventImageUpdate,
    EventPlace,
    EventPlaceOut,
    EventRegistration,
    EventRegistrationOut,
)
from app.events.models import (
    AccessibilityProvision,
    AttendanceMode,
    Audience,
    EventKind,
    EventStatus,
)
from app.events.states import Action, Availability
from app.territories.identifiers import InseeCode
from app.territories.schemas import MunicipalityOut, ThemeRef


def _add_timed_example(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """An example with instants only: the two kinds of dates exclude each other."""
    add_example(schema, model)
    for name in ("starts_on", "ends_on"):
        del schema["examples"][0][name]


class EventFields(Body):
    """What may be said of an event when it is made and later."""

    model_config = ConfigDict(json_schema_extra=_add_timed_example)

    kind: Annotated[EventKind, Field(description="what happens", examples=["plenary"])]
    title: Annotated[Line, Field(description="its name", examples=["Plénière de lancement"])]
    summary: Annotated[
        Line | None,
        Field(description="one line for lists", examples=["Entreprises, associations et élus se rencontrent."]),
    ] = None
    description: Annotated[
        Prose | None, Field(description="Markdown", examples=["Ouverte à **tous les acteurs** du territoire."])
    ] = None
    starts_at: Annotated[Instant | None, Field(description="instant it begins; not with starts_on")] = None
    ends_at: Annotated[
        Instant | None,
        Field(description="instant it ends; at most 366 days later", examples=["2026-03-12T20:00:00+01:00"]),
    ] = None
    starts_on: Annotated[Day | None, Field(description="first day of an all-day event; not with starts_at")] = None
    ends_on: Annotated[Day | None, Field(description="last day of an all-day event, included")] = None
    timezone: Annotated[IanaZone | None, Field(description="IANA zone of its dates; null: that of the territory")] = (
        None
    )
    insee_code: Annotated[
        InseeCode | None, Field(description="a commune of the territory; answered as `municipality`")
    ] = None
    place: Annotated[EventPlace | None, Field(description="where one comes to")] = None
    attendance_mode: Annotated[
        AttendanceMode,
        Field(
            description="where one attends; online and mixed need online_url to be published", examples=["in_person"]
        ),
    ] = AttendanceMode.IN_PERSON
    online_url: Annotated[HttpUrlText | None, Field(description="where one attends online")] = None
    keywords: Annotated[
        list[Word],
        Field(default_factory=list, max_length=20, description="words to be found by", examples=[["emploi"]]),
        distinct(),
    ]
    image: Annotated[EventImage | None, Field(description="picture")] = None
    accessibility: Annotated[
        list[AccessibilityProvision],
        Field(
            default_factory=list,
            max_length=20,
            description="what is there for people with a disability",
            examples=[["wheelchair"]],
        ),
        distinct(),
    ]
    audience: Annotated[
        Audience, Field(description="only public ones are published to everyone", examples=["public"])
    ] = Audience.PUBLIC
    registration: Annotated[EventRegistration, Field(description="how one signs up")] = EventRegistration()
    organiser_ids: Annotated[
        Ids,
        Field(default_factory=list, description="actors who organise it, in the order shown; answered as `organisers`"),
    ]
    partner_ids: Annotated[
        Ids, Field(default_factory=list, description="actors who help, in the order shown; answered as `partners`")
    ]
    theme_ids: Annotated[Ids, Field(default_factory=list, description="themes of the territory; answered as `themes`")]
    working_group_id: Annotated[
        UUID | None,
        Field(description="the working group it is of; unless you publish, one your school or organisation leads"),
    ] = None
    sequence_id: Annotated[
        UUID | None,
        Field(
            description="the sequence of Q2ER it is a session of, within its school year; unless you publish, one of"
            " an edition your school takes part in"
        ),
    ] = None
    external_ids: Annotated[ExternalIds, Field(default_factory=list)]


class EventCreate(EventFields):
    """An event to make. It begins as a draft."""

    territory_id: Annotated[UUID, Field(description="its territory; does not change")]


@partial
class EventUpdate(EventFields):
    """Fields to change; an absent one stays. Objects are merged, lists replaced."""

    image: Annotated[EventImageUpdate | None, Field(description="picture")] = None
    status_note: Annotated[
        Line | None,
        Field(description="why it is cancelled, moved or postponed; public", examples=["Salle indisponible"]),
    ] = None


class EventNote(Body):
    """What to tell the public."""

    status_note: Annotated[
        Line | None, Field(description="why, in a few public words", examples=["Salle indisponible"])
    ] = None


class EventReschedule(EventNote):
    """The new dates, of one kind or the other."""

    model_config = ConfigDict(json_schema_extra=_add_timed_example)

    starts_at: Annotated[Instant | None, Field(description="instant it begins; not with starts_on")] = None
    ends_at: Annotated[Instant | None, Field(description="instant it ends", examples=["2026-03-12T20:00:00+01:00"])] = (
        None
    )
    starts_on: Annotated[Day | None, Field(description="first day of an all-day event")] = None
    ends_on: Annotated[Day | None, Field(description="last day of an all-day event, included")] = None


class EventMoveOnline(EventNote):
    """Where one attends instead."""

    online_url: Annotated[HttpUrlText, Field(description="where one attends online")]


class EventFormerDates(View):
    """Dates the event had once it was announced, and no longer has."""

    starts_at: datetime
    ends_at: datetime
    replaced_at: Annotated[datetime, Field(description="when they were given up")]


class ChangeNotice(View):
    """The same sentence in each language."""

    fr: Annotated[str, Field(examples=["Reporté du 12 au 19 mars"])]
    en: Annotated[str, Field(examples=["Moved from 12 to 19 March"])]


class SchedulingNoticeCode(StrEnum):
    """Why a session may be better held at another time."""

    PUBLIC_HOLIDAY = "public_holiday"
    SCHOOL_HOLIDAY = "school_holiday"
    PLACE_TAKEN = "place_taken"
    ACTOR_BUSY = "actor_busy"


class SchedulingNotice(View):
    """A warning about the dates of a session."""

    code: SchedulingNoticeCode
    day: Annotated[date | None, Field(description="the first day concerned; null: the whole session")]
    name: Annotated[str | None, Field(description="what the holiday is called", examples=["Vacances de Noël"])]
    message: Sentence


@described_by(EventUpdate)
class EventOut(PublicationView, ResourceView):
    """An event as those who work on it see it. Instants carry the offset of the event's own zone."""

    territory_id: UUID
    kind: EventKind
    title: str
    summary: str | None
    description: str | None
    starts_at: Annotated[datetime, Field(description="instant it begins", examples=["2026-03-12T00:00:00+01:00"])]
    ends_at: Annotated[datetime, Field(description="instant it ends, excluded", examples=["2026-03-13T00:00:00+01:00"])]
    is_all_day: Annotated[bool, Field(description="whether its dates are whole days", examples=[True])]
    starts_on: Annotated[
        date | None, Field(description="first day of an all-day event, else null", examples=["2026-03-12"])
    ]
    ends_on: Annotated[
        date | None, Field(description="last day of an all-day event, included, else null", examples=["2026-03-12"])
    ]
    timezone: Annotated[str, Field(description="IANA zone of its dates", examples=["Europe/Paris"])]
    former_dates: Annotated[list[EventFormerDates], Field(description="oldest first", examples=[[]])]
    municipality: Annotated[MunicipalityOut | None, Field(description="its commune")]
    place: EventPlaceOut | None
    attendance_mode: AttendanceMode
    online_url: str | None
    keywords: list[str]
    image: EventImageOut | None
    accessibility: list[str]
    audience: Audience
    registration: EventRegistrationOut
    availability: Annotated[Availability, Field(description="whether one can sign up now")]
    seats_left: Annotated[
        int | None, Field(description="seats nobody has taken; null when not limited here", examples=[12])
    ]
    organisers: Annotated[list[ActorRef], Field(description="in the order shown")]
    partners: Annotated[list[ActorRef], Field(description="in the order shown")]
    themes: list[ThemeRef]
    working_group_id: UUID | None
    sequence_id: UUID | None
    external_ids: list[ExternalIdOut]
    status: Annotated[EventStatus, Field(description="whether it takes place as announced", examples=["rescheduled"])]
    status_note: str | None
    change_notice: Annotated[ChangeNotice | None, Field(description="what changed, ready to be shown")]
    submitted_at: Annotated[datetime | None, Field(description="when it was handed to review")]
    sequence: Annotated[int, Field(description="grows with dates, place and status (iCalendar)")]
    significant_at: Annotated[datetime, Field(description="last change a reader cares about (Atom)")]
    is_demonstration: Annotated[bool, Field(description="made up to show the platform")]
    notices: Annotated[
        list[SchedulingNotice],
        Field(description="of a session of Q2ER, to whoever may edit it: days off of its school, what else is on"),
    ]
    allowed_actions: Annotated[list[Action], Field(description="what this caller may do to it now")]


class EventWindow(View):
    """The instants that the dates asked for stand for, with the offset of the territory."""

    after: Annotated[datetime | None, Field(description="events end after this instant")]
    before: Annotated[datetime | None, Field(description="events begin before this instant")]
    updated_since: Annotated[datetime | None, Field(description="events changed since this instant")]


class EventPage(Page[EventOut]):
    """One page of events."""

    window: EventWindow


describe_constraint("events_timezone_check", "#/timezone", "unknown_timezone")
describe_constraint("events_all_day_check", "#/starts_on", "no_midnight")
describe_constraint("events_coordinates_together_check", "#/place", "coordinates_together")
describe_constraint("events_online_url_check", "#/online_url", "online_url_needed")
describe_constraint("events_image_check", "#/image", "image_incomplete")
describe_constraint("events_image_rights_check", "#/image", "image_incomplete")
describe_constraint("events_registration_url_check", "#/registration/url", "registration_url")
describe_constraint("events_capacity_registration_check", "#/registration/capacity", "capacity_without_registration")
describe_constraint("events_waitlist_check", "#/registration/has_waitlist", "waitlist_without_capacity")
describe_constraint("events_status_note_check", "#/status_note", "nothing_to_note")
describe_constraint("event_external_ids_territory_id_source_external_id_key", "#/external_ids", "already_exists")
