"""Every operation of the public tree, in one table: what is routed, and what the OpenAPI says of it."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from app.core.errors import Gone, NotFound, Problem
from app.publishing import directory, events, follow, outputs, partnerships, plans, q2er, schemas
from app.publishing.answers import Answer
from app.publishing.filters import (
    ActorQuestion,
    ChangesQuestion,
    EmbedQuestion,
    EventChoice,
    EventQuestion,
    Question,
    Spoken,
    TerritoryQuestion,
    ThemeQuestion,
)
from app.publishing.formats import atom, calendar, page
from app.publishing.reading import Reading

Make = Callable[[Reading], Awaitable[Answer]]
UUID_FORM = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SLUG_FORM = "[a-z0-9]+(?:-[a-z0-9]+)*"


@dataclass(frozen=True, slots=True)
class Format:
    """One way an operation answers: the extension that asks for it, and what comes."""

    extension: str
    media_type: str
    make: Make


@dataclass(frozen=True, slots=True)
class Operation:
    """One question anyone may ask. Where `path` has a `{place}`, `place` is the form of what stands there.

    `answer` is what its JSON holds; None for an operation without JSON.
    """

    path: str
    operation_id: str
    summary: str
    description: str
    question: type[Question]
    answer: type[schemas.Public] | None
    formats: tuple[Format, ...]
    place: str = ""
    refusals: tuple[type[Problem], ...] = ()


def _json(make: Make) -> tuple[Format, Format]:
    """JSON, with and without its extension."""
    return Format("", events.JSON, make), Format(".json", events.JSON, make)


_calendar = partial(Format, ".ics", calendar.MEDIA_TYPE)
_feed = partial(Format, ".atom", atom.MEDIA_TYPE)
_page = partial(Format, ".html", page.MEDIA_TYPE)

OPERATIONS = (
    Operation(
        "/v1/public/territories", "list_public_territories", "Territories",
        "Territories by slug, with their communes of today and what came before and after them.",
        TerritoryQuestion, schemas.PublicTerritories, _json(directory.list_territories),
    ),
    Operation(
        "/v1/public/territories/{slug}", "read_public_territory", "One territory",
        "A territory by its slug; one that ended is still told, with its successors.",
        Question, schemas.PublicTerritory, _json(directory.read_territory),
        place=SLUG_FORM, refusals=(NotFound,),
    ),
    Operation(
        "/v1/public/themes", "list_public_themes", "Themes",
        "What the territories work on, by territory and position.",
        ThemeQuestion, schemas.PublicThemes, _json(directory.list_themes),
    ),
    Operation(
        "/v1/public/actors", "list_public_actors", "Directory of actors",
        "The organisations that agreed to stand in the public directory, by name.",
        ActorQuestion, schemas.PublicActors, _json(directory.list_actors),
    ),
    Operation(
        "/v1/public/actors/{id}", "read_public_actor", "One actor of the directory",
        "An organisation that agreed to stand in the public directory.",
        Question, schemas.PublicActor, _json(directory.read_actor),
        place=UUID_FORM, refusals=(NotFound,),
    ),
    Operation(
        "/v1/public/events", "list_public_events", "Published events",
        "The events of a selection, by start; without a date, those that are not over. The extension decides the "
        "format, and every format of one selection has the same events.",
        EventQuestion, schemas.PublicEvents,
        (
            *_json(events.list_events), _calendar(outputs.list_calendar), _feed(outputs.list_feed),
            _page(outputs.list_page),
        ),
    ),
    Operation(
        "/v1/public/events/facets", "count_public_events", "Events counted by what they have in common",
        "How many events of a selection there are by theme, kind, commune and month.",
        EventChoice, schemas.PublicFacets, _json(follow.count_events),
    ),
    Operation(
        "/v1/public/events/changes", "list_public_changes", "Events changed since",
        "For a copy kept elsewhere: ask once without `since`, read the whole list, then come back with `next`. "
        "A removed event is to be taken away; nothing that was never public is told.",
        ChangesQuestion, schemas.PublicChanges, _json(follow.list_changes),
    ),
    Operation(
        "/v1/public/events/{id}", "read_public_event", "One published event",
        "An event that was withdrawn or deleted answers 410.",
        Spoken, schemas.PublicEvent,
        (*_json(events.read_event), _calendar(outputs.read_calendar), _page(outputs.read_page)),
        place=UUID_FORM, refusals=(NotFound, Gone),
    ),
    Operation(
        "/v1/public/partnerships", "list_public_partnerships", "Published partnerships",
        "Who agreed to do something together, by title.",
        partnerships.PartnershipQuestion, partnerships.PublicPartnerships, _json(partnerships.list_partnerships),
    ),
    Operation(
        "/v1/public/partnerships/{id}", "read_public_partnership", "One published partnership",
        "A partnership that was withdrawn or deleted answers 410.",
        Question, partnerships.PublicPartnership, _json(partnerships.read_partnership),
        place=UUID_FORM, refusals=(NotFound, Gone),
    ),
    Operation(
        "/v1/public/action-plans", "list_public_action_plans", "Published action plans",
        "What the territories undertake, theme by theme, by title.",
        plans.ActionPlanQuestion, plans.PublicActionPlans, _json(plans.list_action_plans),
    ),
    Operation(
        "/v1/public/action-plans/{id}", "read_public_action_plan", "One published action plan",
        "A plan that was withdrawn or deleted answers 410.",
        Question, plans.PublicActionPlan, _json(plans.read_action_plan),
        place=UUID_FORM, refusals=(NotFound, Gone),
    ),
    Operation(
        "/v1/public/actions", "list_public_actions", "Published actions",
        "What is done, by whom and until when, by title.",
        plans.ActionQuestion, plans.PublicActions, _json(plans.list_actions),
    ),
    Operation(
        "/v1/public/actions/{id}", "read_public_action", "One published action",
        "An action that was withdrawn or deleted answers 410.",
        Question, plans.PublicAction, _json(plans.read_action),
        place=UUID_FORM, refusals=(NotFound, Gone),
    ),
    Operation(
        "/v1/public/q2er/editions", "list_public_editions", "Published editions of Q2ER",
        "Quand Entreprises et Élèves se Rencontrent, by school year.",
        q2er.EditionQuestion, q2er.PublicEditions, _json(q2er.list_editions),
    ),
    Operation(
        "/v1/public/q2er/editions/{id}", "read_public_edition", "One published edition of Q2ER",
        "An edition that was withdrawn or deleted answers 410.",
        Question, q2er.PublicEdition, _json(q2er.read_edition),
        place=UUID_FORM, refusals=(NotFound, Gone),
    ),
    Operation(
        "/v1/public/q2er/sequences", "list_public_sequences", "Sequences of published editions",
        "What the editions are made of, by school year and in order.",
        q2er.SequenceQuestion, q2er.PublicSequences, _json(q2er.list_sequences),
    ),
    Operation(
        "/v1/public/q2er/sequences/{id}", "read_public_sequence", "One sequence of a published edition",
        "It is there as long as its edition is published.",
        Question, q2er.PublicSequence, _json(q2er.read_sequence),
        place=UUID_FORM, refusals=(NotFound,),
    ),
    Operation(
        "/embed/events", "embed_events", "Events to show inside another site",
        "A complete page without script, to be shown in an `iframe`.",
        EmbedQuestion, None, (Format("", page.MEDIA_TYPE, outputs.embed_events),),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Route:
    """One address of the public tree, matched. `name` is what its answers are counted under."""

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
    (re.compile(re.sub(r"\{\w+\}", f"({operation.place})", operation.path) + re.escape(f.extension)), operation, f)
    for operation in OPERATIONS
    for f in operation.formats
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
