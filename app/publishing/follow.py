"""The answers that let a page of filters, or a copy kept elsewhere, follow the public events."""

import orjson

from app.core import i18n
from app.publishing.answers import Answer
from app.publishing.events import JSON, language_of
from app.publishing.filters import ChangesQuestion, EventChoice
from app.publishing.reading import Reading
from app.publishing.selection import changes, facets
from app.publishing.selection.chosen import select
from app.publishing.window import DEFAULT_ZONE, resolve


async def count_events(reading: Reading) -> Answer:
    """The selection counted by theme, kind, commune and month."""
    question = reading.question
    assert isinstance(question, EventChoice)
    async with reading.database.driver() as connection:
        known = await reading.reference.look_up(connection, question.territory, question.theme, question.municipality)
        window = resolve(question, known.timezone or DEFAULT_ZONE, reading.now)
        counts = await facets.count(connection, select(question, known, window), reading.now)
    told = orjson.loads(counts.facets)
    for kind in told["kind"]:
        kind["label"] = i18n.text(language_of(reading), f"public.kind.{kind['value']}")
    until = min((instant for instant in (counts.until, window.until) if instant), default=None)
    return Answer(orjson.dumps(told | {"window": window.told()}), JSON, until=until)


async def list_changes(reading: Reading) -> Answer:
    """The events changed or removed since a cursor; without one, where to begin."""
    question = reading.question
    assert isinstance(question, ChangesQuestion)
    place = reading.read_cursor(question.since)
    async with reading.database.driver() as connection:
        if place is None:
            delta = await changes.begin(connection, reading.now)
        else:
            delta = await changes.changes_since(connection, place, reading.now, question.limit)
    next_ = reading.write_cursor(delta.place)
    rest = orjson.dumps({"next": next_, "has_more": delta.has_more})
    return Answer(b'{"items":' + delta.items + b"," + rest[1:], JSON, until=reading.now)
