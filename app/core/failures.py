"""How a failure is written down: kinds and places, never messages, since those quote what was submitted."""

import traceback
from collections.abc import Iterator
from itertools import islice
from typing import Any

DEEPEST = 12
LONGEST_CHAIN = 6


def describe(error: BaseException) -> dict[str, Any]:
    """What the log says of an exception and of its causes: types, code places, and PostgreSQL's own codes."""
    chain = list(islice(_chain(error), LONGEST_CHAIN))
    told: dict[str, Any] = {"error": _name(error), "trace": [line for link in chain for line in _lines(link)]}
    for link in chain:
        for name in ("sqlstate", "constraint_name", "table_name"):
            value = getattr(link, name, None)
            if isinstance(value, str):
                told[name] = value
    return told


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = _behind(error)


def _behind(error: BaseException) -> BaseException | None:
    if isinstance(error, BaseExceptionGroup):
        first: BaseException = error.exceptions[0]
        return first
    return error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _lines(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-DEEPEST:]
    return [_name(error), *(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)]
