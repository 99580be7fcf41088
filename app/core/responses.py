"""The problems an operation can answer, told in the OpenAPI: `responses=ON_EDIT` on its route.

Their schema is the component `Problem` of the document.
"""

from typing import Any

from app.core import errors
from app.core.errors import ErrorAt, Problem
from app.core.problems import EXAMPLE_ID, EXAMPLE_PARAMS, MEDIA_TYPE, document

Responses = dict[int | str, dict[str, Any]]

SCHEMA = {
    "title": "Problem",
    "description": "A refusal (RFC 9457). It never repeats what was sent.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "which problem; leads to its page"},
        "title": {"type": "string", "description": "the problem in a few words, in the caller's language"},
        "status": {"type": "integer", "description": "the HTTP status"},
        "detail": {"type": "string", "description": "the problem in a sentence, in the caller's language"},
        "instance": {"type": "string", "format": "uri-reference", "description": "this very answer, as in our logs"},
        "errors": {
            "type": "array",
            "description": "each fault and where it lies",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "#/field of the body, ?name of the query, path:name or header:Name",
                    },
                    "code": {"type": "string", "description": "which fault; does not change with the language"},
                    "message": {"type": "string", "description": "the fault in a sentence"},
                },
            },
        },
    },
}
TAG = {"ETag": {"description": "the version of the resource", "schema": {"type": "string"}, "example": '"3"'}}
PLACE = {"Location": {"description": "the path of the new resource", "schema": {"type": "string"}}}
NEXT = {"Link": {"description": 'the next page, `rel="next"`', "schema": {"type": "string"}}}


def problems(*kinds: type[Problem]) -> Responses:
    """The answers of these problems, by status, each with an example."""
    found: Responses = {}
    for kind in kinds:
        answer = found.setdefault(kind.status, {"description": "", "content": {MEDIA_TYPE: _content()}})
        answer["description"] = f"{answer['description']} {' '.join((kind.__doc__ or '').split())}".strip()
        faults = [ErrorAt("#/name", "missing")] if kind is errors.InvalidInput else []
        example = document(kind, "en", EXAMPLE_ID, EXAMPLE_PARAMS, faults)
        answer["content"][MEDIA_TYPE]["examples"][kind.slug] = {"value": example}
    return found


def _content() -> dict[str, Any]:
    return {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}


_ALWAYS = (
    errors.MalformedRequest,
    errors.NotAuthenticated,
    errors.NotAllowed,
    errors.InvalidInput,
    errors.InternalError,
    errors.Unavailable,
)
_BODY = (errors.PayloadTooLarge, errors.UnsupportedMediaType)
_KEY = (errors.RequestInFlight, errors.KeyReused)
_MATCH = (errors.NotFound, errors.VersionMismatch, errors.PreconditionRequired)

ON_LIST: Responses = {200: {"headers": NEXT}, **problems(*_ALWAYS, errors.UriTooLong)}
ON_LIST_WITHIN: Responses = {**ON_LIST, **problems(errors.NotFound)}
ON_READ: Responses = {200: {"headers": TAG}, **problems(*_ALWAYS, errors.NotFound)}
ON_FIGURES: Responses = problems(*_ALWAYS, errors.NotFound)
"""Of what is counted anew at each reading, and so has no version."""
ON_CREATE: Responses = {
    201: {"headers": TAG | PLACE},
    **problems(*_ALWAYS, *_BODY, *_KEY, errors.NotFound, errors.Conflict, errors.AlreadyExists),
}
ON_EDIT: Responses = {
    200: {"headers": TAG},
    **problems(*_ALWAYS, *_BODY, *_MATCH, errors.Conflict, errors.AlreadyExists),
}
ON_DELETE: Responses = problems(*_ALWAYS, *_MATCH, errors.StillReferenced)
ON_VERB: Responses = {
    200: {"headers": TAG},
    **problems(*_ALWAYS, *_BODY, *_KEY, *_MATCH, errors.Conflict, errors.IllegalTransition),
}
