"""From `Authorization: Bearer …` to the caller, in one query: access tokens (JWT) and API tokens.

The token says who asks; what they may do now is read from the database each time, so that a role that ends,
a client that is disabled or a token that is revoked counts from the next request on.
"""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import structlog
from fastapi import Request
from sqlalchemy import Select, Text, bindparam, case, cast, select
from sqlalchemy.dialects.postgresql import asyncpg as dialect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core import clock, failures
from app.core.db import Database
from app.core.errors import NotAuthenticated
from app.identity import jwt, opaque
from app.identity.access import caller_from, grants_of_account, grants_of_client, held
from app.identity.caller import CHALLENGE, Caller
from app.identity.keys import KeyRing
from app.identity.models import ApiToken, Client, TokenFamily

log = structlog.get_logger(__name__)
USE_NOTED_EVERY = timedelta(minutes=1)
NOTE_USE = """
update api_tokens set last_used_at = $2::timestamptz
where id = $1 and (last_used_at is null or last_used_at <= $2::timestamptz - interval '1 minute')
"""


class Bearer:
    """Who calls this API. `secret` is the server's own; `base_url` the API's."""

    def __init__(self, ring: KeyRing, base_url: str) -> None:
        self.ring = ring
        self.base_url = base_url
        self.verified = jwt.VerifiedTokens()
        metadata = f'resource_metadata="{base_url}/.well-known/oauth-protected-resource"'
        self._asked = {"WWW-Authenticate": f"{CHALLENGE}, {metadata}"}
        self._refused = {"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token", {metadata}'}

    async def identify(self, request: Request) -> Caller:
        """The caller. Raises `NotAuthenticated`, whatever is wrong with the token."""
        given = request.headers.getlist("authorization")
        if not given:
            raise NotAuthenticated(headers=self._asked)
        scheme, _, token = given[0].partition(" ")
        caller = None
        if len(given) == 1 and scheme.lower() == "bearer" and len(token) <= jwt.LONGEST:
            session: AsyncSession = request.state.session
            if opaque.kind_of(token) is opaque.Kind.API_TOKEN:
                caller = await _of_api_token(session, token, request)
            else:
                caller = await self._of_access_token(session, token, request)
        if caller is None:
            raise NotAuthenticated(headers=self._refused)
        return caller

    async def _of_access_token(self, session: AsyncSession, token: str, request: Request) -> Caller | None:
        now = clock.now()
        try:
            said = self.verified.get(token, now.timestamp())
            await self.ring.refresh(session, said.kid if said else jwt.kid_of(token))
            if said is None:
                said = jwt.verify(token, self.ring.known, base_url=self.base_url, now=now.timestamp())
                self.verified.keep(token, said)
            family_id = UUID(said.family_id)
        except (jwt.BadToken, ValueError):
            return None
        if self.ring.known(said.kid) is None:
            return None
        row = await FAMILY.one(session, family_id)
        if row is None or row["revoked_at"] or row["expires_at"] <= now:
            return None
        if said.client_id != row["client_name"] or said.subject != str(row["account_id"] or row["client_name"]):
            return None
        request.state.narrowing = _kept_to(row["client_territory"], _json(row["narrowing"]))
        return caller_from(
            held(_json(row["grants"])),
            id=f"account:{row['account_id']}" if row["account_id"] else f"client:{row['client_id']}",
            scopes=said.scopes.intersection(row["scopes"], row["client_scopes"]),
            narrowing=request.state.narrowing,
            source=None if row["account_id"] else row["source"],
        )


async def _of_api_token(session: AsyncSession, token: str, request: Request) -> Caller | None:
    now = clock.now()
    row = await API_TOKEN.one(session, opaque.hashed(token))
    if row is None or row["revoked_at"] or row["expires_at"] <= now:
        return None
    if row["networks"] and not is_from(request.client.host if request.client else "", row["networks"]):
        return None
    request.state.narrowing = _json(row["narrowing"])
    caller = caller_from(
        held(_json(row["grants"])), id=f"account:{row['account_id']}", scopes=row["scopes"],
        narrowing=request.state.narrowing,
    )  # fmt: skip
    if caller and (row["last_used_at"] is None or now - row["last_used_at"] >= USE_NOTED_EVERY):
        request.state.used_token = (row["id"], now)
    return caller


def _kept_to(territory_id: UUID | None, narrowing: Mapping[str, list[str]]) -> Mapping[str, list[str]]:
    """The narrowing of a token whose client was approved for one territory: it opens no other."""
    if territory_id is None:
        return narrowing
    own = str(territory_id)
    return {**narrowing, "territory_ids": [own] if own in narrowing.get("territory_ids", [own]) else []}


def is_from(address: str, networks: Sequence[str]) -> bool:
    """Whether an address is in one of the networks; one that cannot be read is in none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in ipaddress.ip_network(network) for network in networks)


class NotesUse:
    """Writes down that an API token was used, after its request is answered: a GET's own transaction only reads."""

    def __init__(self, app: ASGIApp, database: Callable[[], Database]) -> None:
        self.app = app
        self._database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)
        used: tuple[UUID, datetime] | None = (scope.get("state") or {}).get("used_token")
        if used is None:
            return
        try:
            async with self._database().driver() as connection:
                await connection.execute(NOTE_USE, *used)
        except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            log.warning("use-not-noted", **failures.describe(error))  # the answer has left; the next use is noted


class Lookup:
    """A statement made once, run straight on the driver: it comes before every answer of `/v1`."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        compiled = statement.compile(dialect=dialect.dialect())  # type: ignore[no-untyped-call]
        self._text = str(compiled)
        self._values = [compiled.params[name] for name in compiled.positiontup or ()]
        self._place = (compiled.positiontup or []).index("wanted")

    async def one(self, session: AsyncSession, wanted: object) -> Mapping[str, Any] | None:
        """The row looked for, by the value of `wanted`."""
        connection = (await (await session.connection()).get_raw_connection()).driver_connection
        assert isinstance(connection, asyncpg.Connection)
        values = [*self._values]
        values[self._place] = wanted
        found: Mapping[str, Any] | None = await connection.fetchrow(self._text, *values)
        return found


def _json(value: str | None) -> Any:
    return None if value is None else orjson.loads(value)


FAMILY = Lookup(
    select(
        TokenFamily.revoked_at, TokenFamily.expires_at, TokenFamily.account_id, TokenFamily.scopes,
        cast(TokenFamily.narrowing, Text).label("narrowing"), TokenFamily.client_id,
        Client.client_id.label("client_name"), Client.territory_id.label("client_territory"),
        Client.scopes.label("client_scopes"), Client.source,
        cast(case((TokenFamily.account_id.is_(None), grants_of_client(TokenFamily.client_id)),
                  else_=grants_of_account(TokenFamily.account_id)), Text).label("grants"),
    )
    .join(Client, Client.id == TokenFamily.client_id)
    .where(TokenFamily.id == bindparam("wanted"), Client.approved_at.is_not(None), Client.disabled_at.is_(None))
)  # fmt: skip

API_TOKEN = Lookup(
    select(
        ApiToken.id, ApiToken.account_id, ApiToken.scopes, ApiToken.networks,
        ApiToken.expires_at, ApiToken.revoked_at, ApiToken.last_used_at,
        cast(ApiToken.narrowing, Text).label("narrowing"),
        cast(grants_of_account(ApiToken.account_id), Text).label("grants"),
    ).where(ApiToken.token_hash == bindparam("wanted"))
)  # fmt: skip
