"""What else is kept about a pupil, for the file one may ask for: each domain that keeps something says so here."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

Tell = Callable[[AsyncSession, Collection[UUID]], Awaitable[list[dict[str, Any]]]]
"""What is kept about the pupils with these codes, which are one: rows of plain values."""

_KEPT: dict[str, Tell] = {}


def tells(kind: str) -> Callable[[Tell], Tell]:
    """Put over the function that tells what is kept, under this name."""

    def register(tell: Tell) -> Tell:
        _KEPT[kind] = tell
        return tell

    return register


async def held(session: AsyncSession, ids: Collection[UUID]) -> Mapping[str, list[dict[str, Any]]]:
    """Everything kept about a pupil, by kind."""
    return {kind: await tell(session, ids) for kind, tell in _KEPT.items()}
