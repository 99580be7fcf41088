"""An answer of the public tree, ready to be sent any number of times: same bytes, same ETag.

Conditional requests (RFC 9110, 13) are decided by the strong ETag alone: a removal does not move the
latest date of change of what is left, so a date could not tell.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256

from starlette.types import Message, Scope, Send

from app.core import clock

MAX_AGE = 60
FRESH = timedelta(seconds=MAX_AGE)
OVERHEAD = 2_000
Headers = list[tuple[bytes, bytes]]
NO_BODY: Message = {"type": "http.response.body", "body": b""}

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Last-Modified, Link, Content-Disposition, Retry-After",
}
ALLOW = "GET, HEAD, OPTIONS"
PREFLIGHT = CORS | {
    "Access-Control-Allow-Methods": ALLOW,
    "Access-Control-Allow-Headers": "*, Authorization",
    "Access-Control-Max-Age": "86400",
    "Allow": ALLOW,
}

TOLD_AGAIN = frozenset({b"etag", b"cache-control", b"vary", b"access-control-allow-origin"})


class Answer:
    """A body with its headers. `until` is the instant from which it may no longer be true, if one is known;
    `route` is what it is counted under. It can be sent once it is complete.
    """

    __slots__ = ("_fresh", "_fresh_unchanged", "_headers", "body", "etag", "fresh_until", "route", "size", "until")

    def __init__(
        self,
        body: bytes,
        media_type: str,
        *,
        until: datetime | None = None,
        modified: datetime | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.body = body
        self.route = ""
        self.until = until
        self.fresh_until = until - FRESH if until else None
        self.etag = b'"%s"' % sha256(body).hexdigest()[:32].encode()
        self.size = len(body) + OVERHEAD
        self._headers: Headers = [
            (b"content-type", media_type.encode()), (b"content-length", b"%d" % len(body)), (b"etag", self.etag),
            *ENCODED_CORS, *encoded(headers or {}),
        ]  # fmt: skip
        if modified:
            self._headers.append((b"last-modified", format_datetime(modified, usegmt=True).encode()))

    def complete(self, completed: Callable[[Headers], Headers]) -> None:
        """Take the headers every answer of the service has: a kept answer leaves before anyone could add them."""
        self._headers = completed(self._headers)
        fresh = [*self._headers, cache_control(MAX_AGE)]
        self._fresh, self._fresh_unchanged = _start(200, fresh), _start(304, unchanged(fresh))

    def start(self, *, changed: bool) -> Message:
        """The beginning of a 200, or of a 304 when what the caller has is unchanged."""
        if self.fresh_until is None or self.fresh_until > clock.now():
            return self._fresh if changed else self._fresh_unchanged
        assert self.until is not None
        left = max(0, int((self.until - clock.now()).total_seconds()))
        headers = [*self._headers, cache_control(min(MAX_AGE, left))]
        return _start(200, headers) if changed else _start(304, unchanged(headers))

    async def send_to(self, scope: Scope, send: Send) -> int:
        """Answer a GET or HEAD, with 304 where the caller already has these bytes; returns the status."""
        changed = True
        for name, value in scope["headers"]:
            if name == b"if-none-match":
                changed = value != self.etag and not _names(value, self.etag)
                break
        await send(self.start(changed=changed))
        await send(
            {"type": "http.response.body", "body": self.body} if changed and scope["method"] != "HEAD" else NO_BODY
        )
        return 200 if changed else 304


def _start(status: int, headers: Headers) -> Message:
    return {"type": "http.response.start", "status": status, "headers": headers}


def _names(condition: bytes, etag: bytes) -> bool:
    tags = [tag.strip().removeprefix(b"W/") for tag in condition.split(b",")]
    return etag in tags or tags == [b"*"]


def cache_control(max_age: int) -> tuple[bytes, bytes]:
    """For how long any cache may answer in our place, and what it may do when we cannot."""
    return (b"cache-control", b"public, max-age=%d, stale-while-revalidate=600, stale-if-error=86400" % max_age)


def encoded(headers: Mapping[str, str]) -> Headers:
    """Headers as ASGI wants them."""
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]


def unchanged(headers: Headers) -> Headers:
    """The headers of a 304: what keeps a cache going (RFC 9110, 15.4.5); the others stand with what it has."""
    return [header for header in headers if header[0] in TOLD_AGAIN]


ENCODED_CORS = encoded(CORS)
