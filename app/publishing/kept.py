"""Public answers kept ready in memory: bounded in bytes, never older than the data, made once when many ask.

An answer is kept with the revision that stood when its query began; one change of the public data and none
of those kept before is given again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.core import clock
from app.publishing.answers import Answer
from app.publishing.revision import Revision

Key = tuple[str, bytes]


def key_of(path: str, query: bytes) -> Key:
    """The key of a question: its parameters in any order are one question."""
    return path, b"&".join(sorted(query.split(b"&"))) if b"&" in query else query


@dataclass(slots=True)
class _Entry:
    answer: Answer
    revision: int
    size: int


@dataclass(slots=True)
class _Flight:
    revision: int
    landed: asyncio.Future[Answer | None]


class KeptAnswers:
    """The store of one process. With `capacity` 0 (bytes), nothing is kept and nobody waits for another."""

    def __init__(self, revision: Revision, capacity: int) -> None:
        self._revision = revision
        self._capacity = capacity
        self._size = 0
        self._entries: OrderedDict[Key, _Entry] = OrderedDict()
        self._flights: dict[Key, _Flight] = {}

    @property
    def is_open(self) -> bool:
        """Whether anything may be kept now."""
        return self._capacity > 0 and self._revision.is_live

    def get(self, key: Key) -> Answer | None:
        """The answer kept under this key, if it is still true."""
        entry = self._entries.get(key)
        if entry is None or entry.revision != self._revision.number or not self._revision.is_live:
            return None
        answer = entry.answer
        if answer.until is not None and answer.until <= clock.now():
            return None
        self._entries.move_to_end(key)
        return answer

    async def get_or_make(self, key: Key, make: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer kept, the one another request is having made, or the one made now.

        What `make` raises reaches the one who asked for it; those who waited then make their own.
        """
        if not self.is_open:
            return await make()
        kept = self.get(key)
        if kept:
            return kept
        revision = self._revision.number
        flight = self._flights.get(key)
        if flight and flight.revision == revision:
            landed = await asyncio.shield(flight.landed)
            return landed or await make()
        flight = self._flights[key] = _Flight(revision, asyncio.get_running_loop().create_future())
        answer = None
        try:
            answer = await make()
            self.put(key, answer, revision)
            return answer
        finally:
            flight.landed.set_result(answer)
            if self._flights.get(key) is flight:
                del self._flights[key]

    def put(self, key: Key, answer: Answer, revision: int) -> None:
        """Keep an answer whose query began at `revision`, giving up those asked for longest ago."""
        size = answer.size + len(key[0]) + len(key[1])
        is_over = answer.until is not None and answer.until <= clock.now()
        is_true = revision == self._revision.number and not is_over
        if not self.is_open or not is_true or size > self._capacity // 4:
            return
        self._drop(key)
        self._entries[key] = _Entry(answer, revision, size)
        self._size += size
        while self._size > self._capacity:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry:
            self._size -= entry.size
