"""What may be asked of the public tree: each filter once, typed and told in the OpenAPI."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, Literal, Self, TypeVar, get_args, get_origin
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.actors.models import ActorKind
from app.core.errors import ErrorAt, InvalidInput
from app.core.fields import Slug
from app.core.geography import PointText
from app.core.i18n import Language
from app.events.models import AccessibilityProvision, AttendanceMode, EventKind, EventStatus
from app.publishing.values import BoxText, Days, Insee, Moment, Words
from app.territories.models import TerritoryKind

Q = TypeVar("Q", bound="Question")
MAX_LIMIT = 200
NEAR_RADIUS_M = 5_000


class When(StrEnum):
    """A window that moves with the clock."""

    TODAY = "today"
    THIS_WEEK = "this-week"
    WEEKEND = "weekend"
    THIS_MONTH = "this-month"
    UPCOMING = "upcoming"


class Cancelled(StrEnum):
    """How a calendar shows an event that will not take place."""

    STATUS = "status"
    TITLE = "title"
    OMIT = "omit"


TerritoryFilter = Annotated[
    Slug | None, Field(description="slug of the territory", examples=["paris-est-marne-et-bois"])
]


class Question(BaseModel):
    """The parameters of one operation."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Paged(Question):
    """The parameters of a list."""

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description="most rows of one answer")] = 20
    cursor: Annotated[str | None, Field(min_length=1, max_length=1000, description="`next` of the page before")] = None


class Spoken(Question):
    """The language of ready sentences and of pages; data stays as it was written."""

    lang: Annotated[Language, Field(description="language of ready sentences and of pages")] = "fr"


class EventChoice(Spoken):
    """Which events: every filter narrows the others; a repeated one widens itself."""

    territory: TerritoryFilter = None
    municipality: Annotated[
        list[Insee],
        Field(max_length=50, description="INSEE code of the commune; may be repeated", examples=[["94018"]]),
    ] = []
    theme: Annotated[
        list[Slug],
        Field(max_length=20, description="slug of the theme; may be repeated", examples=[["insertion-des-jeunes"]]),
    ] = []
    kind: Annotated[list[EventKind], Field(max_length=20, description="what happens; may be repeated")] = []
    organiser: Annotated[UUID | None, Field(description="id of an actor that organises it")] = None
    q: Annotated[
        Words | None, Field(description="words to find, accents and case ignored", examples=["apprentissage"])
    ] = None
    from_: Annotated[
        Moment | None,
        Field(
            alias="from",
            description="not over before this day (of the territory's zone) or instant",
            examples=["2026-03-12"],
        ),
    ] = None
    to: Annotated[
        Moment | None,
        Field(
            description="begins at the latest on this day, or before this instant; without `from`: from now on",
            examples=["2026-03-31"],
        ),
    ] = None
    date: Annotated[Days | None, Field(description="takes place on this day", examples=["2026-03-12"])] = None
    when: Annotated[
        When | None,
        Field(description="a window around now, of which what is over is left out; `upcoming` when no date is asked"),
    ] = None
    bbox: Annotated[
        BoxText | None,
        Field(description="west,south,east,north in degrees (WGS 84)", examples=["2.38,48.80,2.49,48.86"]),
    ] = None
    near: Annotated[
        PointText | None,
        Field(description="latitude,longitude in degrees (WGS 84), with `radius`", examples=["48.8216,2.4144"]),
    ] = None
    radius: Annotated[
        int | None, Field(ge=100, le=100_000, description=f"metres around `near`; {NEAR_RADIUS_M} when not given")
    ] = None
    accessibility: Annotated[
        list[AccessibilityProvision], Field(max_length=10, description="must all be provided; may be repeated")
    ] = []
    attendance_mode: Annotated[AttendanceMode | None, Field(description="where one attends")] = None
    status: Annotated[
        list[EventStatus], Field(max_length=5, description="whether it takes place as announced; may be repeated")
    ] = []

    @model_validator(mode="after")
    def refuse_contradictions(self) -> Self:
        """A filter that another one would silently undo is refused."""
        faults = []
        if self.when and (self.from_ or self.to or self.date):
            faults.append(ErrorAt("?when", "contradicts", {"others": "from, to, date"}))
        if self.date and (self.from_ or self.to):
            faults.append(ErrorAt("?date", "contradicts", {"others": "from, to"}))
        if self.radius and not self.near:
            faults.append(ErrorAt("?radius", "needs", {"other": "near"}))
        if faults:
            raise InvalidInput(*faults)
        return self


