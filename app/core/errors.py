"""Every refusal of the API: one class a problem, with its status and its slug (RFC 9457).

Titles and details are in `locales/`, by slug, in French and English. A problem never repeats what was
submitted: a value can be personal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import quote

from pydantic_core import PydanticCustomError

LONGEST_STEP = 100


@dataclass(frozen=True, slots=True)
class ErrorAt:
    """One fault at one place.

    `pointer` is a JSON pointer into the body (`#/starts_at`), or `?name` for a query parameter,
    `path:name` or `header:Name`. `code` names a message of `locales/`; `params` fill it in.
    """

    pointer: str
    code: str
    params: Mapping[str, object] = field(default_factory=dict)


def pointer_token(step: str | int) -> str:
    """One step of a JSON pointer in a URI fragment (RFC 6901, 6)."""
    plain = str(step)[:LONGEST_STEP].replace("~", "~0").replace("/", "~1")
    return quote(plain, safe="~!$&'()*+,;=:@", errors="replace")


def pointer(*steps: str | int) -> str:
    """The place in the body where these steps lead; `#` is the whole body."""
    return "#" + "".join(f"/{pointer_token(step)}" for step in steps)


def invalid(code: str, **params: object) -> PydanticCustomError:
    """The fault a schema's own validator raises; its message is `error.<code>` of `locales/`, filled by `params`."""
    return PydanticCustomError(code, code, params)


class Problem(Exception):
    """A refusal, answered as `application/problem+json`. Subclasses say which."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal-error"

    def __init__(self, *errors: ErrorAt, headers: Mapping[str, str] | None = None, **params: object) -> None:
        super().__init__(self.slug)
        self.errors = errors
        self.headers = dict(headers or {})
        self.params = params


class InvalidInput(Problem):
    """What was sent does not have the form or the values asked for."""

    status, slug = 422, "invalid-input"


class ImportRefused(Problem):
    """Rows of the file have errors, told one by one; nothing was written."""

    status, slug = 422, "import-refused"


class MalformedRequest(Problem):
    """The request cannot be read: broken JSON, encoding, duplicate keys, forbidden characters."""

    status, slug = 400, "malformed-request"


class NotAuthenticated(Problem):
    """No caller is known: the operation asks for a token."""

    status, slug = 401, "not-authenticated"


class NotAllowed(Problem):
    """The caller is known and may not do this; the missing scope is named in `WWW-Authenticate`."""

    status, slug = 403, "not-allowed"


class NotFound(Problem):
    """No such row within the caller's sight."""

    status, slug = 404, "not-found"


class MethodNotAllowed(Problem):
    """The resource exists and does not know this method; `Allow` names those it knows."""

    status, slug = 405, "method-not-allowed"


class NotAcceptable(Problem):
    """None of the media types asked for can be made."""

    status, slug = 406, "not-acceptable"


class Conflict(Problem):
    """The change contradicts what is there."""

    status, slug = 409, "conflict"


class AlreadyExists(Conflict):
    """Another row holds this value, which must be unique."""

    slug = "already-exists"


class StillReferenced(Conflict):
    """Other rows need this one: it cannot be deleted."""

    slug = "still-referenced"


class IllegalTransition(Conflict):
    """The state does not lead where it was asked to go; the detail says from, to and why (a code of `reason.*`)."""

    slug = "illegal-transition"

    def __init__(self, source: str, target: str, reason: str, *errors: ErrorAt) -> None:
        super().__init__(*errors, source=source, target=target, reason=reason)


class RequestInFlight(Conflict):
    """The same idempotency key is being worked on right now."""

    slug = "request-in-flight"


class Gone(Problem):
    """It was public and is no longer: withdrawn or deleted."""

    status, slug = 410, "gone"


class VersionMismatch(Problem):
    """The row changed since it was read (`If-Match` names an older version)."""

    status, slug = 412, "version-mismatch"


class PreviewOutdated(Problem):
    """The file, or the rows it would touch, are no longer those of the preview; nothing was written."""

    status, slug = 412, "preview-outdated"


class PayloadTooLarge(Problem):
    """The body is larger than this operation takes."""

    status, slug = 413, "payload-too-large"


class UriTooLong(Problem):
    """The path or the query is longer than is read."""

    status, slug = 414, "uri-too-long"


class UnsupportedMediaType(Problem):
    """The body is not of a media type this operation reads."""

    status, slug = 415, "unsupported-media-type"


class KeyReused(Problem):
    """The idempotency key was used for another request."""

    status, slug = 422, "idempotency-key-reused"


class PreconditionRequired(Problem):
    """The operation asks for `If-Match`, so that no one's change is overwritten unseen."""

    status, slug = 428, "precondition-required"


class TooManyRequests(Problem):
    """The quota is used up; `Retry-After` says when to come back."""

    status, slug = 429, "too-many-requests"


class InternalError(Problem):
    """A defect of ours, logged with the request id."""


class Unavailable(Problem):
    """The database cannot answer just now; `Retry-After` says when to come back."""

    status, slug = 503, "unavailable"


class CannotStart(Exception):
    """The server cannot run on this machine as it is: one sentence for the operator, with its remedy."""


def catalogue() -> list[type[Problem]]:
    """Every problem there is, in the order of this file."""
    return [
        kind
        for kind in globals().values()
        if isinstance(kind, type) and issubclass(kind, Problem) and kind is not Problem
    ]
