"""A territory with its collectivité at work on partnerships."""

from typing import Any

import pytest

from app.territories.models import Territory
from tests import factories


@pytest.fixture
async def territory(session) -> Territory:
    return await factories.a_territory(session, slug="marne")


@pytest.fixture
def town(territory, client_for):
    """A client in the name of the collectivité."""
    return client_for(factories.a_collectivite(territory))


@pytest.fixture
async def school(session, territory):
    return await factories.a_school(session, territory, name="Lycée")


@pytest.fixture
async def club(session, territory):
    return await factories.an_actor(session, territory, name="Club")


@pytest.fixture
async def company(session, territory):
    return await factories.an_actor(session, territory, name="Entreprise")


@pytest.fixture
def ask(town):
    """Sends a verb, or a PATCH without one, for a row as it is now."""

    async def send(path: str, verb: str | None = None, client: Any = None, **fields: Any) -> Any:
        client, headers = client or town, {"If-Match": "*"}
        if verb is None:
            return await client.patch(path, json=fields, headers=headers)
        return await client.post(f"{path}:{verb}", json=fields or None, headers=headers)

    return send


@pytest.fixture
def codes():
    """Where the faults of a problem lie, and which."""
    return lambda answer: [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
