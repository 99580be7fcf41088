"""API tokens: made, replaced, revoked."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ErrorAt, IllegalTransition, InvalidInput
from app.identity import opaque
from app.identity.models import ApiToken

LONGEST = timedelta(days=365)


async def create_api_token(
    session: AsyncSession,
    *,
    account_id: UUID,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime,
    narrowing: Mapping[str, Sequence[str]] | None = None,
    networks: Sequence[str] = (),
) -> tuple[ApiToken, str]:
    """A token and its secret, of which only the hash is kept. The session must say in whose name it writes.

    Raises `InvalidInput` for an end that has passed or is more than 365 days away.
    """
    if not clock.now() < expires_at <= clock.now() + LONGEST:
        raise InvalidInput(ErrorAt("#/expires_at", "within_days", {"days": LONGEST.days}))
    secret = opaque.make(opaque.Kind.API_TOKEN)
    token = ApiToken(
        account_id=account_id, name=name, token_hash=opaque.hashed(secret), hint=opaque.hint(secret),
        scopes=sorted(scopes), narrowing={key: list(ids) for key, ids in (narrowing or {}).items()},
        networks=list(networks), expires_at=expires_at,
    )  # fmt: skip
    session.add(token)
    await session.flush()
    return token, secret


async def roll(
    session: AsyncSession, token: ApiToken, *, overlap: timedelta, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A token like this one in its place; this one stays good for `overlap`.

    Raises `IllegalTransition` for a token that has ended.
    """
    _require_active(token, "rolled")
    lasts = min(token.expires_at - token.created_at, LONGEST)
    made = await create_api_token(
        session, account_id=token.account_id, name=token.name, scopes=token.scopes, narrowing=token.narrowing,
        networks=token.networks, expires_at=expires_at or clock.now() + lasts,
    )  # fmt: skip
    if overlap:
        token.expires_at = min(token.expires_at, clock.now() + overlap)
        token.warned_at = clock.now()  # its owner knows
        await session.flush()
    else:
        await revoke(session, token, "rolled")
    return made


async def revoke(session: AsyncSession, token: ApiToken, reason: str = "owner") -> None:
    """End the token now. Raises `IllegalTransition` for one that has ended."""
    _require_active(token, "revoked")
    token.revoked_at, token.revoked_for = clock.now(), reason
    await session.flush()


async def revoke_all(session: AsyncSession, account_id: UUID, reason: str) -> None:
    """End every token of an account (it was disabled, say)."""
    alive = update(ApiToken).where(ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None))
    await session.execute(alive.values(revoked_at=clock.now(), revoked_for=reason, version=ApiToken.version + 1))


def state_of(token: ApiToken) -> Literal["active", "expired", "revoked"]:
    """How the token stands now."""
    if token.revoked_at:
        return "revoked"
    return "expired" if token.expires_at <= clock.now() else "active"


def _require_active(token: ApiToken, target: str) -> None:
    state = state_of(token)
    if state != "active":
        raise IllegalTransition(state, target, "already_ended")
