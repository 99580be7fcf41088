"""Tokens and client applications as the matrix asks for them: `own` is what the caller made or asked for,
`neighbour` what somebody else of the territory did, `foreign` what somebody did abroad."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from app.core import clock
from app.identity.api_tokens import service as api_tokens
from app.identity.models import Account
from app.identity.oauth.clients import service as clients
from tests.permissions.world import Ask, Prepare, World, account_of

MACHINE: dict[str, Any] = {
    "name": "Logiciel", "is_confidential": True, "grants": ["client_credentials"], "redirect_uris": [],
    "scopes": ["events:read"],
}  # fmt: skip


async def owner(world: World, whose: str, role: str) -> UUID:
    """The account of the caller, or of somebody else."""
    made = Account(
        id=account_of(role) if whose == "own" else uuid4(), email=f"m{uuid4().hex}@ville.fr", display_name="C"
    )
    world.session.add(made)
    await world.session.commit()
    return made.id


async def new_token(world: World, whose: str, role: str) -> Ask:
    await owner(world, whose, role)
    ends = (clock.now() + timedelta(days=30)).isoformat()
    return Ask({}, {"name": "Tableur", "scopes": ["territories:read"], "expires_at": ends})


def token(body: dict[str, Any] | None = None) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        row, _secret = await api_tokens.create_api_token(
            world.session, account_id=await owner(world, whose, role), name="Tableur", scopes=["territories:read"],
            narrowing={}, networks=[], expires_at=clock.now() + timedelta(days=30),
        )  # fmt: skip
        await world.session.commit()
        return Ask({"token_id": row.id}, body)

    return prepare


async def new_client(world: World, whose: str, role: str) -> Ask:
    await owner(world, "own", role)
    return Ask({}, {**MACHINE, "territory_id": str(world.territory(whose).id), "source": f"s{uuid4().hex}"})


def client(body: dict[str, Any] | None = None) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        row, _secret = await clients.create_client(
            world.session, **MACHINE, territory_id=world.territory(whose).id, source=f"s{uuid4().hex}",
            requested_by=await owner(world, whose, role),
        )  # fmt: skip
        await world.session.commit()
        return Ask({"client_id": row.id}, body)

    return prepare
