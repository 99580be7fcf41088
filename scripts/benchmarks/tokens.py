"""Who reads with a token: the admin of the collectivité of the demonstration's first territory."""

from datetime import timedelta

from sqlalchemy import select

from app.core import clock
from app.core.db import PooledDatabase
from app.core.journal import attribute_to
from app.identity import rights
from app.identity.accounts import grants, service
from app.identity.api_tokens.service import create_api_token
from app.identity.caller import Caller, Role
from app.identity.models import Account
from app.settings import Settings
from app.territories.models import Territory
from scripts.benchmarks.questions import TERRITORY

EMAIL = "bench@example.test"


async def an_admins_token(url: str) -> str:
    """An API token that opens every event of the territory."""
    database = PooledDatabase(url, Settings(_env_file=None, database_url=url))
    try:
        async with database.session() as session:
            attribute_to(session, "bench")
            account = await service.by_email(session, EMAIL)
            if account is None:
                account = Account(email=EMAIL, display_name="Bench")
                session.add(account)
                await session.flush()
                place = await session.scalar(select(Territory.id).where(Territory.slug == TERRITORY))
                await grants.give(session, account, Role.COLLECTIVITE, territory_id=place, is_admin=True)
            _, secret = await create_api_token(
                session, account_id=account.id, name="bench", expires_at=clock.now() + timedelta(days=1),
                scopes=sorted(rights.allowed(Role.COLLECTIVITE, is_admin=True)),
            )  # fmt: skip
            await session.commit()
            return secret
    finally:
        await database.close()


async def an_admin(url: str) -> Caller:
    """The same person as a caller, for a server that asks nobody who they are."""
    database = PooledDatabase(url, Settings(_env_file=None, database_url=url))
    try:
        async with database.session(read_only=True) as session:
            place = await session.scalar(select(Territory.id).where(Territory.slug == TERRITORY))
    finally:
        await database.close()
    assert place
    scopes = frozenset(rights.allowed(Role.COLLECTIVITE, is_admin=True))
    return Caller(id="bench", role=Role.COLLECTIVITE, scopes=scopes, territory_ids=frozenset({place}), is_admin=True)
