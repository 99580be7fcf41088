"""Lists by keyset: a page starts after the last row of the one before, so the thousandth costs as the first.

A cursor is opaque, signed, and bound to its caller, path and filters: taken elsewhere it is refused.
"""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import orjson
from fastapi import Depends, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core.errors import ErrorAt, InvalidInput
from app.core.examples import add_example

T = TypeVar("T")
SIGNATURE = 16
PLACE = ("limit", "cursor")


class Page(BaseModel, Generic[T]):
    """One page of a list. `next` opens the following one; null on the last. `count` only when asked for."""

    items: list[T]
    next: Annotated[str | None, Field(description="cursor of the next page; null on the last")]
    count: Annotated[int | None, Field(description="all rows of the list, with `Prefer: count=exact`; else null")]

    model_config = ConfigDict(json_schema_extra=add_example)


class Cursors:
    """Signs the place a page ended at, and reads it back for the same caller and filters only."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, place: Sequence[object], bound_to: str) -> str:
        """The cursor for the rows after `place`."""
        payload = orjson.dumps(list(place), default=str)  # the driver has identifiers of its own kind
        return base64.urlsafe_b64encode(self._sign(payload, bound_to) + payload).decode().rstrip("=")

    def read(self, cursor: str, bound_to: str) -> list[Any]:
        """The place of a cursor. Raises `InvalidInput` for one made elsewhere."""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except ValueError as error:
            raise InvalidInput(ErrorAt("?cursor", "foreign_cursor")) from error
        signature, payload = raw[:SIGNATURE], raw[SIGNATURE:]
        if not hmac.compare_digest(signature, self._sign(payload, bound_to)):
            raise InvalidInput(ErrorAt("?cursor", "foreign_cursor"))
        place: list[Any] = orjson.loads(payload)
        return place

    def _sign(self, payload: bytes, bound_to: str) -> bytes:
        return hmac.digest(self._key, bound_to.encode() + b"\0" + payload, "sha256")[:SIGNATURE]


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is asked for, and where its neighbour is to be told."""

    limit: int
    cursor: str | None
    is_counted: bool
    request: Request
    response: Response

    @property
    def bound_to(self) -> str:
        """Caller, path and filters: all a cursor must agree with."""
        filters = sorted((k, v) for k, v in parse_qsl(self.request.url.query, True) if k not in PLACE)
        caller = getattr(self.request.state, "caller", None)
        return "\n".join([getattr(caller, "id", ""), self.request.url.path, urlencode(filters)])

    def link_next(self, cursor: str) -> None:
        """Name the next page in `Link` (RFC 8288)."""
        kept = [(k, v) for k, v in parse_qsl(self.request.url.query, True) if k != "cursor"]
        query = urlencode([*kept, ("cursor", cursor)])
        self.response.headers["Link"] = f'<{self.request.url.path}?{query}>; rel="next"'


def page_request(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=200, description="rows of a page")] = 50,
    cursor: Annotated[str | None, Query(max_length=1000, description="`next` of the page before")] = None,
    prefer: Annotated[str | None, Header(description="`count=exact` to have all rows counted")] = None,
) -> PageRequest:
    """Read the page asked for."""
    is_counted = prefer is not None and "count=exact" in prefer.replace(" ", "")
    return PageRequest(limit, cursor, is_counted, request, response)


PageAsked = Annotated[PageRequest, Depends(page_request)]


async def page(
    session: AsyncSession,
    rows: Select[T],
    asked: PageRequest,
    *,
    by: Sequence[InstrumentedAttribute[Any]],
    descending: bool = False,
) -> dict[str, Any]:
    """One page of `rows` in the order of the columns `by`, of which the last is unique.

    Raises `InvalidInput` for a cursor of another caller, path or filter.
    """
    cursors: Cursors = asked.request.app.state.cursors
    count = await session.scalar(select(func.count()).select_from(rows.subquery())) if asked.is_counted else None
    if asked.cursor:
        place = [
            _as_column(column, value)
            for column, value in zip(by, cursors.read(asked.cursor, asked.bound_to), strict=True)
        ]
        after = tuple_(*by) < tuple_(*place) if descending else tuple_(*by) > tuple_(*place)
        rows = rows.where(after)
    ordered = rows.order_by(*(column.desc() if descending else column for column in by)).limit(asked.limit + 1)
    found = (await session.scalars(ordered)).unique().all()
    following = None
    if len(found) > asked.limit:
        last = found[asked.limit - 1]
        following = cursors.write([getattr(last, column.key) for column in by], asked.bound_to)
        asked.link_next(following)
    if asked.is_counted:
        asked.response.headers["Preference-Applied"] = "count=exact"
    return {"items": list(found[: asked.limit]), "next": following, "count": count}


def _as_column(column: InstrumentedAttribute[Any], value: Any) -> object:
    """A value of a cursor as its column wants it: JSON knows neither days, instants nor identifiers."""
    kind = column.type.python_type
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is date:
        return date.fromisoformat(value)
    return UUID(value) if kind is UUID else value
