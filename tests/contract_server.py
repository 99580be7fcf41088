"""The application as Schemathesis plays it: `python -m tests.contract_server DATABASE_URL` prints its port.

A process of its own, so that neither waits for the other in one event loop. Its caller is an admin of the
demonstration's territories who holds every scope.
"""

import asyncio
import sys

import uvicorn
from sqlalchemy import select

from app.core.db import Database, PooledDatabase
from app.core.journal import attribute_to
from app.demo.load import load
from app.identity.caller import Caller
from app.identity.models import Account
from app.territories.models import Territory
from tests import factories
from tests.conftest import SETTINGS, House
from tests.places import on_loopback

TOKEN = "caller-of-schemathesis"


async def an_admin(database: Database) -> Caller:
    """The account of an admin of every territory there is."""
    async with database.session() as session:
        attribute_to(session, "test")
        account = Account(email="admin@ville.fr", display_name="Camille Martin")
        session.add(account)
        await session.commit()
        territories = await session.scalars(select(Territory))
        return factories.a_collectivite(*territories, admin=True, id=f"account:{account.id}")


async def main(url: str) -> None:
    settings = SETTINGS.model_copy(update={"log_level": "error"})  # no one reads the pipe meanwhile
    database = PooledDatabase(url, settings)
    await load(database)
    house = House(database, settings)
    house.callers[TOKEN] = await an_admin(database)
    async with house.running():
        listening = on_loopback()
        print(listening.getsockname()[1], flush=True)
        config = uvicorn.Config(house.app, lifespan="off", log_config=None, access_log=False)
        await uvicorn.Server(config).serve(sockets=[listening])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
