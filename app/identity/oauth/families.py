"""Families: all the tokens of one consent, or of one machine's request, which end together."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.core import clock
from app.identity.models import RefreshToken, TokenFamily

IDLE, ABSOLUTE = timedelta(days=30), timedelta(days=90)
GRACE = timedelta(seconds=10)
ACCESS = timedelta(minutes=10)


def opened(
    session: Session,
    *,
    client_id: UUID,
    account_id: UUID | None,
    scopes: Sequence[str],
    narrowing: Mapping[str, list[str]],
    lasts: timedelta,
) -> TokenFamily:
    """A new family; flushed, so that it has its identifier."""
    family = TokenFamily(
        client_id=client_id, account_id=account_id, scopes=sorted(scopes), narrowing=dict(narrowing),
        created_at=clock.now(), expires_at=clock.now() + lasts,
    )  # fmt: skip
    session.add(family)
    session.flush()
    return family


def end(family: TokenFamily, reason: str) -> None:
    """End the family, unless it has ended: its tokens are refused from the next request on."""
    if family.revoked_at is None:
        family.revoked_at, family.revoked_for = clock.now(), reason


async def end_all(
    session: AsyncSession, reason: str, *, account_id: UUID | None = None, client_id: UUID | None = None
) -> int:
    """End every family of an account (its password changed, say), of a client, or of both; answers how many."""
    of = [TokenFamily.account_id == account_id] if account_id else []
    of += [TokenFamily.client_id == client_id] if client_id else []
    assert of
    ended = await session.scalars(
        update(TokenFamily)
        .where(TokenFamily.revoked_at.is_(None), *of)
        .values(revoked_at=clock.now(), revoked_for=reason)
        .returning(TokenFamily.id)
    )
    return len(ended.all())


def is_replay(session: Session, token: RefreshToken, now: datetime) -> bool:
    """Whether a used token comes back in earnest: not the retry of a client that lost the answer.

    A retry comes within ten seconds, while the token's successor is still the latest of the family.
    """
    assert token.used_at is not None
    if now - token.used_at > GRACE:
        return True
    successor_used = session.scalar(select(RefreshToken.used_at).where(RefreshToken.token_hash == token.successor_hash))
    return successor_used is not None
