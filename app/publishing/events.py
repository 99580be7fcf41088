"""The events a question asks for, and their JSON."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
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

    def told(self, language: Language) -> bytes:
        """Its events as a JSON array, those that changed with their ready sentence."""
        return with_sentences(self.found.items, self.found.changed, language)

    def items(self, language: Language) -> list[Item]:
        """The same, read."""
        items: list[Item] = orjson.loads(self.told(language))
        return items


async def find(reading: Reading, *, detailed: bool = False) -> Page:
    """The page a question asks for."""
    question = reading.question
    assert isinstance(question, EventPage)
    place = reading.read_cursor(question.cursor)
    async with reading.database.driver() as connection:
        known = await reading.reference.look_up(connection, question.territory, question.theme, question.municipality)
        window = resolve(question, known.timezone or DEFAULT_ZONE, reading.now)
        leave_out = isinstance(question, EventQuestion) and question.cancelled is Cancelled.OMIT
        found = await selection.find(
            connection,
            select(question, known, window, without_cancelled=leave_out),
            now=reading.now,
            base_url=reading.base_url,
            limit=question.limit,
            after=(datetime.fromisoformat(place[0]), UUID(place[1])) if place else None,
            detailed=detailed,
        )
    return Page(found, known, window, reading.write_cursor(found.place))


async def find_event(reading: Reading, *, detailed: bool = False) -> FoundOne:
    """The event a path names, with its ready sentence if it has changed."""
    async with reading.database.driver() as connection:
        found = await find_one(
            connection, UUID(reading.place), now=reading.now, base_url=reading.base_url, detailed=detailed
        )
    return replace(found, item=with_sentences(found.item, found.changed, language_of(reading)))


async def list_events(reading: Reading) -> Answer:
    """A page of the selection as JSON: PostgreSQL's own bytes, unless an event has changed."""
    page = await find(reading)
    rest = orjson.dumps({"next": page.next, "window": page.window.told()})
    return Answer(
        b'{"items":' + page.told(language_of(reading)) + b"," + rest[1:],
        JSON,
        until=page.until,
        modified=page.found.modified,
        headers=reading.link_next(page.next),
    )


async def read_event(reading: Reading) -> Answer:
    """One event as JSON."""
    found = await find_event(reading)
    return Answer(found.item, JSON, until=found.until, modified=found.modified)


def language_of(reading: Reading) -> Language:
    """The language of ready sentences."""
    assert isinstance(reading.question, Spoken)
    return reading.question.lang


def with_sentences(told: bytes, changed: str | None, language: Language) -> bytes:
    """The JSON, each changed event with its ready sentence where PostgreSQL left its id.

    No text of an event can be taken for that place: in a JSON string its quotes would be escaped.
    """
    for id_, *event in orjson.loads(changed) if changed else ():
        sentence = orjson.dumps(_sentence(orjson.dumps(event), language))
        told = told.replace(b'"change_notice":"%s"' % id_.encode(), b'"change_notice":' + sentence)
    return told


@lru_cache(maxsize=4096)
def _sentence(event: bytes, language: Language) -> str | None:
    status, starts_at, ends_at, timezone, is_all_day, note, former = orjson.loads(event)
    return notice(
        status,
        datetime.fromisoformat(starts_at),
        datetime.fromisoformat(ends_at),
        [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in former],
        timezone,
        is_all_day=is_all_day,
        note=note,
        language=language,
    )
