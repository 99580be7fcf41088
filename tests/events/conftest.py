"""A territory with its collectivité at work, and what it sends."""

from typing import Any

import pytest

from app.territories.models import Territory
from tests import factories


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
