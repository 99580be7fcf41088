"""What the operator sees of the requests: one log line each, an id to find it by, and counts by route.

Never written: query strings, bodies, names, addresses, and the messages of exceptions, which quote values.
"""

import contextlib
import logging
import re
import sys
from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, TextIO

import orjson
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import EventDict, Processor
from uuid_utils import uuid7

from app.core import failures, metrics, problems
from app.settings import Settings

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request being answered, for every log line written meanwhile."""

log = structlog.get_logger(__name__)
SAFE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
PROBES = frozenset({"/livez", "/readyz", "/metrics"})
CLIENT_LEFT = 499


class Observed:
    """Gives each request an id (`X-Request-Id`), a log line and its place in the metrics; answers what fails."""

    def __init__(self, app: ASGIApp, *, settings: Settings, log_to: TextIO | None = None) -> None:
        self.app = app
        self._write = _request_log(settings, log_to)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state: MutableMapping[str, Any] = scope.setdefault("state", {})
        state["request_id"] = id_ = _id_of(scope)
        request_id.set(id_)
        answer = _Answer(send, id_.encode())
        started = perf_counter()
        metrics.IN_PROGRESS.inc()
        try:
            await self.app(scope, receive, answer)
        except Exception as error:
            await self._fail(error, scope, receive, answer)
        finally:
            metrics.IN_PROGRESS.dec()
            self._note(scope, answer.status or CLIENT_LEFT, perf_counter() - started)

    async def _fail(self, error: Exception, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        """What no handler answered. The server gets no exception: it would print its message."""
        if not answer.status:
            await problems.response(scope, problems.problem_for(error, scope))(scope, receive, answer)
        elif scope["state"].get("failure") is not error:
            log.error("interrupted", **failures.describe(error))

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method, route = scope["method"], metrics.route_of(scope)
        metrics.count(method, route, status, seconds)
        if route not in PROBES:
            caller = getattr(scope["state"].get("caller"), "id", None)
            self._write({
                "timestamp": datetime.now(UTC), "level": "info", "event": "request", "request_id": request_id.get(),
                "method": metrics.known(method), "route": route, "status": status,
                "ms": round(seconds * 1000, 2), "caller": caller,
            })  # fmt: skip


def _request_log(settings: Settings, to: TextIO | None) -> Callable[[dict[str, Any]], None]:
    """Writes the line of one request. As JSON without a detour: it is the only line every request costs."""
    if logging.getLevelNamesMapping()[settings.log_level.upper()] > logging.INFO:
        return lambda _line: None
    console = structlog.dev.ConsoleRenderer(colors=(to or sys.stderr).isatty())

    def write(line: dict[str, Any]) -> None:
        if settings.log_format == "json":
            text = orjson.dumps(line).decode()
        else:
            text = str(console(None, "info", {**line, "timestamp": f"{line['timestamp']:%H:%M:%S}"}))
        with contextlib.suppress(OSError):  # a full disk is no reason to refuse the request
            (to or sys.stderr).write(text + "\n")

    return write


class _Answer:
    """Sends on, noting the status and adding the request's id to the headers."""

    __slots__ = ("header", "send", "status")

    def __init__(self, send: Send, id_: bytes) -> None:
        self.send = send
        self.header = (b"x-request-id", id_)
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": [*message.get("headers", ()), self.header]}
        await self.send(message)


def _id_of(scope: Scope) -> str:
    """The id the caller or a proxy gave, if it is harmless; else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and SAFE_ID.fullmatch(value):
            return str(value.decode())
    return str(uuid7())


def configure(settings: Settings, *, to: TextIO | None = None) -> None:
    """Send our logs and those of the libraries to one place (standard error), in one form."""
    stream = to or sys.stderr
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    common: list[Processor] = [
        _add_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_messages,
    ]
    as_json = settings.log_format == "json"
    written: Processor = _as_json if as_json else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    structlog.configure(
        processors=[*common, written],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *common],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, written],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = name != "uvicorn.access"
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)  # they write whole addresses


def _as_json(_logger: Any, _method: str, event: EventDict) -> str:
    return orjson.dumps(event, default=str).decode()


def _add_request_id(_logger: Any, _method: str, event: EventDict) -> EventDict:
    id_ = request_id.get()
    if id_ is not None:
        event["request_id"] = id_
    return event


def _without_messages(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """An exception is told by its kinds and places; its message, and its text in a record, are left out."""
    trouble = event.pop("exc_info", None)
    if trouble is True:
        trouble = sys.exc_info()
    error = trouble[1] if isinstance(trouble, tuple) else trouble
    if isinstance(error, BaseException):
        first_line = str(event.get("event", "")).partition("\n")[0]
        event.update(failures.describe(error), event=first_line)
    return event
