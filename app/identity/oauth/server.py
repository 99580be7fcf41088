"""Authlib's authorization server over one transaction: it is built for a request, and driven through `run_sync`.

It finds clients, opens families and writes tokens. What each grant asks is in `grants.py`.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, InvalidScopeError
from fastapi import Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.identity import audit, jwt, opaque
from app.identity.keys import KeyRing
from app.identity.models import Client, RefreshToken, TokenFamily
from app.identity.oauth import families, redirects
from app.identity.oauth.requests import OAuthRequest


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answers: JSON, or a redirection."""

    status: int
    body: Any
    headers: list[tuple[str, str]]

    @property
    def location(self) -> str | None:
        return next((value for name, value in self.headers if name.lower() == "location"), None)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues: the API's base URL, its signing keys, and the key refresh tokens are hashed under."""

    base_url: str
    ring: KeyRing
    kid: str
    key: jwt.Key
    hash_key: bytes


class KnownClient(ClientMixin):  # type: ignore[misc]
    """A client row as Authlib asks about it."""

    def __init__(self, row: Client) -> None:
        self.row = row

    def get_client_id(self) -> str:
        return self.row.client_id

    def get_default_redirect_uri(self) -> None:
        """None: a request names its address, always."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The scopes asked for that the client has; all of them when it asks for none in particular."""
        asked = scope.split() if scope else self.row.scopes
        allowed = sorted(set(asked) & set(self.row.scopes))
        return " ".join(allowed) or None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return any(redirects.matches(registered, redirect_uri) for registered in self.row.redirect_uris)

    def check_client_secret(self, client_secret: str) -> bool:
        kept = self.row.secret_hash
        return kept is not None and secrets.compare_digest(kept, opaque.hashed(client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """A client that has a secret shows it, everywhere; one without has none to show, and may not introspect."""
        if self.row.secret_hash is None:
            return method == "none" and endpoint != "introspection"
        return method in {"client_secret_basic", "client_secret_post"}

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and "authorization_code" in self.row.grants

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.row.grants


class Server(AuthorizationServer):  # type: ignore[misc]
    """The authorization server of one request."""

    def __init__(self, session: Session, issuer: Issuer, request: Request) -> None:
        super().__init__()
        self.session = session
        self.issuer = issuer
        self.http_request = request

    def create_oauth2_request(self, request: OAuthRequest) -> OAuthRequest:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Answer:
        return Answer(status, body, list(headers))

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """No one listens."""

    def query_client(self, client_id: str) -> KnownClient | None:
        """The client of this name, if it was approved and is not disabled."""
        row = self.session.scalar(
            select(Client).where(
                Client.client_id == client_id, Client.approved_at.is_not(None), Client.disabled_at.is_(None)
            )
        )
        return KnownClient(row) if row else None

    def validate_requested_scope(self, scope: str | None) -> None:
        """Raises `InvalidScopeError` when none of the scopes can be had; which ones, the client's row says."""
        if scope is not None and not scope.split():
            raise InvalidScopeError

    def save_token(self, token: dict[str, Any], request: OAuthRequest) -> None:
        """Nothing more: `issue` wrote it."""

    def hashed(self, secret: str) -> bytes:
        """What is kept of a code or of a refresh token."""
        return opaque.keyed_hash(secret, self.issuer.hash_key)

    def open_family(
        self, client: Client, *, scopes: Sequence[str], account_id: Any = None, narrowing: Any = None, lasts: timedelta
    ) -> TokenFamily:
        """A family of this client's."""
        return families.opened(
            self.session, client_id=client.id, account_id=account_id, scopes=scopes, narrowing=narrowing or {},
            lasts=lasts,
        )  # fmt: skip

    def issue(
        self, client: Client, family: TokenFamily, scopes: Sequence[str], *, with_refresh: bool
    ) -> dict[str, Any]:
        """The answer of the token endpoint (RFC 6749, 5.1): an access token, and a refresh token if wanted."""
        issued = int(clock.now().timestamp())
        granted = " ".join(sorted(set(scopes)))
        claims = {
            "iss": self.issuer.base_url, "aud": self.issuer.base_url,
            "sub": str(family.account_id or client.client_id), "client_id": client.client_id,
            "sid": str(family.id), "jti": secrets.token_urlsafe(16),
            "iat": issued, "exp": issued + jwt.LIFETIME_S, "scope": granted,
        }  # fmt: skip
        token = jwt.sign(claims, self.issuer.key, self.issuer.kid)
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": jwt.LIFETIME_S, "scope": granted}
        return answer | ({"refresh_token": self.new_refresh_token(family)} if with_refresh else {})

    def end_replayed(self, family: TokenFamily, reason: str) -> None:
        """A code or a refresh token came back in earnest: its family ends, and the audit trail says so."""
        if family.revoked_at is None:
            families.end(family, reason)
            client = self.session.get_one(Client, family.client_id)
            line = audit.entry(
                f"account:{family.account_id}", "token.replayed", request=self.http_request, resource="clients",
                resource_id=client.id, territory_id=client.territory_id, is_allowed=False, detail=reason,
            )  # fmt: skip
            self.session.add(line)

    def new_refresh_token(self, family: TokenFamily) -> str:
        """One more refresh token of the family."""
        secret, now = opaque.make(opaque.Kind.REFRESH_TOKEN), clock.now()
        expires = min(now + families.IDLE, family.expires_at)
        self.session.add(
            RefreshToken(token_hash=self.hashed(secret), family_id=family.id, created_at=now, expires_at=expires)
        )
        self.session.flush()
        return secret
