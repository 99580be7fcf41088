"""The demonstration, loaded once into a database where nothing writes."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from app.core.db import PooledDatabase
from app.core.embedded import Embedded
from app.demo.load import load
from tests.conftest import SETTINGS, make_database, url_of

TODAY = date(2027, 3, 3)


@pytest.fixture(scope="session")
async def loaded(server: Embedded, worker_id: str) -> AsyncIterator[PooledDatabase]:
    """A database of the tests that only read the demonstration."""
    name = f"aet_facts_{worker_id}"
    await make_database(server, name)
    pooled = PooledDatabase(url_of(server, name), SETTINGS)
    await load(pooled, today=TODAY)
    yield pooled
    await pooled.close()
