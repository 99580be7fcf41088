"""From an event as the data files tell it to the columns of its row."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.core.publication import Publication
from app.demo.actors import Cast
from app.demo.rows import demo_id
from app.demo.territories import TIMEZONE, Entry, ground, territory_id, theme_id
from app.events.models import (
    AccessibilityProvision,
    AttendanceMode,
    Audience,
    EventActor,
    EventActorRole,
    EventKind,
    EventStatus,
    RegistrationMode,
)
from app.territories.models import Theme

ZONE = ZoneInfo(TIMEZONE)


class ImageEntry(Entry):
    """A picture: what it shows, who made it and how it may be used."""

    alt: str
    credit: str
    licence: str


class EventEntry(Entry):
    """An event. Without `start` and `end` it lasts `days` whole days; without `town` it is online.

    `organisers` and `partners` are words of `Cast.find`.
    """

    key: str
    kind: EventKind
    title: str
    summary: str
    description: str
    start: time | None = None
    end: time | None = None
    days: int = 1
    town: str | None = None
    venue: str = "town-hall"
    mode: AttendanceMode = AttendanceMode.IN_PERSON
    themes: tuple[str, ...]
    keywords: tuple[str, ...] = ()
    organisers: tuple[str, ...]
    partners: tuple[str, ...] = ()
    accessibility: tuple[AccessibilityProvision, ...] = ()
    registration: RegistrationMode = RegistrationMode.NONE
    capacity: int | None = None
    waitlist: bool = False
    status: EventStatus = EventStatus.SCHEDULED
    note: str | None = None
    audience: Audience = Audience.PUBLIC
    publication: Publication = Publication.PUBLISHED
    image: ImageEntry | None = None


def event_id(entry: EventEntry) -> UUID:
    """The identifier of an event."""
    return demo_id("event", entry.key)


def instant(day: date, at: time = time.min) -> datetime:
    """That moment of the day in the territories' zone."""
    return datetime.combine(day, at, ZONE).astimezone(UTC)


def timing(day: date, start: time | None, end: time | None, days: int = 1) -> dict[str, datetime]:
    """`starts_at` and `ends_at`, the latter excluded."""
    if start is None or end is None:
        return {"starts_at": instant(day), "ends_at": instant(day + timedelta(days=days))}
    return {"starts_at": instant(day, start), "ends_at": instant(day, end)}


def event_values(
    entry: EventEntry, day: date, cast: Cast, themes: dict[UUID, Theme], *, announced: datetime
) -> dict[str, Any]:
    """The columns of the event's row, on that day, published at the moment it was `announced`.

    Every event is marked: the source gives months at best, so that some of each is invented.
    """
    wanted = {theme_id(cast.territory, key) for key in entry.themes}
    return {
        "territory_id": territory_id(cast.territory),
        **entry.model_dump(include={"kind", "title", "summary", "capacity", "status", "audience"}),
        "description": entry.description.strip(),
        "keywords": list(entry.keywords),
        **timing(day, entry.start, entry.end, entry.days),
        "timezone": TIMEZONE,
        "is_all_day": entry.start is None,
        **_place(entry),
        "attendance_mode": entry.mode,
        "online_url": None if entry.mode is AttendanceMode.IN_PERSON else f"https://visio.example/{entry.key}",
        **_image(entry),
        "accessibility": list(entry.accessibility),
        "registration_mode": entry.registration,
        "registration_url": (
            f"https://inscription.example/{entry.key}" if entry.registration is RegistrationMode.EXTERNAL else None
        ),
        "has_waitlist": entry.waitlist,
        "status_note": entry.note,
        "publication": entry.publication,
        "published_at": None if entry.publication is Publication.DRAFT else announced,
        "significant_at": announced,
        "is_demonstration": True,
        "themes": [theme for theme in themes.values() if theme.id in wanted],
        "actors": list(_actors(entry, cast)),
    }


def _place(entry: EventEntry) -> dict[str, Any]:
    if entry.town is None:
        return dict.fromkeys(("insee_code", "place_name", "place_address", "latitude", "longitude"))
    town, venue = ground().municipality_named(entry.town), ground().venue[entry.venue]
    return {
        "insee_code": town.insee_code,
        "place_name": venue.name,
        "place_address": venue.street,
        "latitude": round(town.latitude + venue.north, 6),
        "longitude": round(town.longitude + venue.east, 6),
    }


def _image(entry: EventEntry) -> dict[str, Any]:
    if entry.image is None:
        return dict.fromkeys(("image_url", "image_alt", "image_credit", "image_licence"))
    told = {f"image_{name}": value for name, value in entry.image.model_dump().items()}
    return {"image_url": f"https://images.example/{entry.key}.jpg", **told}


def _actors(entry: EventEntry, cast: Cast) -> Iterable[EventActor]:
    town = ground().municipality_named(entry.town).insee_code if entry.town else ""
    for role, words in ((EventActorRole.ORGANISER, entry.organisers), (EventActorRole.PARTNER, entry.partners)):
        found = dict.fromkeys(cast.find(word, town=town, event=entry.key) for word in words)
        for position, actor in enumerate(filter(None, found), 1):
            yield EventActor(actor_id=actor.id, role=role, position=position)
