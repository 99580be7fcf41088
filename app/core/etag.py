"""A row's version as its ETag, so that no one's change is overwritten unseen (RFC 9110, 13.1)."""

from typing import Annotated

from fastapi import Depends, Header, Response

from app.core.db import R, Resource
from app.core.errors import PreconditionRequired, VersionMismatch


async def _if_match(
    if_match: Annotated[str | None, Header(description='The version you read, e.g. "3" (its ETag). Required.')] = None,
) -> str | None:
    return if_match


IfMatch = Annotated[str | None, Depends(_if_match)]
"""The header `If-Match`; its absence is for `require_match` to refuse, with its own problem."""


def etag(row: Resource) -> str:
    """The strong validator of a row."""
    return f'"{row.version}"'


def tagged(response: Response, row: R) -> R:
    """Name the row's version in the answer, and give the row back."""
    response.headers["ETag"] = etag(row)
    return row


def created(response: Response, row: R) -> R:
    """The same for a row just made, with the path where it is now."""
    response.headers["Location"] = f"/v1/{row.__resource__}/{row.id}"
    return tagged(response, row)


def require_match(row: Resource, if_match: str | None) -> None:
    """Raises `PreconditionRequired` without `If-Match`, `VersionMismatch` when it names another version."""
    if if_match is None:
        raise PreconditionRequired
    if if_match.strip() != "*" and etag(row) not in (tag.strip() for tag in if_match.split(",")):
        raise VersionMismatch(headers={"ETag": etag(row)})
