"""Revocation (RFC 7009) and introspection (RFC 7662) of tokens, by the client they were issued to."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint as Revocation
from authlib.oauth2.rfc7662 import IntrospectionEndpoint as Introspection
from sqlalchemy.orm import Session

from app.core import clock
from app.identity import jwt, opaque
from app.identity.models import Account, Client, RefreshToken, TokenFamily
from app.identity.oauth import families
from app.identity.oauth.grants import EVERY_WAY, WITH_SECRET
from app.identity.oauth.requests import OAuthRequest
from app.identity.oauth.server import KnownClient, Server


@dataclass(frozen=True, slots=True)
class FoundToken:
    """A token that someone shows, with its family; `said` is what introspection tells of it."""

    family: TokenFamily
    said: dict[str, Any]
    is_spent: bool

    def check_client(self, client: KnownClient) -> bool:
        return bool(self.family.client_id == client.row.id)

    def is_expired(self) -> bool:
        return self.is_spent or self.family.expires_at <= clock.now()

    def is_revoked(self) -> bool:
        return self.family.revoked_at is not None


def find(server: Server, token: str) -> FoundToken | None:
    """The token, whichever kind it is: its form tells."""
    if opaque.kind_of(token) is opaque.Kind.REFRESH_TOKEN:
        return _refresh_token(server, token)
    try:
        said = jwt.verify(token, server.issuer.ring.known, base_url=server.issuer.base_url, now=clock.now().timestamp())
        family_id = UUID(said.family_id)
    except (jwt.BadToken, ValueError):
        return None
    family = server.session.get(TokenFamily, family_id)
    if family is None:
        return None
    told = {
        "token_type": "Bearer", "client_id": said.client_id, "sub": said.subject, "jti": said.id,
        "scope": " ".join(sorted(said.scopes)), "iat": said.issued_at, "exp": said.expires_at,
        "iss": server.issuer.base_url, "aud": server.issuer.base_url,
    }  # fmt: skip
    return FoundToken(family, told, is_spent=_holder_is_gone(server.session, family))


def _refresh_token(server: Server, token: str) -> FoundToken | None:
    row = server.session.get(RefreshToken, server.hashed(token))
    family = server.session.get(TokenFamily, row.family_id) if row else None
    if row is None or family is None:
        return None
    client = server.session.get_one(Client, family.client_id)
    told = {
        "token_type": "refresh_token", "client_id": client.client_id, "sub": str(family.account_id),
        "scope": " ".join(family.scopes), "iat": int(row.created_at.timestamp()),
        "exp": int(row.expires_at.timestamp()), "iss": server.issuer.base_url,
    }  # fmt: skip
    is_spent = row.used_at is not None or row.expires_at <= clock.now() or _holder_is_gone(server.session, family)
    return FoundToken(family, told, is_spent)


def _holder_is_gone(session: Session, family: TokenFamily) -> bool:
    if family.account_id is None:
        return False
    account = session.get(Account, family.account_id)
    return account is None or account.disabled_at is not None


class _OneToken:
    """What both endpoints ask: the parameter `token`. A wrong hint is no fault (RFC 7009, 2.1)."""

    server: Server

    def check_params(self, request: OAuthRequest, client: KnownClient) -> None:
        if "token" not in request.form:
            raise InvalidRequestError("Missing token.")

    def query_token(self, token: str, hint: str | None) -> FoundToken | None:
        return find(self.server, token)


class RevocationEndpoint(_OneToken, Revocation):  # type: ignore[misc]
    """Ends the whole family of the token shown; an unknown token is answered alike."""

    CLIENT_AUTH_METHODS = EVERY_WAY

    def revoke_token(self, token: FoundToken, request: OAuthRequest) -> None:
        families.end(token.family, "revoked_by_client")


class IntrospectionEndpoint(_OneToken, Introspection):  # type: ignore[misc]
    """Tells a confidential client of a token of its own; any other is just not active."""

    CLIENT_AUTH_METHODS = WITH_SECRET

    def check_permission(self, token: FoundToken, client: KnownClient, request: OAuthRequest) -> bool:
        return token.check_client(client)

    def introspect_token(self, token: FoundToken) -> dict[str, Any]:
        return token.said
