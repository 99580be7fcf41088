"""A selection as an Atom feed (RFC 4287), with pages (RFC 5005)."""

from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from app.core.i18n import Language
from app.publishing.formats.texts import for_xml

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
ATOM = "http://www.w3.org/2005/Atom"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
NOTHING_YET = datetime(1970, 1, 1, tzinfo=UTC)
Item = dict[str, Any]


def feed(
    items: list[Item],
    contents: list[str],
    *,
    title: str,
    author: str,
    selection: str,
    links: dict[str, str],
    language: Language,
) -> bytes:
    """The feed. `selection` names it for ever, whatever the host; `links` are addresses by relation.

    `updated` is the last change a reader cares about, never the date of an event.
    """
    register_namespace("", ATOM)
    root = Element(f"{{{ATOM}}}feed", {LANGUAGE: language})
    _add(root, "id", uuid5(NAMESPACE_URL, f"agir-ensemble:{selection}").urn)
    _add(root, "title", title)
    _add(root, "updated", _instant(max((_significant(item) for item in items), default=NOTHING_YET)))
    _add(_element(root, "author"), "name", author)
    for relation, address in links.items():
        kind = {"alternate": "text/html"}.get(relation, "application/atom+xml")
        _element(root, "link", rel=relation, type=kind, href=address)
    for item, content in zip(items, contents, strict=True):
        _add_entry(root, item, content)
    body: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body + b"\n"


def _add_entry(root: Element, item: Item, content: str) -> None:
    entry = _element(root, "entry")
    _add(entry, "id", f"urn:uuid:{item['id']}")
    _add(entry, "title", item["title"])
    _add(entry, "updated", _instant(_significant(item)))
    _add(entry, "published", _instant(datetime.fromisoformat(item["published_at"])))
    for actor in item["organisers"]:
        _add(_element(entry, "author"), "name", actor["name"])
    _element(entry, "link", rel="alternate", type="text/html", href=item["links"]["html"])
    _element(entry, "link", rel="alternate", type="text/calendar", href=item["links"]["ics"])
    for theme in item["themes"]:
        _element(entry, "category", term=theme["slug"], label=theme["name"])
    summary = " – ".join(part for part in (item["change_notice"], item["summary"]) if part)
    if summary:
        _add(entry, "summary", summary)
    _add(entry, "content", content, type="html")


def _significant(item: Item) -> datetime:
    return datetime.fromisoformat(item["significant_at"])


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _element(parent: Element, name: str, **attributes: str) -> Element:
    safe = {key: for_xml(value) for key, value in attributes.items()}
    return SubElement(parent, f"{{{ATOM}}}{name}", safe)


def _add(parent: Element, name: str, text: str, **attributes: str) -> None:
    _element(parent, name, **attributes).text = for_xml(text)
