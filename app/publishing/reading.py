"""What an operation is given to make its answer with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import orjson

from app.core.db import Database
from app.core.pagination import PLACE, Cursors
from app.publishing.filters import Question
from app.publishing.reference import Reference

_PLACES = (*PLACE, "since")


@dataclass(frozen=True, slots=True)
class Reading:
    """One question, read: the operation's path, its parameters as they came (`query`, `pairs`) and as `question`,
    the format, and where to find the answer.

    `place` is what stands in the path instead of a name (an id or a slug); `now` is the one instant the whole
    answer is made for.
    """

    database: Database
    reference: Reference
    cursors: Cursors
    base_url: str
    path: str
    query: bytes
    pairs: list[tuple[str, str]]
    extension: str
    question: Question
    place: str
    now: datetime

    @property
    def url(self) -> str:
        """The exact address of this answer."""
        return f"{self.base_url}{self.path}" + (f"?{self.query.decode('ascii')}" if self.query else "")

    def with_parameters(self, extension: str | None = None, **changes: object) -> str:
        """The path of the same question, in another format or with other parameters."""
        stem = self.path.removesuffix(self.extension)
        parts = (part for part in self.query.decode("ascii").split("&") if part)  # one for each of `pairs`
        kept = [part for part, (name, _) in zip(parts, self.pairs, strict=True) if name not in changes]
        new = urlencode([(name, value) for name, value in changes.items() if value is not None])
        query = "&".join([*kept, new] if new else kept)
        return stem + (self.extension if extension is None else extension) + (f"?{query}" if query else "")

    def read_cursor(self, cursor: str | None) -> list[Any] | None:
        """The place a cursor names. Raises `InvalidInput` for one of another list or other filters."""
        return self.cursors.read(cursor, self._bound_to) if cursor else None

    def write_cursor(self, place: Sequence[object] | None) -> str | None:
        """The cursor of the rows after `place`."""
        return self.cursors.write(place, self._bound_to) if place else None

    def link_next(self, cursor: str | None) -> dict[str, str]:
        """The next page, as a header."""
        return {"Link": f'<{self.with_parameters(cursor=cursor)}>; rel="next"'} if cursor else {}

    @property
    def _bound_to(self) -> str:
        filters = sorted(pair for pair in self.pairs if pair[0] not in _PLACES)
        return f"\n{self.path.removesuffix(self.extension)}\n{orjson.dumps(filters).decode()}"
