"""A territory with its collectivité at work, and what it sends; an event one signs up to, and who does."""

from typing import Any

import pytest

from app.territories.models import Territory
from tests import factories
from tests.events.registrations.factories import an_open_event


@pytest.fixture
async def territory(session) -> Territory:
    return await factories.a_territory(session, municipalities=("94018", "94069"))


@pytest.fixture
def town(territory, client_for):
    """A client in the name of the collectivité, which publishes."""
    return client_for(factories.a_collectivite(territory))


@pytest.fixture
def body(territory):
    """Makes the body of a new event."""

    def make(**fields: Any) -> dict[str, Any]:
        dates = {"starts_at": "2027-03-12T18:30:00+01:00", "ends_at": "2027-03-12T20:00:00+01:00"}
        known = {} if fields.keys() & {"starts_at", "starts_on"} else dates
        return {"territory_id": str(territory.id), "kind": "plenary", "title": "Plénière", **known, **fields}

    return make


@pytest.fixture
def change(town):
    """Sends a PATCH or a verb for an event as it was last answered, by default in the name of the collectivité."""

    async def send(event: dict[str, Any], verb: str | None = None, client: Any = None, **fields: Any) -> Any:
        client, headers = client or town, {"If-Match": f'"{event["version"]}"'}
        if verb is None:
            return await client.patch(f"/v1/events/{event['id']}", json=fields, headers=headers)
        return await client.post(f"/v1/events/{event['id']}:{verb}", json=fields or None, headers=headers)

    return send


@pytest.fixture
def made(town, body):
    """Makes an event, published unless told otherwise, and gives it as it is answered."""

    async def make(*, published: bool = True, **fields: Any) -> dict[str, Any]:
        answer = await town.post("/v1/events", json=body(**fields))
        assert answer.status_code == 201, answer.text
        if published:
            url, headers = f"{answer.headers['Location']}:publish", {"If-Match": answer.headers["ETag"]}
            answer = await town.post(url, headers=headers)
            assert answer.status_code == 200, answer.text
        event: dict[str, Any] = answer.json()
        return event

    return make


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
