"""An event one signs up to, organisations that do, and how they ask."""

from typing import Any

import pytest

from tests import factories
from tests.events.registrations.factories import an_open_event


@pytest.fixture
async def event(session, territory):
    """Without a limit of seats."""
    return await an_open_event(session, territory)


@pytest.fixture
async def company(session, territory):
    return await factories.an_actor(session, territory)


@pytest.fixture
def club(company, client_for):
    """A client in the name of the company."""
    return client_for(factories.a_club_member(company))


@pytest.fixture
def sign_up(session, territory, town):
    """Signs an actor up, a new one unless named, by default in the name of the collectivité."""

    async def send(event: Any, client: Any = None, **fields: Any) -> Any:
        if not fields.keys() & {"actor_id", "person_id"}:
            fields["actor_id"] = (await factories.an_actor(session, territory)).id
        sent = {name: str(value) if name.endswith("_id") else value for name, value in fields.items()}
        return await (client or town).post("/v1/registrations", json={"event_id": str(event.id), **sent})

    return send


@pytest.fixture
def act(town):
    """Sends a verb for a registration as it was last answered."""

    async def send(registration: dict[str, Any], verb: str, client: Any = None, **fields: Any) -> Any:
        headers = {"If-Match": f'"{registration["version"]}"'}
        url = f"/v1/registrations/{registration['id']}:{verb}"
        return await (client or town).post(url, json=fields or None, headers=headers)

    return send
