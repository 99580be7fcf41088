"""The events a question asks for, and their JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from app.core.i18n import Language
from app.events.notices import notice
from app.publishing.answers import Answer
from app.publishing.filters import Cancelled, EventPage, EventQuestion, Spoken
from app.publishing.reading import Reading
from app.publishing.reference import Known
from app.publishing.selection import events as selection
from app.publishing.selection.chosen import select
from app.publishing.selection.one import FoundOne, find_one
from app.publishing.window import DEFAULT_ZONE, Window, resolve

JSON = "application/json"
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a selection, with what it was made for. `next` is the cursor of the following page."""

    found: selection.Found
    known: Known
    window: Window
    next: str | None

    @property
    def until(self) -> datetime | None:
        """When it may no longer be true."""
        return min((instant for instant in (self.found.until, self.window.until) if instant), default=None)

    def items(self, language: Language) -> list[Item]:
        """Its events, those that changed with their ready sentence."""
        items: list[Item] = orjson.loads(self.found.items)
        return with_notices(items, orjson.loads(self.found.notes), language) if self.found.notes else items


async def find(reading: Reading, *, detailed: bool = False) -> Page:
    """The page a question asks for."""
    question = reading.question
    assert isinstance(question, EventPage)
    known = await reading.reference.look_up(reading.database, question.territory, question.theme, question.municipality)
    window = resolve(question, known.timezone or DEFAULT_ZONE, reading.now)
    leave_out = isinstance(question, EventQuestion) and question.cancelled is Cancelled.OMIT
    chosen = select(question, known, window, without_cancelled=leave_out)
    place = reading.read_cursor(question.cursor)
    async with reading.database.driver() as connection:
        found = await selection.find(
            connection,
            chosen,
            now=reading.now,
            base_url=reading.base_url,
            limit=question.limit,
            after=(datetime.fromisoformat(place[0]), UUID(place[1])) if place else None,
            detailed=detailed,
        )
    return Page(found, known, window, reading.write_cursor(found.place))


async def find_event(reading: Reading, *, detailed: bool = False) -> FoundOne:
    """The event a path names."""
    async with reading.database.driver() as connection:
        return await find_one(
            connection, UUID(reading.place), now=reading.now, base_url=reading.base_url, detailed=detailed
        )


async def list_events(reading: Reading) -> Answer:
    """A page of the selection as JSON: PostgreSQL's own bytes, unless an event has changed."""
    page = await find(reading)
    items = orjson.dumps(page.items(language_of(reading))) if page.found.notes else page.found.items
    rest = orjson.dumps({"next": page.next, "window": page.window.told()})
    return Answer(
        b'{"items":' + items + b"," + rest[1:],
        JSON,
        until=page.until,
        modified=page.found.modified,
        headers=reading.link_next(page.next),
    )


async def read_event(reading: Reading) -> Answer:
    """One event as JSON."""
    found = await find_event(reading)
    body = orjson.dumps(item_of(found, language_of(reading))) if found.has_changed else found.item
    return Answer(body, JSON, until=found.until, modified=found.modified)


def item_of(found: FoundOne, language: Language) -> Item:
    """The event, with its ready sentence if it has changed."""
    item: Item = orjson.loads(found.item)
    return with_notices([item], {item["id"]: found.note}, language)[0] if found.has_changed else item


def language_of(reading: Reading) -> Language:
    """The language of ready sentences."""
    assert isinstance(reading.question, Spoken)
    return reading.question.lang


def with_notices(items: list[Item], notes: dict[str, str | None], language: Language) -> list[Item]:
    """The items, those whose note is given with their ready sentence."""
    for item in items:
        if item["id"] in notes:
            item["change_notice"] = notice(
                item["status"],
                *_dates(item),
                [_dates(former) for former in item["former_dates"]],
                item["timezone"],
                is_all_day=item["is_all_day"],
                note=notes[item["id"]],
                language=language,
            )
    return items


def _dates(told: Item) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(told["starts_at"]), datetime.fromisoformat(told["ends_at"])
