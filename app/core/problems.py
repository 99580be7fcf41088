"""From an exception to its answer: `application/problem+json` (RFC 9457), in the caller's language.

Nothing submitted is repeated, and nothing a library or PostgreSQL says reaches the caller.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import client
from itertools import islice
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

import orjson
import structlog
from asyncpg import InterfaceError, InternalClientError, PostgresError
from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from app.core import errors, failures, i18n, pages
from app.core.database_errors import CONSTRAINTS, describe_constraint, problem_of
from app.core.errors import (
    ErrorAt,
    InternalError,
    InvalidInput,
    MalformedRequest,
    MethodNotAllowed,
    NotFound,
    Problem,
    pointer,
    pointer_token,
)

__all__ = ["CONSTRAINTS", "describe_constraint", "document", "install", "problem_for", "response", "router"]

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 100
HTML_TREE = "/embed"
EXAMPLE_ID = UUID("01936f6e-5c1a-7d3e-9b52-2f6c8f0a4d17").urn
EXAMPLE_PARAMS = {
    "source": "draft",
    "target": "archived",
    "reason": "event_draft",
    "limit": 1048576,
    "accepted": "application/json",
}
log = structlog.get_logger(__name__)
router = APIRouter(prefix="/problems", include_in_schema=False)

BY_STATUS = {kind.status: kind for kind in reversed(errors.catalogue())}


def install(app: FastAPI) -> None:
    """Answer every exception of this application with a problem."""
    refusals = (Problem, RequestValidationError, HTTPException)
    failing = (SQLAlchemyError, PostgresError, InterfaceError, InternalClientError, OSError, Exception)
    for kind in (*refusals, *failing):
        app.add_exception_handler(kind, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == 405:
        allow = _allow(request)
        if request.method == "OPTIONS" and allow:
            return Response(status_code=204, headers={"Allow": allow})
        return response(request, MethodNotAllowed(headers={"Allow": allow or "GET, HEAD, OPTIONS"}))
    return response(request, problem_for(error, request.scope))


def problem_for(error: Exception, scope: Scope) -> Problem:
    """The problem an exception stands for. A failure of ours, or of the database, is logged on the way."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _of_validation(error)
    if isinstance(error, HTTPException):
        return _of_status(error.status_code, error.headers or {})
    if isinstance(error, ClientDisconnect):
        return MalformedRequest()  # no one is there to read it
    problem = problem_of(error) or InternalError()
    if problem.status >= 500:
        scope.setdefault("state", {})["failure"] = error
        write = log.error if isinstance(problem, InternalError) else log.warning
        write(problem.slug, **failures.describe(error))
    return problem


def _of_validation(error: RequestValidationError) -> Problem:
    faults = error.errors()
    if faults and faults[0]["type"] == "json_invalid":
        return MalformedRequest(ErrorAt("#", "json_invalid", {"position": faults[0]["loc"][-1]}))
    found = [fault_of(fault, error.body) for fault in faults[:MOST_ERRORS]]
    return InvalidInput(*{(fault.pointer, fault.code): fault for fault in found}.values())


def _of_status(status: int, headers: Mapping[str, str]) -> Problem:
    kind: type[Problem] = BY_STATUS.get(status) or type("Unnamed", (Problem,), {"status": status, "slug": ""})
    return kind(headers=headers)


def fault_of(fault: Mapping[str, Any], body: object) -> ErrorAt:
    """One of pydantic's faults, in our words. Its own message can quote the input and is left out."""
    kind, context = fault["type"], dict(fault.get("ctx") or {})
    if kind == "value_error" and "reason" in context:
        kind = "email"
    code = kind if i18n.has(f"error.{kind}") else "invalid"
    if "expected" in context:
        context["expected"] = str(context["expected"]).replace("' or '", "', '")
    return ErrorAt(_pointer(fault["loc"], body, is_missing=kind == "missing"), code, context)


def _pointer(loc: Sequence[str | int], body: object, *, is_missing: bool) -> str:
    place, *steps = loc
    if place == "body":
        return pointer(*_present(steps, body, is_missing=is_missing))
    name = str(steps[0])[: errors.LONGEST_STEP] if steps else ""
    if place == "header":
        return "header:" + "-".join(word.capitalize() for word in name.split("-"))
    return f"?{pointer_token(name)}" if place == "query" else f"{place}:{name}"


def _present(steps: Sequence[str | int], body: object, *, is_missing: bool) -> Iterator[str | int]:
    """The steps that lead somewhere in the body; pydantic also names the members of a union, which are no place."""
    for at, step in enumerate(steps):
        if isinstance(body, Mapping):
            leads = step in body
        else:
            leads = isinstance(body, list) and isinstance(step, int) and step < len(body)
        if leads:
            body = body[step]  # type: ignore[index]
            yield step
        elif is_missing and at == len(steps) - 1:
            yield step


