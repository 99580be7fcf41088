"""What the tests of OAuth share: accounts with a role, clients, and the steps an application takes."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from httpx import AsyncClient, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.identity import opaque
from app.identity.caller import Role
from app.identity.keys import derive
from app.identity.models import Account, AuthorizationCode, Client, Grant
from app.identity.oauth.clients.service import create_client
from app.settings import signing_key
from app.territories.models import Territory
from tests.conftest import SETTINGS

REDIRECT = "https://app.example/callback"
SCOPES = ["actors:read", "events:read", "events:write", "themes:read", "tokens:read", "tokens:write"]
SECRET = signing_key(SETTINGS)


@dataclass
class App:
    """A client and its secret, if it has one."""

    row: Client
    secret: str | None

    @property
    def auth(self) -> tuple[str, str] | None:
        return (self.row.client_id, self.secret) if self.secret else None

    def form(self, **fields: str) -> dict[str, str]:
        return ({} if self.secret else {"client_id": self.row.client_id}) | fields


async def an_account_of(session: AsyncSession, territory: Territory, **traits: Any) -> Account:
    """Someone of the collectivité; `role`, `actor_id`, `is_admin` for another grant."""
    grant = {"role": Role.COLLECTIVITE, "territory_id": territory.id, **traits}
    account = Account(email=f"{secrets.token_hex(4)}@example.org", display_name="Dominique Martin")
    account.grants = [Grant(**grant)]
    session.add(account)
    await session.commit()
    return account


async def an_app(session: AsyncSession, territory: Territory, **traits: Any) -> App:
    """A public app, approved; `is_confidential`, `grants` and so on for another."""
    values = {
        "name": "Une application", "territory_id": territory.id, "grants": ["authorization_code", "refresh_token"],
        "redirect_uris": [REDIRECT], "scopes": SCOPES, "is_approved": True, **traits,
    }  # fmt: skip
    made = App(*await create_client(session, **values))
    await session.commit()
    return made


async def a_machine(session: AsyncSession, territory: Territory, **traits: Any) -> App:
    """A partner's system, approved."""
    machine = {"grants": ["client_credentials"], "redirect_uris": [], "is_confidential": True, "source": "cci"}
    return await an_app(session, territory, **{**machine, **traits})


async def a_code(
    session: AsyncSession, app: App, account: Account, *, verifier: str, lasts: float = 60, **traits: Any
) -> str:
    """A code as the consent page leaves it."""
    code = secrets.token_urlsafe(32)
    values = {
        "code_hash": opaque.keyed_hash(code, derive(SECRET, "refresh tokens")), "client_id": app.row.id,
        "account_id": account.id, "redirect_uri": REDIRECT, "code_challenge": challenge_of(verifier),
        "scopes": app.row.scopes, "narrowing": {}, "expires_at": clock.now() + timedelta(seconds=lasts), **traits,
    }  # fmt: skip
    session.add(AuthorizationCode(**values))
    await session.commit()
    return code


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def ask(client: AsyncClient, app: App, path: str = "/oauth/token", **fields: str) -> Response:
    """A request to an endpoint, in the app's name."""
    return await client.post(path, data=app.form(**fields), auth=app.auth)


async def signed_in(
    session: AsyncSession, client: AsyncClient, app: App, account: Account, **traits: Any
) -> dict[str, Any]:
    """The tokens of someone who allowed the app."""
    verifier = secrets.token_urlsafe(40)
    code = await a_code(session, app, account, verifier=verifier, **traits)
    response = await ask(
        client, app, grant_type="authorization_code", code=code, redirect_uri=REDIRECT, code_verifier=verifier
    )
    assert response.status_code == 200, response.text
    return response.json()


async def refresh(client: AsyncClient, app: App, token: str, **fields: str) -> Response:
    return await ask(client, app, grant_type="refresh_token", refresh_token=token, **fields)


async def call(client: AsyncClient, token: str, path: str = "/v1/api-tokens", **headers: str) -> Response:
    """A call of the API with a bearer token."""
    return await client.get(path, headers={"Authorization": f"Bearer {token}", **headers})