class EventPage(Paged, EventChoice):
    """A page of events."""


class EventQuestion(EventPage):
    """A page of events. `cancelled` is for calendars that hide what is cancelled."""

    cancelled: Annotated[
        Cancelled, Field(description="iCalendar only: cancelled events by STATUS, also in the title, or left out")
    ] = Cancelled.STATUS


class Preset(StrEnum):
    """The look of the embedded page."""

    NEUTRAL = "neutral"
    DSFR = "dsfr"


class EmbedQuestion(EventPage):
    """The page shown inside another site."""

    heading: Annotated[int, Field(ge=2, le=6, description="level of the events' headings in the host's page")] = 3
    preset: Annotated[Preset, Field(description="neutral, or the State's design system (DSFR)")] = Preset.NEUTRAL


class TerritoryQuestion(Paged):
    """A page of territories."""

    kind: Annotated[TerritoryKind | None, Field(description="what the territory is")] = None
    municipality: Annotated[Insee | None, Field(description="INSEE code of a commune it holds today")] = None


class ThemeQuestion(Paged):
    """A page of themes."""

    territory: TerritoryFilter = None


class ActorQuestion(Paged):
    """A page of the directory."""

    territory: TerritoryFilter = None
    kind: Annotated[ActorKind | None, Field(description="what the organisation is")] = None
    theme: Annotated[Slug | None, Field(description="slug of a theme it works on")] = None
    municipality: Annotated[Insee | None, Field(description="INSEE code of its commune")] = None
    q: Annotated[Words | None, Field(description="part of its name, accents and case ignored")] = None


class ChangesQuestion(Question):
    """What changed after a cursor."""

    since: Annotated[
        str | None, Field(min_length=1, max_length=1000, description="`next` of the answer before; none: start here")
    ] = None
    limit: Annotated[int, Field(ge=1, le=1000, description="most changes of one answer")] = 200


NO_QUESTION = Question
LIST_QUERY = Literal["limit", "cursor"]


def read_pairs(query: bytes) -> list[tuple[str, str]]:
    """The parameters of a query string, in its order."""
    return parse_qsl(query.decode("ascii"), keep_blank_values=True)


def read(model: type[Q], pairs: Iterable[tuple[str, str]]) -> Q:
    """The question these parameters ask. Raises `InvalidInput` with one fault a parameter."""
    given: dict[str, Any] = {}
    faults: list[ErrorAt] = []
    lists = _parameters(model)
    for name, value in pairs:
        if name not in lists:
            faults.append(ErrorAt("?" + name[:100], "unknown_parameter"))
        elif lists[name]:
            given.setdefault(name, []).append(value)
        elif name in given:
            faults.append(ErrorAt("?" + name, "repeated_parameter"))
        else:
            given[name] = value
    if faults:
        raise InvalidInput(*faults[:20])
    try:
        return model.model_validate(given)
    except ValidationError as error:
        found = [{**fault, "loc": ("query", *fault["loc"])} for fault in error.errors()]
        raise RequestValidationError(found) from error


_KNOWN: dict[type[Question], dict[str, bool]] = {}


def _parameters(model: type[Question]) -> dict[str, bool]:
    """The names a question knows; true where one may be repeated."""
    if model not in _KNOWN:
        fields = model.model_fields.items()
        _KNOWN[model] = {field.alias or name: _is_list(field.annotation) for name, field in fields}
    return _KNOWN[model]


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(get_origin(part) is list for part in get_args(annotation))