def _allow(request: Request) -> str:
    """Every method of this path: several routes can share it, and Starlette names only those of the first."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    methods: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        pattern = getattr(route, "path_regex", None)
        if route.methods and pattern is not None and pattern.match(path):
            methods |= route.methods
    if "GET" in methods:
        methods.add("HEAD")
    return ", ".join(sorted(methods | {"OPTIONS"})) if methods else ""


def document(
    problem: Problem | type[Problem],
    language: i18n.Language,
    instance: str,
    params: Mapping[str, object],
    faults: Iterable[ErrorAt] = (),
) -> dict[str, Any]:
    """The members of the answer. A `reason` among the params is a code of `reason.*`, told with the detail."""
    reason = f"reason.{params.get('reason')}"
    if i18n.has(reason):
        params = {**params, "reason": i18n.text(language, reason)}
    if problem.slug:
        title = i18n.text(language, f"problem.{problem.slug}.title")
        detail = i18n.text(language, f"problem.{problem.slug}.detail", **params)
    else:
        title = detail = client.responses.get(problem.status, "Error")
    told = str(params.get("reason", ""))
    if isinstance(problem, Problem) and i18n.has(reason) and told not in detail:
        detail = f"{detail} {told[0].upper()}{told[1:]}."
    return {
        "type": f"/problems/{problem.slug}" if problem.slug else "about:blank",
        "title": title,
        "status": problem.status,
        "detail": detail,
        "instance": instance,
        "errors": [_told(fault, language) for fault in islice(faults, MOST_ERRORS)],
    }


def _told(error: ErrorAt, language: i18n.Language) -> dict[str, str]:
    key = f"error.{error.code}"
    message = i18n.text(language, key if i18n.has(key) else "error.invalid", **error.params)
    return {"pointer": error.pointer, "code": error.code, "message": message}


def response(request: HTTPConnection | Scope, problem: Problem) -> Response:
    """The answer to a problem, also for pure ASGI middleware, which has only the scope."""
    scope = request.scope if isinstance(request, HTTPConnection) else request
    asked = Headers(scope=scope)
    language = i18n.language(asked.get("accept-language"))
    told = document(problem, language, _instance(scope), problem.params, problem.errors)
    headers = {"Cache-Control": "no-store", "Content-Language": language, "Vary": "Accept-Language"} | problem.headers
    if scope["path"].startswith(HTML_TREE) and "text/html" in asked.get("accept", ""):
        return Response(pages.render("refusal.html", language, told), problem.status, headers, "text/html")
    return Response(orjson.dumps(told), problem.status, headers, MEDIA_TYPE)


def _instance(scope: Scope) -> str:
    """The request's id as a URI; its path when the id came from outside and is not a UUID."""
    try:
        return UUID(scope["state"]["request_id"]).urn
    except (KeyError, ValueError):
        return quote(scope["path"][:200], errors="replace")


Lang = Annotated[i18n.Language | None, Query()]


def _explained(kind: type[Problem], language: i18n.Language) -> dict[str, Any]:
    """One kind of problem, for people."""
    return {
        "type": f"/problems/{kind.slug}",
        "status": kind.status,
        **{part: i18n.text(language, f"problem.{kind.slug}.{part}") for part in ("title", "meaning", "remedy")},
    }


@router.get("")
async def list_problems(request: Request, lang: Lang = None) -> Response:
    """Every kind of problem there is."""
    language = lang or i18n.language(request.headers.get("accept-language"))
    explained = [_explained(kind, language) for kind in errors.catalogue()]
    return _shown(request, "problems.html", language, {"problems": explained})


@router.get("/{slug}")
async def get_problem(slug: str, request: Request, lang: Lang = None) -> Response:
    """One kind of problem: what it means, what to do, an example. Raises `NotFound`."""
    language = lang or i18n.language(request.headers.get("accept-language"))
    kind = next((kind for kind in errors.catalogue() if kind.slug == slug), None)
    if kind is None:
        raise NotFound
    fault = ErrorAt("#/starts_at", "missing")
    example = document(kind, language, EXAMPLE_ID, EXAMPLE_PARAMS, [fault] if kind is InvalidInput else [])
    content = {**_explained(kind, language), "detail": example["detail"], "example": example}
    return _shown(request, "problem.html", language, content)


def _shown(request: Request, template: str, language: i18n.Language, content: dict[str, Any]) -> Response:
    """A page for people; the same in JSON for a program that asks for it."""
    accept = request.headers.get("accept", "")
    if "json" in accept and "html" not in accept:
        return JSONResponse(content, headers={"Content-Language": language, "Vary": "Accept, Accept-Language"})
    other = next(code for code in i18n.LANGUAGES if code != language)
    return pages.page(template, language, {"other": other, **content})
