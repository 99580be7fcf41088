"""What else is kept about a pupil, for the file one may ask for: each domain that keeps something says so here."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

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


Occupies = Callable[[InstrumentedAttribute[UUID], date, date], ColumnElement[bool]]
"""Whether a pupil (their code) is taken up on some of the days from the first to the last."""

_OCCUPIES: list[Occupies] = []


def occupies(tell: Occupies) -> Occupies:
    """Put over the function of a domain above that tells who is taken up: in a placement, say."""
    _OCCUPIES.append(tell)
    return tell


def occupied(pupil_id: InstrumentedAttribute[UUID], first: date, last: date) -> ColumnElement[bool]:
    """Pupils whom any of these domains has taken up on some of these days."""
    return or_(false(), *(tell(pupil_id, first, last) for tell in _OCCUPIES))
