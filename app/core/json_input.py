"""What is refused in a JSON body before anyone reads it (RFC 8259, and RFC 7493, I-JSON)."""

import json
import re
from collections.abc import Iterator
from typing import Any

from app.core.errors import ErrorAt, pointer

MAX_DEPTH = 32
MOST_FAULTS = 20
LONGEST_INTEGER = 20
SMALLEST, LARGEST = -(2**63), 2**63 - 1
RISKY_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
FORBIDDEN = re.compile("[\0\ud800-\udfff]")

Step = str | int
Place = tuple[Any, Step] | None
"""Where a value stands: the place of its parent, and the step from there."""


class _Refused:
    """Stands for a refused value in the tree, until the walk finds where it is."""

    def __init__(self, code: str) -> None:
        self.code = code


NOT_FINITE, TOO_LARGE, DUPLICATE = _Refused("not_finite"), _Refused("integer_out_of_range"), _Refused("duplicate_key")


def faults(body: bytes) -> list[ErrorAt]:
    """What is wrong with a JSON body, each with its place; nothing when it may be read."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return [ErrorAt("#", "invalid_utf8")]
    reader = _Reader()
    try:
        tree = reader.read(text)
    except json.JSONDecodeError as error:
        return [ErrorAt("#", "json_invalid", {"position": error.pos})]
    except RecursionError:
        return [ErrorAt("#", "too_deep", {"max_depth": MAX_DEPTH})]
    has_risky_strings = RISKY_ESCAPE.search(body) is not None
    can_be_deep = body.count(b"[") + body.count(b"{") > MAX_DEPTH
    if not (reader.has_refused or has_risky_strings or can_be_deep):
        return []
    found = _walk(tree, has_risky_strings=has_risky_strings)
    return [fault for fault, _ in zip(found, range(MOST_FAULTS), strict=False)]


class _Reader:
    """Reads JSON, and puts a mark in the place of what JSON should not hold."""

    def __init__(self) -> None:
        self.has_refused = False

    def read(self, text: str) -> object:
        return json.loads(
            text,
            object_pairs_hook=self._object,
            parse_int=self._integer,
            parse_float=self._number,
            parse_constant=lambda _: self._refuse(NOT_FINITE),
        )

    def _refuse(self, why: _Refused) -> _Refused:
        self.has_refused = True
        return why

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        members = dict(pairs)
        if len(members) != len(pairs):
            seen: set[str] = set()
            for name, _ in pairs:
                if name in seen:
                    members[name] = self._refuse(DUPLICATE)
                seen.add(name)
        return members

    def _integer(self, digits: str) -> object:
        is_readable = len(digits) <= LONGEST_INTEGER and SMALLEST <= int(digits) <= LARGEST
        return int(digits) if is_readable else self._refuse(TOO_LARGE)

    def _number(self, digits: str) -> object:
        value = float(digits)
        return value if abs(value) != float("inf") else self._refuse(NOT_FINITE)


def _walk(tree: object, *, has_risky_strings: bool) -> Iterator[ErrorAt]:
    """Every fault of the tree, without recursion: the body decides how deep it is."""
    pending: list[tuple[object, Place, int]] = [(tree, None, 1)]
    while pending:
        value, place, depth = pending.pop()
        if isinstance(value, _Refused):
            yield ErrorAt(_pointer(place), value.code)
        elif isinstance(value, str):
            if FORBIDDEN.search(value):
                yield ErrorAt(_pointer(place), "forbidden_character")
        elif depth > MAX_DEPTH:
            yield ErrorAt(_pointer(place), "too_deep", {"max_depth": MAX_DEPTH})
        else:
            for step, inner in _members(value):
                if has_risky_strings and isinstance(step, str) and FORBIDDEN.search(step):
                    yield ErrorAt(_pointer((place, step)), "forbidden_character")
                if isinstance(inner, dict | list | _Refused) or (has_risky_strings and isinstance(inner, str)):
                    pending.append((inner, (place, step), depth + 1))


def _members(value: object) -> Iterator[tuple[Step, object]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _pointer(place: Place) -> str:
    steps: list[Step] = []
    while place is not None:
        place, step = place
        steps.append(step)
    return pointer(*reversed(steps))
