"""What happens to a client application: asked for, approved, changed, disabled."""

import secrets
from collections.abc import Sequence
from uuid import UUID

from pydantic_core import PydanticCustomError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.database_errors import describe_constraint
from app.core.db import apply
from app.core.errors import ErrorAt, IllegalTransition, InvalidInput
from app.identity import opaque
from app.identity.caller import Caller, Role
from app.identity.models import Client, Grant
from app.identity.oauth import families
from app.identity.oauth.clients.policy import may_approve
from app.identity.oauth.clients.schemas import ClientUpdate, check_together

describe_constraint("oauth_clients_source_key", "#/source", "already_exists")
describe_constraint("oauth_clients_territory_id_fkey", "#/territory_id", "unknown_reference")


async def create_client(
    session: AsyncSession,
    *,
    name: str,
    territory_id: UUID | None,
    grants: Sequence[str],
    scopes: Sequence[str],
    redirect_uris: Sequence[str] = (),
    is_confidential: bool = False,
    source: str | None = None,
    requested_by: UUID | None = None,
    client_id: str | None = None,
    is_approved: bool = False,
) -> tuple[Client, str | None]:
    """A client, and its secret if it is confidential: only its hash is kept.

    The session must say in whose name it writes. `is_approved`: without waiting for an admin.
    """
    secret = opaque.make(opaque.Kind.CLIENT_SECRET) if is_confidential else None
    client = Client(
        client_id=client_id or "aet-" + secrets.token_hex(12), name=name, territory_id=territory_id,
        secret_hash=opaque.hashed(secret) if secret else None, redirect_uris=list(redirect_uris),
        grants=list(grants), scopes=sorted(scopes), source=source, requested_by=requested_by,
    )  # fmt: skip
    session.add(client)
    await session.flush()
    if is_approved:
        await approve(session, client)
    return client, secret


async def approve(session: AsyncSession, client: Client) -> None:
    """Let the client in; one that acts in its own name becomes a partner of its territory.

    A disabled client is enabled again. Raises `IllegalTransition` when it is approved already.
    """
    if client.approved_at and not client.disabled_at:
        raise IllegalTransition("approved", "approved", "already_done")
    client.approved_at, client.disabled_at = clock.now(), None
    if "client_credentials" in client.grants:
        held = select(Grant.id).where(Grant.client_id == client.id, Grant.revoked_at.is_(None))
        if await session.scalar(held) is None:
            session.add(Grant(client_id=client.id, role=Role.PARTNER, territory_id=client.territory_id))
    await session.flush()


async def disable(session: AsyncSession, client: Client, reason: str = "client_disabled") -> None:
    """Shut the client out and end all its tokens. Raises `IllegalTransition` when it is disabled already."""
    if client.disabled_at:
        raise IllegalTransition("disabled", "disabled", "already_done")
    client.disabled_at = clock.now()
    await families.end_all(session, reason, client_id=client.id)
    await session.flush()


async def update(session: AsyncSession, caller: Caller, client: Client, body: ClientUpdate) -> None:
    """Change the fields given; other addresses or scopes await approval again, unless by one who may approve.

    Raises `InvalidInput` for settings that do not go together.
    """
    was = (client.redirect_uris, client.scopes)
    apply(client, body.given())
    try:
        check_together(
            grants=client.grants, redirect_uris=client.redirect_uris, source=client.source,
            is_confidential=client.secret_hash is not None,
        )  # fmt: skip
    except PydanticCustomError as fault:
        raise InvalidInput(ErrorAt("#/redirect_uris", fault.type)) from None
    if was != (client.redirect_uris, client.scopes) and not may_approve(caller, client):
        client.approved_at = None
    await session.flush()


async def roll_secret(session: AsyncSession, client: Client) -> str:
    """A new secret; the former is refused at once. Raises `IllegalTransition` for a client that keeps none."""
    if client.secret_hash is None:
        raise IllegalTransition("public", "confidential", "no_secret")
    secret = opaque.make(opaque.Kind.CLIENT_SECRET)
    client.secret_hash = opaque.hashed(secret)
    await session.flush()
    return secret
