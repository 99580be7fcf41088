"""Alive, and able to work: told apart."""

import socket

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.core import health, migrations, problems
from app.core.db import Database, PooledDatabase
from app.core.embedded import Embedded
from app.settings import Settings
from tests.conftest import run_as_superuser, url_of

SETTINGS = Settings(_env_file=None, pool_timeout_s=1)


def client(database: Database | None) -> httpx.AsyncClient:
    api = FastAPI()
    problems.install(api)
    api.include_router(health.router)
    api.state.settings = SETTINGS
    api.state.database = database
    return httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://test")


async def readiness(database: Database) -> httpx.Response:
    async with client(database) as asking:
        return await asking.get("/readyz", headers={"Accept-Language": "en"})


@pytest.mark.unit
async def test_a_living_process_says_so_and_touches_nothing() -> None:
    async with client(None) as asking:
        answer = await asking.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
    assert answer.headers["cache-control"] == "no-store"


async def test_a_migrated_database_makes_it_ready(own_database: PooledDatabase) -> None:
    answer = await readiness(own_database)
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
    assert answer.headers["cache-control"] == "no-store"


async def test_an_older_or_newer_schema_does_not(server: Embedded, own_database: PooledDatabase) -> None:
    name = own_database.engine.url.database
    owner = PooledDatabase(
        url_of(server, str(name), "aet_owner"), SETTINGS.model_copy(update={"app_role": "aet_owner"})
    )
    async with owner.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'another'"))
    answer = await readiness(own_database)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["detail"].endswith("The database is not at the expected version.")
    async with owner.engine.begin() as connection:
        await connection.execute(text(f"UPDATE alembic_version SET version_num = '{migrations.head_revision()}'"))
    assert (await readiness(own_database)).status_code == 200
    await owner.close()


async def test_an_empty_database_does_not(server: Embedded) -> None:
    await run_as_superuser(server, "CREATE DATABASE never_migrated")
    empty = PooledDatabase(url_of(server, "never_migrated"), SETTINGS)
    answer = await readiness(empty)
    assert answer.status_code == 503
    assert answer.json()["detail"].endswith("The database is not at the expected version.")
    await empty.close()
    await run_as_superuser(server, "DROP DATABASE never_migrated WITH (FORCE)")


async def test_a_database_that_does_not_answer_does_not(unused_tcp_port: int) -> None:
    nowhere = PooledDatabase(f"postgresql://x@127.0.0.1:{unused_tcp_port}/x", SETTINGS)
    answer = await readiness(nowhere)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["detail"].endswith("The database does not answer.")
    await nowhere.close()


async def test_a_database_too_slow_to_answer_does_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stuck = PooledDatabase(f"postgresql://x@127.0.0.1:{silent.getsockname()[1]}/x", SETTINGS)
        assert (await readiness(stuck)).status_code == 503
        await stuck.close()
