"""Every operation of the public tree, in one table: what is routed, and what the OpenAPI says of it."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from app.core.errors import Gone, NotFound, Problem
from app.publishing import events, outputs, schemas
from app.publishing.answers import Answer
from app.publishing.filters import EmbedQuestion, EventQuestion, Question, Spoken
from app.publishing.formats import atom, calendar, page
from app.publishing.reading import Reading

Make = Callable[[Reading], Awaitable[Answer]]
UUID_FORM = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SLUG_FORM = r"[a-z0-9]+(?:-[a-z0-9]+)*"


@dataclass(frozen=True, slots=True)
class Format:
    """One way an operation answers: the extension that asks for it, and what comes."""

    extension: str
    media_type: str
    make: Make


@dataclass(frozen=True, slots=True)
class Operation:
    """One question anyone may ask. Where `path` has a `{place}`, `place` is the form of what stands there."""

    path: str
    operation_id: str
    summary: str
    description: str
    question: type[Question]
    answer: type[schemas.Public] | None
    formats: tuple[Format, ...]
    place: str = ""
    refusals: tuple[type[Problem], ...] = ()
    example: dict[str, object] = field(default_factory=dict)


def _json(make: Make) -> tuple[Format, Format]:
    """JSON, with and without its extension."""
    return Format("", events.JSON, make), Format(".json", events.JSON, make)


OPERATIONS = (
    Operation(
        "/v1/public/events", "list_public_events", "Published events",
        "The events of a selection, by start. Without a date, those that are not over.",
        EventQuestion, schemas.PublicEvents,
        (
            *_json(events.list_events),
            Format(".ics", calendar.MEDIA_TYPE, outputs.list_calendar),
            Format(".atom", atom.MEDIA_TYPE, outputs.list_feed),
            Format(".html", page.MEDIA_TYPE, outputs.list_page),
        ),
    ),
    Operation(
        "/v1/public/events/{id}", "read_public_event", "One published event",
        "An event that was withdrawn or deleted answers 410.",
        Spoken, schemas.PublicEvent,
        (
            *_json(events.read_event),
            Format(".ics", calendar.MEDIA_TYPE, outputs.read_calendar),
            Format(".html", page.MEDIA_TYPE, outputs.read_page),
        ),
        place=UUID_FORM, refusals=(NotFound, Gone),
    ),
    Operation(
        "/embed/events", "embed_events", "Events to show inside another site",
        "A complete page without script, to be shown in an `iframe`.",
        EmbedQuestion, None, (Format("", page.MEDIA_TYPE, outputs.embed_events),),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Route:
    """One address of the public tree, matched."""

    operation: Operation
    format: Format
    place: str
    name: str


_FIXED = {
    operation.path + format_.extension: Route(operation, format_, "", operation.path + format_.extension)
    for operation in OPERATIONS
    for format_ in operation.formats
    if not operation.place
}
_PLACED = [
    (
        re.compile(re.sub(r"\{\w+\}", f"({operation.place})", operation.path) + re.escape(format_.extension)),
        operation,
        format_,
    )
    for operation in OPERATIONS
    for format_ in operation.formats
    if operation.place
]


def route(path: str) -> Route | None:
    """The operation and format an address asks for; None for an address that does not exist."""
    fixed = _FIXED.get(path)
    if fixed:
        return fixed
    for pattern, operation, format_ in _PLACED:
        found = pattern.fullmatch(path)
        if found:
            return Route(operation, format_, found[1], operation.path + format_.extension)
    return None


def openapi_paths() -> dict[str, object]:
    """What the OpenAPI document says of the public tree: `paths` and `components.schemas`."""
    return {"paths": {}, "components": {"schemas": {}}}
