"""The answers about events: a page of them, or one, in every format."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from app.core.i18n import Language
from app.events.notices import notice
from app.publishing.answers import Answer
from app.publishing.filters import EventQuestion, Spoken
from app.publishing.reading import Reading
from app.publishing.selection import events as selection
from app.publishing.selection.one import find_one
from app.publishing.window import DEFAULT_ZONE, resolve

JSON = "application/json"
Item = dict[str, Any]


async def list_events(reading: Reading) -> Answer:
    """A page of the selection as JSON."""
    question = reading.question
    assert isinstance(question, EventQuestion)
    found, chosen = await find(reading, question)
    items = found.items
    if found.notes:
        items = orjson.dumps(with_notices(orjson.loads(items), orjson.loads(found.notes), question.lang))
    next_ = reading.write_cursor(found.place)
    rest = orjson.dumps({"next": next_, "window": chosen.window.told()})
    return Answer(
        b'{"items":' + items + b"," + rest[1:],
        JSON,
        until=earliest(found.until, chosen.window.until),
        modified=found.modified,
        headers=reading.link_next(next_),
    )


async def read_event(reading: Reading) -> Answer:
    """One event as JSON."""
    question = reading.question
    assert isinstance(question, Spoken)
    async with reading.database.driver() as connection:
        found = await find_one(connection, UUID(reading.place), now=reading.now, base_url=reading.base_url)
    body = found.item
    if found.has_changed:
        item = orjson.loads(body)
        body = orjson.dumps(with_notices([item], {item["id"]: found.note}, question.lang)[0])
    return Answer(body, JSON, until=found.until, modified=found.modified)


async def find(
    reading: Reading, question: EventQuestion, *, detailed: bool = False, without_cancelled: bool = False
) -> tuple[selection.Found, selection.Selection]:
    """The page a question asks for."""
    known = await reading.reference.look_up(reading.database, question.territory, question.theme, question.municipality)
    window = resolve(question, known.timezone or DEFAULT_ZONE, reading.now)
    chosen = selection.select(question, known, window, without_cancelled=without_cancelled)
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
    return found, chosen


def with_notices(items: list[Item], notes: dict[str, str | None], language: Language) -> list[Item]:
    """The items, those that changed with their ready sentence."""
    for item in items:
        if item["id"] in notes:
            former = [
                (datetime.fromisoformat(dates["starts_at"]), datetime.fromisoformat(dates["ends_at"]))
                for dates in item["former_dates"]
            ]
            item["change_notice"] = notice(
                item["status"],
                datetime.fromisoformat(item["starts_at"]),
                datetime.fromisoformat(item["ends_at"]),
                former,
                item["timezone"],
                is_all_day=item["is_all_day"],
                note=notes[item["id"]],
                language=language,
            )
    return items


def earliest(*instants: datetime | None) -> datetime | None:
    """The first of those that are known."""
    return min((instant for instant in instants if instant), default=None)
