from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import PooledDatabase
from app.core.embedded import Embedded
from app.core.journal import attribute_to
from app.publishing.revision import Listener
from app.territories.models import Territory
from tests.conftest import SETTINGS, House, make_database, run_as_superuser, url_of
from tests.factories import a_territory


@pytest.fixture
async def territory(session: AsyncSession) -> Territory:
    return await a_territory(session, slug="marne", name="Bords de Marne", municipalities=("94018", "94069"))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What PostgreSQL has told the application so far, in order."""
    payloads: list[str] = []
    hear = Listener._hear

    def note(self: Listener, connection: Any, pid: int, channel: str, resources: str) -> None:
        hear(self, connection, pid, channel, resources)
        payloads.append(resources)

    monkeypatch.setattr(Listener, "_hear", note)
    return payloads


@pytest.fixture
async def keeping(server: Embedded, worker_id: str, told: list[str]) -> AsyncIterator[House]:
    """An application that keeps its answers, over a database of its own where commits are real."""
    name = f"aet_keeping_{worker_id}"
    await make_database(server, name)
    settings = SETTINGS.model_copy(update={"kept_answers_mib": 8})
    pooled = PooledDatabase(url_of(server, name), settings)
    house = House(pooled, settings)
    async with house.running():
        yield house
    await pooled.close()
    await run_as_superuser(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def reader(keeping: House) -> AsyncIterator[AsyncClient]:
    async with keeping.client() as client:
        yield client


@pytest.fixture
async def writer(keeping: House) -> AsyncIterator[AsyncSession]:
    """A session whose commits are real."""
    async with keeping.database.session() as session:
        attribute_to(session, "test")
        yield session
