"""What is refused before the application sees it: sizes, encodings, characters, ambiguous JSON.

A request without a body costs a few microseconds here. A body is read once, checked, and handed on.
"""

import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TypeVar
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core import json_input, problems
from app.core.errors import (
    ErrorAt,
    MalformedRequest,
    PayloadTooLarge,
    Problem,
    UnsupportedMediaType,
    UriTooLong,
    pointer_token,
)

V = TypeVar("V")
MIB = 1 << 20
MAX_PATH = 2048
MAX_QUERY = 8192
JSON = frozenset({"application/json", "application/merge-patch+json"})
FORM = "application/x-www-form-urlencoded"
IN_UTF8 = JSON | {FORM}
BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "CONNECT"})

NEEDS_A_LOOK = re.compile(rb"[^!-$&-~]")
BROKEN_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
HEADER_CHARACTERS = bytes([9, *range(32, 127), *range(128, 256)])


class Hardening:
    """Refuses what no operation could read, as a problem.

    `max_body` is in bytes; `larger` gives other sizes and `accepts` other media types by the beginning of the path,
    or by its end (`*:import`), of which the longest counts. A HEAD reaches the application as the GET whose headers
    it wants.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_body: int = MIB,
        larger: Mapping[str, int] | None = None,
        accepts: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        self.app = app
        self._sizes = _longest_first({"": max_body, **(larger or {})})
        self._types = _longest_first({"": JSON} | {path: frozenset(types) for path, types in (accepts or {}).items()})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            check_target(scope)
            about_body = check_headers(scope)
            if about_body and scope["method"] not in BODILESS:
                body = await self._body(scope, receive, about_body)
                if body is None:
                    return  # the caller has left
                receive = _replay(body, receive)
        except Problem as problem:
            await problems.response(scope, problem)(scope, receive, send)
            return
        await (_head(self.app, scope, receive, send) if scope["method"] == "HEAD" else self.app(scope, receive, send))

    async def _body(self, scope: Scope, receive: Receive, headers: Mapping[bytes, bytes]) -> bytes | None:
        """The whole body, checked; None when the caller left before its end."""
        limit = _for(self._sizes, scope["path"])
        length = headers.get(b"content-length", b"0")
        if not length.isdigit():
            raise MalformedRequest(ErrorAt("header:Content-Length", "invalid"))
        if int(length) > limit:
            raise _too_large(limit)
        body = await _read(receive, limit)
        if body:
            media_type = _media_type(headers, _for(self._types, scope["path"]))
            found = _faults(media_type, body)
            if found:
                raise MalformedRequest(*found)
        return body


def check_target(scope: Scope) -> None:
    """Raises `UriTooLong` or `MalformedRequest` for a path or query that cannot be read in one way only."""
    path: bytes = scope.get("raw_path") or b"/"
    query: bytes = scope["query_string"]
    if len(path) > MAX_PATH or len(query) > MAX_QUERY:
        raise UriTooLong(limit=MAX_PATH if len(path) > MAX_PATH else MAX_QUERY)
    if NEEDS_A_LOOK.search(path):
        code = _encoding_fault(path)
        if code or CONTROL.search(unquote_to_bytes(path)):
            raise MalformedRequest(ErrorAt("path:", code or "forbidden_character"))
    if query and NEEDS_A_LOOK.search(query):
        _check_query(query)


def _check_query(query: bytes) -> None:
    for pair in query.split(b"&"):
        code = _encoding_fault(pair)
        if code or b"%00" in pair:
            name = unquote_to_bytes(pair.partition(b"=")[0]).decode(errors="replace")
            raise MalformedRequest(ErrorAt("?" + pointer_token(name), code or "forbidden_character"))


def _encoding_fault(raw: bytes) -> str | None:
    if BROKEN_PERCENT.search(raw) or not raw.isascii() or CONTROL.search(raw) or b" " in raw:
        return "invalid_percent_encoding"
    try:
        unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        return "invalid_utf8"
    return None


def check_headers(scope: Scope) -> dict[bytes, bytes]:
    """The headers that say what the body is; none when there is no body.

    Raises `MalformedRequest` for a control character, or for such a header given twice.
    """
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    if b"".join([value for _, value in headers]).translate(None, HEADER_CHARACTERS):
        raise MalformedRequest(ErrorAt("header:", "forbidden_character"))
    about: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in {b"content-length", b"content-type", b"transfer-encoding", b"content-encoding"}:
            if name in about:
                raise MalformedRequest(ErrorAt("header:" + name.decode().title(), "repeated_header"))
            about[name] = value
    has_body = about.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in about
    return about if has_body else {}


def _media_type(headers: Mapping[bytes, bytes], accepted: frozenset[str]) -> str:
    """The media type of the body. Raises `UnsupportedMediaType` unless it is one of those accepted; JSON and forms in
    UTF-8."""
    essence, _, parameters = headers.get(b"content-type", b"").decode("latin-1").lower().partition(";")
    named = dict(part.strip().split("=", 1) for part in parameters.split(";") if "=" in part)
    charset = named.get("charset", "utf-8").strip('"')
    encoding = headers.get(b"content-encoding", b"identity").lower()
    is_readable = charset in {"utf-8", "utf8", "us-ascii"} or essence.strip() not in IN_UTF8
    if essence.strip() not in accepted or not is_readable or encoding != b"identity":
        listed = ", ".join(sorted(accepted))
        raise UnsupportedMediaType(accepted=listed, headers={"Accept": listed, "Accept-Encoding": "identity"})
    return essence.strip()


def _faults(media_type: str, body: bytes) -> list[ErrorAt]:
    if media_type.endswith("json"):
        return json_input.faults(body)
    if media_type == FORM:
        code = _encoding_fault(body)
        if code or b"%00" in body:
            return [ErrorAt("#", code or "forbidden_character")]
    return []


async def _read(receive: Receive, limit: int) -> bytes | None:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _too_large(limit: int) -> PayloadTooLarge:
    """The rest of the body is not awaited: the connection ends with the answer."""
    return PayloadTooLarge(limit=limit, headers={"Connection": "close"})


def _replay(body: bytes, receive: Receive) -> Receive:
    """Gives the body once more, then what the server has to say."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay


async def _head(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a HEAD as a GET without its body (RFC 9110, 9.3.2). The server still sees its own scope."""
    inner = {**scope, "method": "GET"}
    try:
        await app(inner, receive, partial(_send_without_body, send))
    finally:
        scope.update({**inner, "method": "HEAD"})


async def _send_without_body(send: Send, message: Message) -> None:
    await send({**message, "body": b""} if message["type"] == "http.response.body" else message)


def _longest_first(by_path: Mapping[str, V]) -> list[tuple[str, V]]:
    return sorted(by_path.items(), key=lambda item: -len(item[0]))


def _for(by_path: list[tuple[str, V]], path: str) -> V:
    return next(value for part, value in by_path if _is_of(path, part))


def _is_of(path: str, part: str) -> bool:
    return path.endswith(part[1:]) if part.startswith("*") else path.startswith(part)
