"""What anyone may read: an explicit list of public fields, in the order PostgreSQL writes them.

The JSON is made by SQL and never passes through these models; tests hold it against them.
"""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from app.actors.models import ActorKind
from app.core.examples import add_example
from app.events.models import AccessibilityProvision, AttendanceMode, EventKind, EventStatus, RegistrationMode
from app.events.states import Availability
from app.territories.models import TerritoryKind


class Public(BaseModel):
    """A public answer. Every field is always there, null or empty."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=add_example)


class PublicMunicipality(Public):
    """A commune."""

    insee_code: Annotated[str, Field(examples=["94018"])]
    name: Annotated[str, Field(examples=["Charenton-le-Pont"])]


class PublicName(Public):
    """Something that has a page of its own, by its slug."""

    slug: Annotated[str, Field(examples=["insertion-des-jeunes"])]
    name: Annotated[str, Field(examples=["Insertion des jeunes"])]


class PublicActorName(Public):
    """An organisation an event names."""

    id: UUID
    name: Annotated[str, Field(examples=["Mission locale des Bords de Marne"])]


class PublicDates(Public):
    """Dates an event had before, in its own zone."""

    starts_at: datetime
    ends_at: datetime


class PublicPlace(Public):
    """Where it takes place. Coordinates are degrees, WGS 84."""

    name: str | None
    address: str | None
    latitude: float | None
    longitude: float | None
    acceslibre_id: Annotated[str | None, Field(description="id of the place in Acceslibre")]


class PublicImage(Public):
    """A picture one may show, with what must stand beside it."""

    url: str
    alt: str
    credit: str
    licence: str


class PublicRegistration(Public):
    """How one signs up."""

    mode: RegistrationMode
    url: str | None
    capacity: int | None
    has_waitlist: bool


class PublicLinks(Public):
    """The same event elsewhere."""

    self: str
    html: str
    ics: str


class PublicEvent(Public):
    """A published event."""

    id: UUID
    title: Annotated[str, Field(examples=["Plénière de lancement"])]
    summary: str | None
    description: Annotated[str | None, Field(description="Markdown")]
    kind: EventKind
    status: EventStatus
    change_notice: Annotated[
        str | None, Field(description="a sentence to show when it does not stand as first announced")
    ]
    former_dates: Annotated[list[PublicDates], Field(description="dates it had before, oldest first")]
    starts_at: Annotated[datetime, Field(description="with the offset of its own zone on that day")]
    ends_at: Annotated[datetime, Field(description="excluded: an all-day event ends at the next midnight")]
    timezone: Annotated[str, Field(examples=["Europe/Paris"])]
    is_all_day: bool
    municipality: PublicMunicipality | None
    place: PublicPlace | None
    attendance_mode: AttendanceMode
    online_url: str | None
    organisers: list[PublicActorName]
    partners: list[PublicActorName]
    themes: list[PublicName]
    keywords: list[str]
    image: Annotated[PublicImage | None, Field(description="null also when the right to show it has ended")]
    accessibility: list[AccessibilityProvision]
    registration: PublicRegistration
    availability: Annotated[Availability, Field(description="whether one can sign up now")]
    territory: PublicName
    links: PublicLinks
    published_at: datetime
    updated_at: datetime


WINDOW: JsonDict = {"from": "2026-03-12T00:00:00+01:00", "to": None, "timezone": "Europe/Paris"}


class PublicWindow(Public):
    """The bounds the answer was made for, as instants of the territory's zone."""

    model_config = ConfigDict(json_schema_extra={"examples": [WINDOW]})

    from_: Annotated[datetime | None, Field(alias="from", description="not over before")]
    to: Annotated[datetime | None, Field(description="begins before (excluded)")]
    timezone: str


class PublicEvents(Public):
    """A page of events, by start."""

    items: list[PublicEvent]
    next: Annotated[str | None, Field(description="cursor of the next page; null on the last")]
    window: Annotated[PublicWindow, Field(examples=[WINDOW])]


class Count(Public):
    """How many events of the selection have this value."""

    value: str
    label: Annotated[str, Field(description="the value in words, where it has a name of its own")]
    count: int


class PublicFacets(Public):
    """Counts over a selection: what a page of filters needs."""

    total: int
    theme: list[Count]
    kind: list[Count]
    municipality: list[Count]
    month: Annotated[list[Count], Field(description="by month of the start, YYYY-MM")]
    window: Annotated[PublicWindow, Field(examples=[WINDOW])]


class PublicChange(Public):
    """An event to read again, or to take away."""

    id: UUID
    change: Literal["changed", "removed"]
    reason: Annotated[str | None, Field(description="deleted or withdrawn, of a removed one")]


class PublicChanges(Public):
    """What changed since a cursor, in order; each event once."""

    items: list[PublicChange]
    next: Annotated[str, Field(description="where to go on from: ask again with it, now or later")]
    has_more: Annotated[bool, Field(description="true: more is there already")]


class PublicTerritory(Public):
    """A territory. `valid_until` is the first day it no longer exists."""

    slug: str
    name: str
    kind: TerritoryKind
    siren: str | None
    valid_from: date | None
    valid_until: date | None
    timezone: str
    default_locale: str
    municipalities: Annotated[list[PublicMunicipality], Field(description="those it holds today, or held at its end")]
    predecessors: list[PublicName]
    successors: list[PublicName]
    updated_at: datetime


class PublicTerritories(Public):
    """A page of territories, by slug."""

    items: list[PublicTerritory]
    next: str | None


class PublicTheme(Public):
    """A subject a territory works on."""

    slug: str
    name: str
    description: str | None
    position: int
    territory: PublicName
    updated_at: datetime


class PublicThemes(Public):
    """A page of themes, by territory and position."""

    items: list[PublicTheme]
    next: str | None


class PublicActor(Public):
    """An organisation that agreed to stand in the public directory."""

    id: UUID
    name: str
    kind: ActorKind
    description: str | None
    website: str | None
    siren: str | None
    municipality: PublicMunicipality | None
    themes: list[PublicName]
    territory: PublicName
    updated_at: datetime


class PublicActors(Public):
    """A page of the directory, by name."""

    items: list[PublicActor]
    next: str | None
