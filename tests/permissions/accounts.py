"""Accounts as the matrix asks for them: a club member's is `own`, an admin's is `neighbour`, `foreign` is abroad."""

from typing import Any
from uuid import uuid4

from app.identity.models import Account, Grant
from tests.permissions.world import Ask, Prepare, World


def role_of(world: World, whose: str) -> dict[str, Any]:
    """The role such an account has."""
    if whose == "neighbour":
        return {"role": "collectivite", "territory_id": world.here.id, "is_admin": True}
    at = world.stranger if whose == "foreign" else world.company
    return {"role": "club_member", "territory_id": at.territory_id, "actor_id": at.id}


async def held(world: World, whose: str, **traits: Any) -> Grant:
    """An account, by the role it has."""
    row = Account(email=f"m{uuid4().hex}@example.org", display_name="Camille", **traits)
    world.session.add(row)
    await world.session.flush()
    grant = Grant(account_id=row.id, **role_of(world, whose))
    world.session.add(grant)
    await world.session.commit()
    return grant


async def invited(world: World, whose: str, _role: str) -> Ask:
    sent = {name: value if name == "is_admin" else str(value) for name, value in role_of(world, whose).items()}
    return Ask({}, {"email": f"m{uuid4().hex}@ville.fr", "display_name": "Camille", "grant": sent})


def account(**traits: Any) -> Prepare:
    async def prepare(world: World, whose: str, _role: str) -> Ask:
        return Ask({"account_id": (await held(world, whose, **traits)).account_id})

    return prepare


async def another_role(world: World, whose: str, _role: str) -> Ask:
    """A second organisation for a club member, a second territory for an admin."""
    asked = await account()(world, whose, "")
    body: dict[str, Any] = {"role": "collectivite", "territory_id": str(world.abroad.id), "is_admin": True}
    if whose != "neighbour":
        at = world.stranger if whose == "foreign" else world.neighbour
        body = {"role": "club_member", "territory_id": str(at.territory_id), "actor_id": str(at.id)}
    return Ask(asked.path, body)


async def role_taken_back(world: World, whose: str, _role: str) -> Ask:
    grant = await held(world, whose)
    return Ask({"account_id": grant.account_id, "grant_id": grant.id})
