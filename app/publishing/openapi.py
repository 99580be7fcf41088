"""What the OpenAPI says of the public tree, made from the table of operations."""

from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from app.core.errors import InternalError, InvalidInput, MalformedRequest, MethodNotAllowed, Unavailable
from app.core.responses import problems
from app.publishing.filters import Paged, Question
from app.publishing.operations import OPERATIONS, Format, Operation

REF = "#/components/schemas/{model}"
FAILURES = (MalformedRequest, InvalidInput, MethodNotAllowed, InternalError, Unavailable)
EXAMPLE_ID = "01936f6e-5c1a-7d3e-9b52-2f6c8f0a4d17"
NAMES = {".ics": "as a calendar", ".atom": "as an Atom feed", ".html": "as a page"}
TEXTS = {
    ".ics": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n…\r\nEND:VCALENDAR\r\n",
    ".atom": '<feed xmlns="http://www.w3.org/2005/Atom">…</feed>',
    ".html": '<!DOCTYPE html><html lang="fr">…</html>',
    "": '<!DOCTYPE html><html lang="fr">…</html>',
}
HEADERS = {
    "ETag": {"description": "these very bytes; send it back as `If-None-Match`", "schema": {"type": "string"}},
    "Cache-Control": {"description": "for how long it may be kept", "schema": {"type": "string"}},
}
LINK = {"Link": {"description": 'the next page, `rel="next"`, if there is one', "schema": {"type": "string"}}}
Document = dict[str, Any]


def openapi_paths() -> Document:
    """`paths` and `components.schemas` of the public tree."""
    questions = sorted({operation.question for operation in OPERATIONS}, key=lambda model: model.__name__)
    answers = [operation.answer for operation in OPERATIONS if operation.answer]
    _, asked = models_json_schema([(model, "validation") for model in questions], ref_template=REF)
    _, told = models_json_schema([(model, "serialization") for model in answers], ref_template=REF)
    schemas = told["$defs"] | {
        name: schema
        for name, schema in asked["$defs"].items()
        if name not in {question.__name__ for question in questions}
    }
    paths = {
        operation.path + format_.extension: {"get": _operation(operation, format_)}
        for operation in OPERATIONS
        for format_ in operation.formats
        if format_.extension != ".json"
    }
    return {"paths": paths, "components": {"schemas": schemas}}


def _operation(operation: Operation, format_: Format) -> Document:
    extension = format_.extension
    return {
        "tags": ["public"],
        "operationId": operation.operation_id + extension.replace(".", "_"),
        "summary": f"{operation.summary}, {NAMES[extension]}" if extension else operation.summary,
        "description": operation.description,
        "security": [],
        "parameters": [*_place(operation), *_parameters(operation.question)],
        "responses": {
            "200": _success(operation, format_),
            "304": {"description": "Not changed since the `ETag` sent as `If-None-Match`."},
            **{str(status): told for status, told in problems(*FAILURES, *operation.refusals).items()},
        },
    }


def _success(operation: Operation, format_: Format) -> Document:
    is_json = operation.answer is not None and not format_.extension
    media_type = format_.media_type.partition(";")[0]
    content: Document = {"schema": {"type": "string"}, "example": TEXTS[format_.extension]}
    if is_json and operation.answer:
        content = {"schema": {"$ref": REF.format(model=operation.answer.__name__)}}
    headers = HEADERS | (LINK if issubclass(operation.question, Paged) else {})
    return {"description": "The answer.", "headers": headers, "content": {media_type: content}}


def _place(operation: Operation) -> list[Document]:
    if not operation.place:
        return []
    name = operation.path[operation.path.index("{") + 1 : -1]
    is_id = name == "id"
    schema = {"type": "string", **({"format": "uuid"} if is_id else {"pattern": f"^{operation.place}$"})}
    return [{
        "name": name, "in": "path", "required": True, "schema": schema,
        "description": "its identifier" if is_id else "its slug",
        "example": EXAMPLE_ID if is_id else "paris-est-marne-et-bois",
    }]  # fmt: skip


def _parameters(question: type[Question]) -> list[Document]:
    """The query parameters. A parameter is absent, never null."""
    properties = TypeAdapter(question).json_schema(ref_template=REF).get("properties", {})
    return [_parameter(name, dict(schema)) for name, schema in properties.items()]


def _parameter(name: str, schema: Document) -> Document:
    told: Document = {"name": name, "in": "query", "required": False, "description": schema.pop("description", "")}
    for unwanted in ("title", "default") if schema.get("default", 0) in (None, []) else ("title",):
        schema.pop(unwanted, None)
    examples = schema.pop("examples", None)
    kinds = [kind for kind in schema.pop("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) == 1:
        schema = schema | kinds[0]
    elif kinds:
        schema["anyOf"] = kinds
    inner = schema.pop("examples", None)
    examples = examples or inner
    if examples:
        told["example"] = examples[0]
    return told | {"schema": schema}
