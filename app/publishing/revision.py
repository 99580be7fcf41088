"""Which state of the public data this process knows: grows with every change that a public answer could show.

PostgreSQL tells every process of each change (`NOTIFY aet_journal`, sent with the commit). While nobody
listens, at start or after a lost connection, nothing may be kept: an answer is never older than its data.
"""

import asyncio
from contextlib import suppress
from typing import Any

import structlog

from app.core import failures
from app.core.db import Database

CHANNEL = "aet_journal"
PUBLIC_RESOURCES = frozenset(
    {"territories", "themes", "programmes", "stages", "actors", "events"}
    | {"partnerships", "partnership-parties", "action-plans", "actions", "q2er/editions", "q2er/sequences"}
)
HEARTBEAT_S = 5.0
RETRY_S = 1.0
FIRST_TRY_S = 2.0

log = structlog.get_logger(__name__)


class Revision:
    """The number of the present state, and whether changes made elsewhere reach us."""

    __slots__ = ("is_live", "number")

    def __init__(self) -> None:
        self.number = 0
        self.is_live = False

    def bump(self) -> None:
        """Something public changed: what was kept before is no longer true."""
        self.number += 1


class Listener:
    """Hears PostgreSQL's notifications on one connection of the pool, and takes it up again when lost."""

    def __init__(self, revision: Revision, database: Database) -> None:
        self._revision = revision
        self._database = database
        self._tried = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen; returns once it does, or after a short while all the same."""
        self._task = asyncio.create_task(self._run())
        await _wait(self._tried, FIRST_TRY_S)

    async def stop(self) -> None:
        """Give the connection back."""
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except Exception as error:  # any failure of the database or the network: listen again
                log.warning("listener-lost", **failures.describe(error))
            finally:
                self._revision.is_live = False
                self._tried.set()
            await asyncio.sleep(RETRY_S)

    async def _listen(self) -> None:
        async with self._database.driver() as connection:
            lost = asyncio.Event()

            def lose(_connection: Any) -> None:
                self._revision.is_live = False
                lost.set()

            connection.add_termination_listener(lose)
            await connection.add_listener(CHANNEL, self._hear)
            try:
                self._revision.bump()
                self._revision.is_live = True
                self._tried.set()
                while not lost.is_set():
                    await _wait(lost, HEARTBEAT_S)
                    await connection.fetchval("SELECT 1", timeout=HEARTBEAT_S)
            finally:
                self._revision.is_live = False
                connection.remove_termination_listener(lose)
                if not connection.is_closed():
                    await connection.remove_listener(CHANNEL, self._hear)

    def _hear(self, _connection: Any, _pid: int, _channel: str, resources: str) -> None:
        if not PUBLIC_RESOURCES.isdisjoint(resources.split()):
            self._revision.bump()


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
