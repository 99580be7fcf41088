"""Events as HTML that needs no script and fetches nothing but pictures: a list, one event, a feed's content."""

import base64
import hashlib
from typing import Any

from babel.dates import format_date
from markupsafe import Markup

from app.core import i18n, pages
from app.core.i18n import Language
from app.events.models import AttendanceMode
from app.events.notices import LOCALES
from app.events.states import Availability
from app.publishing.filters import Preset
from app.publishing.formats import texts
from app.publishing.formats.dates import bounds, spoken

MEDIA_TYPE = "text/html; charset=utf-8"
STYLE = (pages.TEMPLATES / "embed.css").read_text(encoding="utf-8")
DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{DIGEST}'; img-src https:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors "
)
COLONS = {"fr": "\u00a0: ", "en": ": "}
Item = dict[str, Any]


def headers(language: Language, *, may_be_framed: bool = False) -> dict[str, str]:
    """What lets these pages show as they should; only the embedded one may stand inside other sites."""
    return {
        "Content-Language": language,
        "Content-Security-Policy": POLICY + ("*" if may_be_framed else "'none'"),
    }


def listing(
    items: list[Item],
    *,
    title: str,
    timezone: str,
    language: Language,
    calendar_url: str,
    feed_url: str,
    next_url: str | None,
    heading: int | None = None,
    preset: Preset = Preset.NEUTRAL,
) -> bytes:
    """A list of events. With a `heading` level it is the part of another site; without, a page of its own."""
    return _render("embed.html", language, {
        "events": [_view(item, language, timezone) for item in items],
        "title": title,
        "calendar_url": calendar_url,
        "feed_url": feed_url,
        "next_url": next_url,
        "is_embedded": heading is not None,
        "heading": heading or 2,
        "preset": preset,
    })  # fmt: skip


def event(item: Item, language: Language) -> bytes:
    """The page of one event."""
    view = _view(item, language, item["timezone"])
    return _render("embed_event.html", language, {"event": view, "title": item["title"], "preset": Preset.NEUTRAL})


def content(item: Item, language: Language, timezone: str) -> str:
    """What a feed shows of an event."""
    return pages.render("embed_content.html", language, {"event": _view(item, language, timezone)}).strip()


def _view(item: Item, language: Language, timezone: str) -> Item:
    """The event with what a template cannot work out."""
    starts_at, _ = bounds(item)
    image, is_off = item["image"], item["availability"] in {Availability.CALLED_OFF, Availability.OVER}
    description = texts.html_of(item["description"]) if item["description"] else None
    return {
        **item,
        "spoken": spoken(item, language, timezone),
        "datetime": item["starts_at"][:10] if item["is_all_day"] else item["starts_at"],
        "day": starts_at.day,
        "month": format_date(starts_at.date(), "MMM", locale=LOCALES[language]),
        "where": _where(item, language),
        "sign_up_url": None if is_off else item["registration"]["url"],
        "join_url": None if is_off else item["online_url"],
        "image": image if image and image["url"].startswith("https:") else None,
        "description": Markup(description) if description else None,  # noqa: S704 (cleaned)
    }


def _where(item: Item, language: Language) -> str:
    """Where one attends, in one line."""
    place, municipality = item["place"] or {}, item["municipality"] or {}
    parts = [place.get("name"), place.get("address"), municipality.get("name")]
    said = ", ".join(part for part in parts if part) if item["attendance_mode"] != AttendanceMode.ONLINE else ""
    if item["attendance_mode"] == AttendanceMode.IN_PERSON:
        return said
    mode = i18n.text(language, f"public.attendance.{item['attendance_mode']}")
    return f"{said} – {mode}" if said else mode


def _render(template: str, language: Language, context: dict[str, Any]) -> bytes:
    style = Markup(STYLE)  # noqa: S704 (our own file)
    return pages.render(template, language, {**context, "style": style, "colon": COLONS[language]}).encode()
