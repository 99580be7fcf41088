"""A territory with its collectivité at work on its plans."""

from typing import Any

import pytest

from app.territories.models import Programme, Territory, Theme
from tests import factories


@pytest.fixture
async def territory(session) -> Territory:
    return await factories.a_territory(session)


@pytest.fixture
async def programme(session, territory) -> Programme:
    return await factories.a_programme(session, territory)


@pytest.fixture
async def theme(session, territory) -> Theme:
    return await factories.a_theme(session, territory, slug="insertion-des-jeunes")


@pytest.fixture
def town(territory, client_for):
    """A client in the name of the collectivité."""
    return client_for(factories.a_collectivite(territory))


@pytest.fixture
def change(town):
    """Sends a PATCH or a verb for a resource as it was last answered, by default in the name of the collectivité."""

    async def send(resource: str, row: dict[str, Any], verb: str | None = None, client: Any = None, **fields: Any):
        client, headers = client or town, {"If-Match": f'"{row["version"]}"'}
        url = f"/v1/{resource}/{row['id']}"
        if verb is None:
            return await client.patch(url, json=fields, headers=headers)
        return await client.post(f"{url}:{verb}", json=fields or None, headers=headers)

    return send


def codes(answer: Any) -> list[tuple[str, str]]:
    """Where the faults of a problem lie, and which."""
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
