"""A selection as an iCalendar to subscribe to (RFC 5545, RFC 7986)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event, vDuration, vText, vUri

from app.core import i18n
from app.core.i18n import Language
from app.publishing.filters import Cancelled
from app.publishing.formats import texts
from app.publishing.formats.dates import bounds
from app.publishing.formats.zones import vtimezone

MEDIA_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//Agir Ensemble sur le Territoire//Agenda//FR"
REFRESH = timedelta(hours=1)
STATUSES = {"cancelled": "CANCELLED", "postponed": "TENTATIVE"}
Item = dict[str, Any]


def calendar(
    items: Iterable[Item], *, title: str, url: str, timezone: str, language: Language, cancelled: Cancelled
) -> bytes:
    """The calendar of these events; a valid one, too, when there are none."""
    made = Calendar()
    made.add("version", "2.0")
    made.add("prodid", PRODUCT)
    made.add("calscale", "GREGORIAN")
    made.add("name", title)
    made.add("x-wr-calname", title)
    made.add("x-wr-timezone", timezone)
    made.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", vDuration(REFRESH))
    made.add("source", vUri(url), parameters={"VALUE": "URI"})
    events = [_event(item, language, cancelled) for item in items]
    for zone, years in _zones(events).items():
        made.add_component(vtimezone(zone, min(years), max(years)))
    for event in events:
        made.add_component(event)
    written: bytes = made.to_ical()
    return written


def _event(item: Item, language: Language, cancelled: Cancelled) -> Event:
    event = Event()
    event.add("uid", item["id"])
    for name, field in (("dtstamp", "updated_at"), ("last-modified", "updated_at"), ("created", "published_at")):
        event.add(name, datetime.fromisoformat(item[field]).astimezone(UTC).replace(microsecond=0))
    event.add("sequence", item["sequence"])
    event.add("status", STATUSES.get(item["status"], "CONFIRMED"))
    event.add("class", "PUBLIC")
    event.add("summary", texts.lines(_title(item, language, cancelled)))
    starts_at, ends_at = bounds(item)
    event.add("dtstart", starts_at.date() if item["is_all_day"] else _instant(starts_at))
    event.add("dtend", ends_at.date() if item["is_all_day"] else _instant(ends_at))
    event.add("url", item["links"]["html"])
    event.add("description", texts.lines(_description(item, language)))
    _add_place(event, item)
    words = [theme["name"] for theme in item["themes"]] + item["keywords"]
    if words:
        event.add("categories", [vText(texts.lines(word)) for word in words])
    return event


def _title(item: Item, language: Language, cancelled: Cancelled) -> str:
    """The title. A postponed event still stands on its old day, so every reader must see the word."""
    title: str = item["title"]
    if item["status"] == "postponed" or (item["status"] == "cancelled" and cancelled is Cancelled.TITLE):
        return i18n.text(language, f"public.calendar.{item['status']}", title=title)
    return title


def _instant(moment: datetime) -> datetime:
    """Wall clock of its zone; in UTC in the hour that comes twice, which a wall clock cannot tell apart."""
    moment = moment.replace(microsecond=0)
    return moment.astimezone(UTC) if moment.fold or str(moment.tzinfo) == "UTC" else moment


def _add_place(event: Event, item: Item) -> None:
    place, municipality = item["place"] or {}, item["municipality"] or {}
    parts = [place.get("name"), place.get("address"), municipality.get("name")]
    said = ", ".join(part for part in parts if part)
    if item["attendance_mode"] == "online":
        said = item["online_url"] or said
    if said:
        event.add("location", texts.lines(said))
    if place.get("latitude") is not None:
        event.add("geo", (place["latitude"], place["longitude"]))
    if item["online_url"]:
        event.add("conference", vUri(item["online_url"]), parameters={"VALUE": "URI", "FEATURE": "VIDEO"})


def _description(item: Item, language: Language) -> str:
    """What stands in the entry: first what changed, then what it is, who holds it, and where to read on."""
    organisers = ", ".join(actor["name"] for actor in item["organisers"])
    parts = [
        item["change_notice"],
        item["summary"],
        texts.plain_of(item["description"]) if item["description"] else None,
        i18n.text(language, "public.organised_by", names=organisers) if organisers else None,
        item["registration"]["url"] and i18n.text(language, "public.sign_up_at", url=item["registration"]["url"]),
        item["links"]["html"],
    ]
    return "\n\n".join(part for part in parts if part)


def _zones(events: list[Event]) -> dict[str, set[int]]:
    """The zones used, with their years, in a fixed order."""
    found: dict[str, set[int]] = {}
    for event in events:
        for moment in (event.DTSTART, event.DTEND):
            if isinstance(moment, datetime) and moment.tzinfo is not UTC:
                found.setdefault(str(moment.tzinfo), set()).add(moment.year)
    return dict(sorted(found.items()))
