"""The statements the application really sends, heard on its own connections while it answers a request."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg
from httpx import ASGITransport, AsyncClient

from app.core.db import PooledDatabase
from app.main import create_api, wrap
from app.settings import Settings
from scripts.benchmarks.measure import CannotMeasure


@dataclass(frozen=True)
class Statement:
    """One statement, its arguments as SQL literals, and their types."""

    name: str
    sql: str
    arguments: tuple[str, ...]
    types: tuple[str, ...]


class Heard:
    """A database that notes what is asked of its driver connections."""

    def __init__(self, database: PooledDatabase) -> None:
        self.database = database
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    def session(self, *, read_only: bool = False) -> Any:
        """Not heard: the public tree uses none."""
        return self.database.session(read_only=read_only)

    @asynccontextmanager
    async def driver(self) -> AsyncIterator[asyncpg.Connection]:
        """A driver connection that is listened to."""
        async with self.database.driver() as connection:
            with connection.query_logger(self._note):
                yield connection

    def _note(self, record: Any) -> None:
        self.asked.append((record.query, tuple(record.args or ())))


async def statements(settings: Settings, paths: dict[str, str]) -> list[Statement]:
    """For each named path, the last statement its answer took (those before look up what names stand for)."""
    heard = Heard(PooledDatabase(settings.require_database_url(), settings))
    found = []
    api = create_api(settings, heard)
    transport = ASGITransport(wrap(api))
    client = AsyncClient(transport=transport, base_url=settings.base_url)
    async with api.router.lifespan_context(api), client:
        for name, path in paths.items():
            heard.asked.clear()
            answer = await client.get(path)
            await asyncio.sleep(0)  # the driver tells of a query at the loop's next turn
            if answer.status_code != 200:
                raise CannotMeasure(f"{path} answers {answer.status_code}: {answer.text[:300]}")
            found.append(await _described(heard, name, *heard.asked[-1]))
    await heard.database.close()
    return found


async def _described(heard: Heard, name: str, sql: str, arguments: tuple[Any, ...]) -> Statement:
    async with heard.database.driver() as connection:
        prepared = await connection.prepare(sql)
        types = tuple(_type(parameter) for parameter in prepared.get_parameters())
    return Statement(name, sql, tuple(_text(argument) for argument in arguments), types)


def _type(parameter: Any) -> str:
    return f"{parameter.name.removesuffix('[]')}[]" if parameter.kind == "array" else str(parameter.name)


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "{" + ",".join(_text(item) for item in value) + "}"
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
