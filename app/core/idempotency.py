"""`Idempotency-Key`: a POST sent twice is done once. The answer is kept in the transaction of the write.

An answer can tell of persons: row-level security shows it to its own caller alone, and it goes after a day.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Annotated

import orjson
from fastapi import Header, Request, Response
from sqlalchemy import Index, LargeBinary, delete, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, let_see
from app.core.errors import KeyReused, RequestInFlight

KEPT_FOR = timedelta(hours=24)
KEPT_HEADERS = ("etag", "location", "content-type", "content-language", "link")


class KeptAnswer(Base):
    """The answer to a caller's keyed request."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("idempotency_keys_kept_at_idx", "kept_at"),)

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime]
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(JSONB)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class Replay(Exception):
    """The request was already done: this is its answer."""

    def __init__(self, response: Response) -> None:
        super().__init__("replayed")
        self.response = response


async def begin(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=200,
            pattern=r"^[\x21-\x7e]+$",
            description="makes a repeat of this POST safe for 24 hours",
        ),
    ] = None,
) -> None:
    """Take the key for this request.

    Raises `Replay` when it was done, `RequestInFlight` while it is being done, `KeyReused` when the key
    stands for another request. Needs the caller in `request.state.caller`.
    """
    if idempotency_key is None:
        return
    session: AsyncSession = request.state.session
    caller: str = request.state.caller.id
    await let_see(session, caller=[caller])
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(_lock_number(caller, idempotency_key)))):
        raise RequestInFlight(headers={"Retry-After": "1"})
    fingerprint = await _fingerprint(request)
    kept = await session.get(KeptAnswer, (caller, idempotency_key))
    if kept and kept.kept_at > clock.now() - KEPT_FOR:
        if kept.fingerprint != fingerprint:
            raise KeyReused
        raise Replay(Response(kept.body, kept.status, {**kept.headers, "Idempotency-Replayed": "true"}))
    if kept:
        await session.delete(kept)
        await session.flush()
    request.state.idempotency = (caller, idempotency_key, fingerprint)


async def forget(session: AsyncSession) -> None:
    """Delete the answers kept for a day."""
    await session.execute(delete(KeptAnswer).where(KeptAnswer.kept_at < clock.now() - KEPT_FOR))


def keep_without(request: Request, *fields: str) -> None:
    """Keep this request's answer with these fields null: a secret is shown once, a repeat does not show it."""
    request.state.kept_without = fields


async def keep(request: Request, response: Response) -> None:
    """Keep the answer under the request's key, if it has one, to be committed with what was written."""
    taken = getattr(request.state, "idempotency", None)
    if taken is None:
        return
    caller, key, fingerprint = taken
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    session: AsyncSession = request.state.session
    session.add(
        KeptAnswer(
            caller=caller, key=key, fingerprint=fingerprint, kept_at=clock.now(),
            status=response.status_code, headers=headers, body=_kept_body(request, bytes(response.body)),
        )
    )  # fmt: skip


def _kept_body(request: Request, body: bytes) -> bytes:
    without: tuple[str, ...] = getattr(request.state, "kept_without", ())
    return orjson.dumps(orjson.loads(body) | dict.fromkeys(without)) if without else body


def _lock_number(caller: str, key: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{caller}\0{key}".encode()).digest()[:8], signed=True)


async def _fingerprint(request: Request) -> bytes:
    what = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return hashlib.sha256(what + await request.body()).digest()
