"""The three grants: authorization code with PKCE, refresh with rotation, client credentials."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, InvalidScopeError, OAuth2Error, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from sqlalchemy import select

from app.core import clock
from app.identity.models import Account, AuthorizationCode, RefreshToken, TokenFamily
from app.identity.oauth import families
from app.identity.oauth.requests import OAuthRequest
from app.identity.oauth.server import KnownClient, Server

CODE_LASTS = timedelta(minutes=1)
S256 = re.compile(r"[A-Za-z0-9_-]{43}")
EVERY_WAY = ["client_secret_basic", "client_secret_post", "none"]
WITH_SECRET = ["client_secret_basic", "client_secret_post"]
NO_STORE = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Pragma", "no-cache")]


class InvalidTargetError(OAuth2Error):  # type: ignore[misc]
    """The resource asked for is not this API (RFC 8707)."""

    error = "invalid_target"


@dataclass(frozen=True, slots=True)
class Consent:
    """What someone allows an application: in whose name, for which scopes, within which rows."""

    account_id: UUID
    scopes: list[str]
    narrowing: dict[str, list[str]] = field(default_factory=dict)


class S256Required(CodeChallenge):  # type: ignore[misc]
    """PKCE of every client, by S256 alone (RFC 7636, RFC 9700)."""

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        asked = grant.request.payload.data
        if asked.get("code_challenge_method") != "S256" or not S256.fullmatch(asked.get("code_challenge", "")):
            raise InvalidRequestError("PKCE is required: code_challenge, with code_challenge_method S256.")
        if asked.get("response_mode", "query") != "query":
            raise InvalidRequestError("Unsupported response_mode.")
        check_resource(grant.request, grant.server)

    def get_authorization_code_challenge_method(self, authorization_code: Any) -> str:
        return "S256"


class KnownCode:
    """A code row as Authlib asks about it."""

    def __init__(self, row: AuthorizationCode) -> None:
        self.row = row
        self.code_challenge = row.code_challenge

    def get_redirect_uri(self) -> str:
        return self.row.redirect_uri

    def get_scope(self) -> str:
        return " ".join(self.row.scopes)


class AuthorizationCodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    """A code for a consent, then tokens for a code (RFC 6749, 4.1). A code used twice ends what it opened."""

    TOKEN_ENDPOINT_AUTH_METHODS = EVERY_WAY
    TOKEN_RESPONSE_HEADER = NO_STORE
    server: Server
    request: OAuthRequest

    def generate_authorization_code(self) -> str:
        return secrets.token_urlsafe(32)

    def save_authorization_code(self, code: str, request: OAuthRequest) -> None:
        consent: Consent = request.user
        self.server.session.add(
            AuthorizationCode(
                code_hash=self.server.hashed(code), client_id=request.client.row.id, account_id=consent.account_id,
                redirect_uri=request.payload.redirect_uri, code_challenge=request.payload.data["code_challenge"],
                scopes=consent.scopes, narrowing=consent.narrowing, expires_at=clock.now() + CODE_LASTS,
            )
        )  # fmt: skip
        self.server.session.flush()

    def query_authorization_code(self, code: str, client: KnownClient) -> KnownCode | None:
        check_resource(self.request, self.server)
        row = self.server.session.get(AuthorizationCode, self.server.hashed(code), with_for_update=True)
        if row is None or row.client_id != client.row.id:
            return None
        if row.used_at:
            family = self.server.session.get(TokenFamily, row.family_id)
            if family:
                self.server.end_replayed(family, "code_replayed")
            return None
        return KnownCode(row) if row.expires_at > clock.now() else None

    def authenticate_user(self, authorization_code: KnownCode) -> Account | None:
        return _enabled(self.server, authorization_code.row.account_id)

    def generate_token(self, user: Account, scope: str, **_: object) -> dict[str, Any]:
        row, client = self.request.authorization_code.row, self.request.client.row
        is_lasting = "refresh_token" in client.grants
        family = self.server.open_family(
            client, account_id=user.id, scopes=row.scopes, narrowing=row.narrowing,
            lasts=families.ABSOLUTE if is_lasting else families.ACCESS,
        )  # fmt: skip
        row.used_at, row.family_id = clock.now(), family.id
        return self.server.issue(client, family, row.scopes, with_refresh=is_lasting)

    def delete_authorization_code(self, authorization_code: KnownCode) -> None:
        """It stays, marked as used, so that its return is noticed."""


class KnownRefreshToken:
    """A refresh token and its family as Authlib asks about them."""

    def __init__(self, row: RefreshToken, family: TokenFamily) -> None:
        self.row = row
        self.family = family

    def check_client(self, client: KnownClient) -> bool:
        return bool(self.family.client_id == client.row.id)

    def get_scope(self) -> str:
        return " ".join(self.family.scopes)


class RefreshTokenGrant(grants.RefreshTokenGrant):  # type: ignore[misc]
    """A refresh token is good once; one that comes back in earnest ends its family (RFC 9700, 4.14)."""

    TOKEN_ENDPOINT_AUTH_METHODS = EVERY_WAY
    TOKEN_RESPONSE_HEADER = NO_STORE
    INCLUDE_NEW_REFRESH_TOKEN = True
    server: Server
    request: OAuthRequest

    def authenticate_refresh_token(self, refresh_token: str) -> KnownRefreshToken | None:
        check_resource(self.request, self.server)
        session, now = self.server.session, clock.now()
        row = session.get(RefreshToken, self.server.hashed(refresh_token), with_for_update=True)
        family = session.get(TokenFamily, row.family_id) if row else None
        if row is None or family is None or family.client_id != self.request.client.row.id:
            return None
        if row.used_at:
            if families.is_replay(session, row, now):
                self.server.end_replayed(family, "refresh_token_replayed")
            return None
        is_good = family.revoked_at is None and now < row.expires_at and now < family.expires_at
        return KnownRefreshToken(row, family) if is_good else None

    def authenticate_user(self, refresh_token: KnownRefreshToken) -> Account:
        account = _enabled(self.server, refresh_token.family.account_id)
        if account is None:
            raise InvalidGrantError
        return account

    def issue_token(self, user: Account, refresh_token: KnownRefreshToken) -> dict[str, Any]:
        asked = self.request.payload.scope
        scopes = asked.split() if asked else refresh_token.family.scopes
        return self.server.issue(self.request.client.row, refresh_token.family, scopes, with_refresh=True)

    def save_token(self, token: dict[str, Any]) -> None:
        row = self.request.refresh_token.row
        row.used_at, row.successor_hash = clock.now(), self.server.hashed(token["refresh_token"])
        self.server.session.flush()

    def revoke_old_credential(self, refresh_token: KnownRefreshToken) -> None:
        """It stays, marked as used, so that its return is noticed."""


class ClientCredentialsGrant(grants.ClientCredentialsGrant):  # type: ignore[misc]
    """A partner's system in its own name (RFC 6749, 4.4)."""

    TOKEN_ENDPOINT_AUTH_METHODS = WITH_SECRET
    TOKEN_RESPONSE_HEADER = NO_STORE
    server: Server
    request: OAuthRequest

    def validate_requested_scope(self) -> None:
        check_resource(self.request, self.server)
        allowed = self.request.client.get_allowed_scope(self.request.payload.scope)
        if allowed is None:
            raise InvalidScopeError
        self.request.scope = allowed

    def generate_token(self, **_: object) -> dict[str, Any]:
        client, scopes = self.request.client.row, self.request.scope.split()
        family = self.server.open_family(client, scopes=scopes, lasts=families.ACCESS)
        return self.server.issue(client, family, scopes, with_refresh=False)


def check_resource(request: OAuthRequest, server: Server) -> None:
    """Raises `InvalidTargetError` for a resource that is not this API."""
    resource = request.payload.data.get("resource")
    if resource is not None and resource.rstrip("/") != server.issuer.base_url:
        raise InvalidTargetError("Unknown resource.")


def _enabled(server: Server, account_id: UUID | None) -> Account | None:
    """The account, unless it is disabled."""
    return server.session.scalar(select(Account).where(Account.id == account_id, Account.disabled_at.is_(None)))
