"""People and applications of the demonstration: one of each role, with secrets made on this machine.

The secrets are in `demo-credentials.json` of the data folder, readable by its owner only, and exist nowhere
else: an account whose secrets were lost gets new ones at the next load.
"""

import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pyotp
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.core import clock
from app.core.db import Database
from app.core.errors import CannotStart
from app.core.journal import attribute_to
from app.demo.rows import CALLER, demo_id
from app.demo.territories import FIRST, SUCCESSOR, territory_id
from app.identity import opaque, passwords, rights, sealing, totp
from app.identity.accounts import grants, service
from app.identity.api_tokens.service import create_api_token, revoke_all
from app.identity.caller import Role
from app.identity.models import Account, ApiToken, Client, SecondFactor
from app.identity.oauth.clients.service import create_client
from app.settings import Settings, signing_key

FILE = "demo-credentials.json"
TOKEN_LASTS = timedelta(days=365)
DATA_SCOPES = (
    "territories", "themes", "programmes", "actors", "people", "events", "q2er", "participations",
    *rights.DIALOGUE, "todo", "mobilisation",
)  # fmt: skip


@dataclass(frozen=True)
class Persona:
    """A person of the demonstration."""

    key: str
    name: str
    role: Role
    territory: str | None = SUCCESSOR
    actor: str | None = None
    is_admin: bool = False

    @property
    def email(self) -> str:
        """Where nobody reads mail (RFC 2606)."""
        return f"{self.key.replace('_', '-')}@demo.example"


PERSONAS = (
    Persona("collectivite_admin", "Claude Admin", Role.COLLECTIVITE, is_admin=True),
    Persona("collectivite", "Dominique Agent", Role.COLLECTIVITE),
    Persona("referent", "Camille Référent", Role.REFERENT, actor="school"),
    Persona("club_member", "Sacha Club", Role.CLUB_MEMBER, actor="club"),
    Persona("operator", "Alix Exploitation", Role.OPERATOR, territory=None),
    Persona("collectivite_neighbour", "Lou Voisin", Role.COLLECTIVITE, territory=FIRST),
    Persona("club_member_neighbour", "Noa Voisin", Role.CLUB_MEMBER, actor="dee"),
)
CLIENTS: dict[str, dict[str, Any]] = {
    "demo-mobile": {
        "name": "Application mobile de démonstration", "grants": ["authorization_code", "refresh_token"],
        "redirect_uris": ["http://127.0.0.1/callback"],
    },
    "demo-web": {
        "name": "Site de démonstration", "grants": ["authorization_code", "refresh_token"],
        "redirect_uris": ["http://localhost/callback"], "is_confidential": True,
    },
    "demo-partner": {
        "name": "Logiciel partenaire de démonstration", "grants": ["client_credentials"], "redirect_uris": [],
        "is_confidential": True, "source": "demo-partner",
    },
}  # fmt: skip


async def put_accounts(database: Database, settings: Settings) -> dict[str, Any]:
    """Have the demonstration's people and applications, and their secrets in the file; answers what it holds.

    Raises `CannotStart` in production.
    """
    if settings.environment == "production":
        raise CannotStart("Demonstration accounts never exist in production: set AET_ENVIRONMENT=development.")
    path = settings.data_dir / FILE
    kept = read(path)
    people = {entry["email"]: entry for entry in kept["accounts"]}
    applications = {entry["client_id"]: entry for entry in kept["clients"]}
    async with database.session() as session:
        attribute_to(session, CALLER)
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('demonstration'))"))
        accounts = [await _person(session, settings, who, people.get(who.email)) for who in PERSONAS]
        clients = [await _application(session, name, applications.get(name)) for name in CLIENTS]
        await session.commit()
    made = {"accounts": [entry for entry in accounts if entry], "clients": clients}
    if made != kept:
        write(path, made)
    return made


def read(path: Path) -> dict[str, Any]:
    """What the file holds; nothing when there is none, or none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = {}
    return {"accounts": found.get("accounts", []), "clients": found.get("clients", [])}


def write(path: Path, credentials: dict[str, Any]) -> None:
    """Keep the secrets, readable by the owner of the folder only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, new = tempfile.mkstemp(dir=path.parent)  # made with mode 0600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(credentials, file, ensure_ascii=False, indent=2)
        file.write("\n")
    Path(new).replace(path)


async def _person(
    session: AsyncSession, settings: Settings, who: Persona, kept: dict[str, Any] | None
) -> dict[str, Any] | None:
    """The person's secrets: those kept if they still open, else new ones. None without their organisation."""
    if kept and await _opens(session, kept["api_token"]):
        return kept
    actor_id = demo_id("actor", who.territory or "", who.actor) if who.actor else None
    if actor_id and await session.get(Actor, actor_id) is None:
        return None
    account = await service.by_email(session, who.email)
    if account is None:
        account = Account(id=demo_id("account", who.key), email=who.email, display_name=who.name)
        session.add(account)
        await session.flush()
    place = territory_id(who.territory) if who.territory else None
    if not await grants.living(session, account.id):
        await grants.give(session, account, who.role, territory_id=place, actor_id=actor_id, is_admin=who.is_admin)
    password = secrets.token_urlsafe(15)
    account.password_hash = await passwords.hashed(password)
    await revoke_all(session, account.id, "demonstration")
    _, token = await create_api_token(
        session, account_id=account.id, name="Démonstration", expires_at=clock.now() + TOKEN_LASTS,
        scopes=sorted(rights.allowed(who.role, is_admin=who.is_admin)),
    )  # fmt: skip
    return {
        "role": who.key, "email": who.email, "password": password,
        "totp_secret": await _device(session, settings, who, account.id), "api_token": token,
    }  # fmt: skip


async def _device(session: AsyncSession, settings: Settings, who: Persona, account_id: UUID) -> str | None:
    await totp.forget(session, account_id)
    if not rights.asks_second_factor(who.role, is_admin=who.is_admin):
        return None
    secret = pyotp.random_base32()
    sealed = sealing.seal(signing_key(settings), totp.PURPOSE, secret.encode(), bound_to=account_id.bytes)
    session.add(SecondFactor(account_id=account_id, sealed_secret=sealed, confirmed_at=clock.now()))
    return secret


async def _opens(session: AsyncSession, token: str) -> bool:
    alive = select(ApiToken.id).where(
        ApiToken.token_hash == opaque.hashed(token), ApiToken.revoked_at.is_(None), ApiToken.expires_at > clock.now()
    )
    return await session.scalar(alive) is not None


async def _application(session: AsyncSession, client_id: str, kept: dict[str, Any] | None) -> dict[str, Any]:
    told = CLIENTS[client_id]
    client: Client | None = await session.scalar(select(Client).where(Client.client_id == client_id))
    secret = kept["client_secret"] if kept else None
    if client is None:
        scopes = [scope for scope in sorted(rights.SCOPES) if scope.partition(":")[0] in DATA_SCOPES]
        client, secret = await create_client(
            session, client_id=client_id, territory_id=territory_id(SUCCESSOR), scopes=scopes, is_approved=True, **told
        )
    elif client.secret_hash and (secret is None or opaque.hashed(secret) != client.secret_hash):
        secret = opaque.make(opaque.Kind.CLIENT_SECRET)
        client.secret_hash = opaque.hashed(secret)
    return {
        "client_id": client_id, "client_secret": secret, "redirect_uris": told["redirect_uris"],
        "grants": told["grants"],
    }  # fmt: skip
