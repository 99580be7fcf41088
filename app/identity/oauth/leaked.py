"""Where secret scanners say that a secret of ours lies in the open: it ends at once, and its owner is told.

Holding a secret is proof enough to end it, so anyone may call; the answer is the same whatever was sent, so
that nothing can be tried out here. Secrets are recognised by their prefix and their checksum.
"""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.background import BackgroundTask

from app.core import clock, i18n
from app.core.journal import attribute_to
from app.identity import audit, mail, opaque
from app.identity.keys import KeyRing, derive
from app.identity.models import Account, ApiToken, AuditEntry, Client, RefreshToken, TokenFamily
from app.identity.oauth import families
from app.identity.oauth.router import NO_STORE, Quota
from app.identity.opaque import Kind
from app.settings import Settings

SCANNER = "secret-scanner"
REASON = "leaked"
MOST = 100

router = APIRouter(prefix="/oauth", include_in_schema=False)


class Found(BaseModel):
    """One secret as scanners tell of it; only the secret itself is read."""

    model_config = ConfigDict(extra="ignore")

    token: Annotated[str, Field(max_length=500)]


@router.post("/leaked-token", status_code=202)
async def take_leaked_tokens(body: Annotated[list[Found], Field(max_length=MOST)], request: Request) -> Response:
    """End the secrets of this list that are ours."""
    quota: Quota = request.app.state.oauth_quota
    await quota.take(request)
    secrets = {found.token for found in body}
    return Response(status_code=202, headers=NO_STORE, background=BackgroundTask(_end, request, secrets))


async def _end(request: Request, secrets: Iterable[str]) -> None:
    """After the answer, so that its time says nothing either."""
    settings: Settings = request.app.state.settings
    async with request.app.state.database.session() as session:
        attribute_to(session, SCANNER, request_id=getattr(request.state, "request_id", None))
        by_kind: dict[Kind | None, list[str]] = {}
        for secret in secrets:
            by_kind.setdefault(opaque.kind_of(secret), []).append(secret)
        mails = await _end_api_tokens(request, session, by_kind.get(Kind.API_TOKEN, []))
        mails += await _disable_clients(request, session, by_kind.get(Kind.CLIENT_SECRET, []))
        await _end_families(request, session, by_kind.get(Kind.REFRESH_TOKEN, []))
        await session.commit()
    for to, subject, text in mails:
        await mail.send(settings, to, subject, text)


async def _end_api_tokens(request: Request, session: AsyncSession, secrets: list[str]) -> list[tuple[str, str, str]]:
    rows = select(ApiToken, Account).join(Account, Account.id == ApiToken.account_id)
    hashes = [opaque.hashed(secret) for secret in secrets]
    found = await session.execute(rows.where(ApiToken.token_hash.in_(hashes), ApiToken.revoked_at.is_(None)))
    mails = []
    for token, account in found.all():
        token.revoked_at, token.revoked_for = clock.now(), REASON
        audit.note(session, _line(request, "api-token.leaked", "api-tokens", token))
        link = f"{request.app.state.settings.base_url}/account/tokens"
        mails.append(_mail(account, "mail-leaked", name=token.name, hint=token.hint, link=link))
    return mails


async def _disable_clients(request: Request, session: AsyncSession, secrets: list[str]) -> list[tuple[str, str, str]]:
    rows = select(Client, Account).outerjoin(Account, Account.id == Client.requested_by)
    hashes = [opaque.hashed(secret) for secret in secrets]
    found = await session.execute(rows.where(Client.secret_hash.in_(hashes), Client.disabled_at.is_(None)))
    mails = []
    told: list[tuple[Client, Account | None]] = [(client, account) for client, account in found.all()]
    for client, account in told:
        client.disabled_at = clock.now()
        await families.end_all(session, REASON, client_id=client.id)
        audit.note(session, _line(request, "client-secret.leaked", "clients", client))
        if account:
            mails.append(_mail(account, "mail-client-leaked", name=client.name))
    return mails


async def _end_families(request: Request, session: AsyncSession, secrets: list[str]) -> None:
    ring: KeyRing = request.app.state.key_ring
    key = derive(ring.secret, "refresh tokens")
    rows = select(TokenFamily).join(RefreshToken, RefreshToken.family_id == TokenFamily.id)
    hashes = [opaque.keyed_hash(secret, key) for secret in secrets]
    for family in await session.scalars(rows.where(RefreshToken.token_hash.in_(hashes)).distinct()):
        families.end(family, REASON)


def _line(request: Request, action: str, resource: str, row: ApiToken | Client) -> AuditEntry:
    return audit.entry(
        SCANNER, action, request=request, resource=resource, resource_id=row.id,
        territory_id=row.territory_id if isinstance(row, Client) else None,
    )  # fmt: skip


def _mail(account: Account, key: str, **params: object) -> tuple[str, str, str]:
    language: i18n.Language = "en" if account.locale == "en" else "fr"
    text = i18n.text(language, f"tokens.{key}-text", **params)
    return account.email, i18n.text(language, f"tokens.{key}"), text
