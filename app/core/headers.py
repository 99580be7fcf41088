"""Headers that tell browsers what may be done with an answer."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core import pages
from app.settings import Settings

Header = tuple[bytes, bytes]

API_POLICY = "default-src 'none'; frame-ancestors 'none'"
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
HTTPS_ONLY = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}
NO_FRAME = {"X-Frame-Options": "DENY"}
OTHERS_MAY_READ = {"Cross-Origin-Resource-Policy": "cross-origin"}
ONLY_WE_MAY_READ = {"Cross-Origin-Resource-Policy": "same-origin"}
NO_STORE = {"Cache-Control": "no-store"}


class Trees:
    """The headers of each tree of addresses."""

    def __init__(self, settings: Settings) -> None:
        always = ALWAYS | (HTTPS_ONLY if settings.environment == "production" else {})
        private = always | NO_FRAME | ONLY_WE_MAY_READ
        shared = always | NO_FRAME | OTHERS_MAY_READ
        self._trees: list[tuple[str, _Added]] = [
            ("/v1/public", _Added(shared)),
            ("/v1", _Added(private | NO_STORE)),
            ("/embed", _Added(always | OTHERS_MAY_READ, html=pages.policy(frame_ancestors="*"))),
            ("/docs", _Added(private, html=DOCS_POLICY)),
            ("/.well-known", _Added(shared)),
            ("/openapi", _Added(shared)),
            ("", _Added(private)),
        ]

    def completed(self, path: str, headers: Iterable[Header]) -> list[Header]:
        """These headers with those of their tree; one that is there already is left as it is."""
        return next(added for tree, added in self._trees if path.startswith(tree)).to(list(headers))


class SecurityHeaders:
    """Adds to every answer the headers of its tree."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self._trees = Trees(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = self._trees.completed(scope["path"], message.get("headers", ()))
                message = {**message, "headers": headers}
            await send(message)

        await self.app(scope, receive, send_with_headers)


class _Added:
    """The headers of one tree, ready to send: one set for pages, one for everything else."""

    def __init__(self, headers: dict[str, str], html: str = pages.policy()) -> None:
        self._for_data = _encode(headers | {"Content-Security-Policy": API_POLICY})
        self._for_pages = _encode(headers | {"Content-Security-Policy": html})

    def to(self, headers: list[Header]) -> list[Header]:
        present = dict(headers)
        is_page = present.get(b"content-type", b"").startswith(b"text/html")
        added = self._for_pages if is_page else self._for_data
        return [*headers, *[header for header in added if header[0] not in present]]


def _encode(headers: dict[str, str]) -> list[Header]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
