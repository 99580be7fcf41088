"""The answers about territories, themes and listed actors."""

import re
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from app.publishing.answers import Answer
from app.publishing.events import JSON
from app.publishing.filters import ActorQuestion, Paged, TerritoryQuestion, ThemeQuestion
from app.publishing.reading import Reading
from app.publishing.selection import directory as selection
from app.publishing.selection.directory import Directory
from app.publishing.window import next_hour

_WILD = re.compile(r"([\\%_])")


async def list_territories(reading: Reading) -> Answer:
    """A page of territories, by slug."""
    question = reading.question
    assert isinstance(question, TerritoryQuestion)
    async with reading.database.driver() as connection:
        await reading.reference.look_up(connection, None, [], _some(question.municipality))
        filters = {"kind": question.kind and str(question.kind), "municipality": question.municipality}
        return await list_rows(reading, connection, selection.TERRITORIES, filters)


async def read_territory(reading: Reading) -> Answer:
    """One territory, by its slug."""
    return await read_row(reading, selection.TERRITORIES)


async def list_themes(reading: Reading) -> Answer:
    """A page of themes, by territory and position."""
    question = reading.question
    assert isinstance(question, ThemeQuestion)
    async with reading.database.driver() as connection:
        known = await reading.reference.look_up(connection, question.territory, [], [])
        return await list_rows(reading, connection, selection.THEME_LIST, {"territory": known.territory_id})


async def list_actors(reading: Reading) -> Answer:
    """A page of the directory, by name."""
    question = reading.question
    assert isinstance(question, ActorQuestion)
    async with reading.database.driver() as connection:
        known = await reading.reference.look_up(
            connection, question.territory, _some(question.theme), _some(question.municipality)
        )
        filters = {
            "territory": known.territory_id,
            "kind": question.kind and str(question.kind),
            "theme": list(known.theme_ids) or None,
            "municipality": question.municipality,
            "q": question.q and _WILD.sub(r"\\\1", question.q),
        }
        return await list_rows(reading, connection, selection.ACTORS, filters)


async def read_actor(reading: Reading) -> Answer:
    """One listed actor, by its id."""
    return await read_row(reading, selection.ACTORS)


async def list_rows(
    reading: Reading, connection: asyncpg.Connection, directory: Directory, filters: dict[str, Any]
) -> Answer:
    """A page of a directory, in its order."""
    question = reading.question
    assert isinstance(question, Paged)
    after = reading.read_cursor(question.cursor)
    found = await selection.find_rows(
        connection, directory, filters, now=reading.now, limit=question.limit, after=after
    )
    next_ = reading.write_cursor(found.place)
    body = b'{"items":' + found.items + b',"next":' + orjson.dumps(next_) + b"}"
    until = _until(reading, found.until)
    return Answer(body, JSON, until=until, modified=found.modified, headers=reading.link_next(next_))


async def read_row(reading: Reading, directory: Directory) -> Answer:
    """The row of a directory that the path names. Raises `NotFound`, or `Gone`."""
    async with reading.database.driver() as connection:
        item, modified, until = await selection.find_row(connection, directory, reading.place, reading.now)
    return Answer(item, JSON, until=_until(reading, until), modified=modified)


def _until(reading: Reading, released: datetime | None) -> datetime:
    """The next embargo ends at its instant; what is valid changes at midnight, some hour's start in every zone."""
    return min(instant for instant in (next_hour(reading.now), released) if instant)


def _some(name: str | None) -> list[str]:
    return [name] if name else []
