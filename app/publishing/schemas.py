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

PUBLISHED = "https://agenda.example.fr/v1/public/events/01936f6e-5c1a-7d3e-9b52-2f6c8f0a4d17"
NEXT = "Qx8cCbbd7-7oiPeIAxguVVsiMjAyNi0xMS0yMlQyMTowODowOSJd"


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

    starts_at: Annotated[datetime, Field(examples=["2026-03-12T18:30:00+01:00"])]
    ends_at: Annotated[datetime, Field(examples=["2026-03-12T20:00:00+01:00"])]


class PublicPlace(Public):
    """Where it takes place. Coordinates are degrees, WGS 84."""

    name: Annotated[str | None, Field(examples=["Espace Toffoli"])]
    address: Annotated[str | None, Field(examples=["12 rue du Maréchal-Leclerc"])]
    latitude: Annotated[float | None, Field(examples=[48.8194])]
    longitude: Annotated[float | None, Field(examples=[2.4226])]
    acceslibre_id: Annotated[str | None, Field(description="id of the place in Acceslibre", examples=["c5a1b2d3"])]


class PublicImage(Public):
    """A picture one may show, with what must stand beside it."""

    url: Annotated[str, Field(examples=["https://www.example.fr/pleniere.jpg"])]
    alt: Annotated[str, Field(examples=["Une salle pleine, de dos, face à une estrade"])]
    credit: Annotated[str, Field(examples=["Ville de Saint-Maurice"])]
    licence: Annotated[str, Field(examples=["CC BY-SA 4.0"])]


class PublicRegistration(Public):
    """How one signs up."""

    mode: Annotated[RegistrationMode, Field(examples=["external"])]
    url: Annotated[str | None, Field(examples=["https://inscription.example.fr/pleniere"])]
    capacity: Annotated[int | None, Field(examples=[140])]
    has_waitlist: bool


class PublicLinks(Public):
    """The same event elsewhere."""

    self: Annotated[str, Field(examples=[PUBLISHED])]
    html: Annotated[str, Field(examples=[PUBLISHED + ".html"])]
    ics: Annotated[str, Field(examples=[PUBLISHED + ".ics"])]


class PublicEvent(Public):
    """A published event."""

    id: UUID
    title: Annotated[str, Field(examples=["Plénière de lancement"])]
    summary: Annotated[str | None, Field(examples=["Les acteurs du territoire se rencontrent."])]
    description: Annotated[str | None, Field(description="Markdown", examples=["Au programme : **trois thèmes**."])]
    kind: EventKind
    status: Annotated[EventStatus, Field(examples=["rescheduled"])]
    change_notice: Annotated[
        str | None,
        Field(
            description="a sentence to show when it does not stand as first announced",
            examples=["Reporté du 12 au 19 mars"],
        ),
    ]
    former_dates: Annotated[list[PublicDates], Field(description="dates it had before, oldest first")]
    starts_at: Annotated[
        datetime,
        Field(description="with the offset of its own zone on that day", examples=["2026-03-19T18:30:00+01:00"]),
    ]
    ends_at: Annotated[
        datetime,
        Field(
            description="excluded: an all-day event ends at the next midnight", examples=["2026-03-19T20:00:00+01:00"]
        ),
    ]
    timezone: Annotated[str, Field(examples=["Europe/Paris"])]
    is_all_day: bool
    municipality: PublicMunicipality | None
    place: PublicPlace | None
    attendance_mode: AttendanceMode
    online_url: Annotated[str | None, Field(examples=["https://visio.example.fr/pleniere"])]
    organisers: list[PublicActorName]
    partners: list[PublicActorName]
    themes: list[PublicName]
    keywords: Annotated[list[str], Field(examples=[["apprentissage"]])]
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
    timezone: Annotated[str, Field(examples=["Europe/Paris"])]


class PublicEvents(Public):
    """A page of events, by start."""

    items: list[PublicEvent]
    next: Annotated[str | None, Field(description="cursor of the next page; null on the last", examples=[NEXT])]
    window: Annotated[PublicWindow, Field(examples=[WINDOW])]


class Count(Public):
    """How many events of the selection have this value."""

    value: Annotated[str, Field(examples=["plenary"])]
    label: Annotated[
        str, Field(description="the value in words, where it has a name of its own", examples=["Plénière"])
    ]
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
    change: Annotated[Literal["changed", "removed"], Field(examples=["removed"])]
    reason: Annotated[str | None, Field(description="deleted or withdrawn, of a removed one", examples=["withdrawn"])]


class PublicChanges(Public):
    """What changed since a cursor, in order; each event once."""

    items: list[PublicChange]
    next: Annotated[str, Field(description="where to go on from: ask again with it, now or later", examples=[NEXT])]
    has_more: Annotated[bool, Field(description="true: more is there already")]


class PublicTerritory(Public):
    """A territory. `valid_until` is the first day it no longer exists."""

    slug: Annotated[str, Field(examples=["paris-est-marne-et-bois"])]
    name: Annotated[str, Field(examples=["Paris Est Marne & Bois"])]
    kind: Annotated[TerritoryKind, Field(examples=["intermunicipality"])]
    siren: Annotated[str | None, Field(examples=["200057941"])]
    valid_from: Annotated[date | None, Field(examples=["2016-01-01"])]
    valid_until: Annotated[date | None, Field(examples=["2030-01-01"])]
    timezone: Annotated[str, Field(examples=["Europe/Paris"])]
    default_locale: Annotated[str, Field(examples=["fr"])]
    municipalities: Annotated[list[PublicMunicipality], Field(description="those it holds today, or held at its end")]
    predecessors: list[PublicName]
    successors: list[PublicName]
    updated_at: datetime


class PublicTerritories(Public):
    """A page of territories, by slug."""

    items: list[PublicTerritory]
    next: Annotated[str | None, Field(description="cursor of the next page; null on the last", examples=[NEXT])]


class PublicTheme(Public):
    """A subject a territory works on."""

    slug: Annotated[str, Field(examples=["insertion-des-jeunes"])]
    name: Annotated[str, Field(examples=["Insertion des jeunes"])]
    description: Annotated[str | None, Field(examples=["Stages, apprentissage, premier emploi."])]
    position: Annotated[int, Field(examples=[1])]
    territory: PublicName
    updated_at: datetime


class PublicThemes(Public):
    """A page of themes, by territory and position."""

    items: list[PublicTheme]
    next: Annotated[str | None, Field(description="cursor of the next page; null on the last", examples=[NEXT])]


class PublicActor(Public):
    """An organisation that agreed to stand in the public directory."""

    id: UUID
    name: Annotated[str, Field(examples=["Mission locale des Bords de Marne"])]
    kind: Annotated[ActorKind, Field(examples=["association"])]
    description: Annotated[str | None, Field(examples=["Accompagne les jeunes de 16 à 25 ans."])]
    website: Annotated[str | None, Field(examples=["https://www.example.fr/"])]
    siren: Annotated[str | None, Field(examples=["732829320"])]
    municipality: PublicMunicipality | None
    themes: list[PublicName]
    territory: PublicName
    updated_at: datetime


class PublicActors(Public):
    """A page of the directory, by name."""

    items: list[PublicActor]
    next: Annotated[str | None, Field(description="cursor of the next page; null on the last", examples=[NEXT])]
