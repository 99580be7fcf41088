"""A territory with its collectivité, two companies and a school at work on a decision."""

from typing import Any

import pytest

from tests import factories
from tests.dialogue.decisions.factories import a_decision, named


@pytest.fixture
async def territory(session):
    return await factories.a_territory(session)


@pytest.fixture
def town(territory, client_for):
    """A client in the name of the collectivité."""
    return client_for(factories.a_collectivite(territory))


@pytest.fixture
async def company(session, territory):
    return await factories.an_actor(session, territory, name="Atelier du Pont")


@pytest.fixture
async def other(session, territory):
    return await factories.an_actor(session, territory, name="Imprimerie Liberté")


@pytest.fixture
async def school(session, territory):
    return await factories.a_school(session, territory)


@pytest.fixture
def club(company, client_for):
    """A client in the name of the company."""
    return client_for(factories.a_club_member(company))


@pytest.fixture
def rival(other, client_for):
    """A client in the name of the other company."""
    return client_for(factories.a_club_member(other))


@pytest.fixture
def referent(school, client_for):
    return client_for(factories.a_referent(school))


@pytest.fixture
def body(territory):
    """Makes the body of a new decision."""

    def make(**fields: Any) -> dict[str, Any]:
        return {
            "territory_id": str(territory.id), "question": "Quelle action proposer ?", "secrecy": "secret",
            "method": {"name": "approval"}, "options": [{"label": "Forum"}, {"label": "Tutorat"}], **fields,
        }  # fmt: skip

    return make


@pytest.fixture
def act(town):
    """Sends a PATCH, a verb or the electors of a decision as it was last answered."""

    async def send(decision: dict[str, Any], what: str | None = None, client: Any = None, **fields: Any) -> Any:
        client, headers = client or town, {"If-Match": f'"{decision["version"]}"'}
        url = f"/v1/decisions/{decision['id']}"
        if what is None:
            return await client.patch(url, json=fields, headers=headers)
        if what == "choose-electors":
            return await client.put(f"{url}/electors", json=fields, headers=headers)
        return await client.post(f"{url}:{what}", json=fields or None, headers=headers)

    return send


@pytest.fixture
def shown(town):
    """A decision as the collectivité, or another, is answered it."""

    async def get(row: Any, client: Any = None) -> dict[str, Any]:
        answer = await (client or town).get(f"/v1/decisions/{row.id}")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    return get


@pytest.fixture
def decided(session, territory):
    """Makes a decision; as `factories.a_decision`."""

    async def make(*electors: Any, **traits: Any) -> Any:
        return await a_decision(session, territory, electors=electors, **traits)

    return make


@pytest.fixture
def vote():
    """Casts a ballot for the only voice the client has, options by their labels."""

    async def send(client: Any, row: Any, said: dict[str, Any], *, place: int = 0, **headers: str) -> Any:
        electors = (await client.get(f"/v1/decisions/{row.id}/electors")).json()["items"]
        ids = {option.label: option.id for option in row.options}
        url = f"/v1/decisions/{row.id}/electors/{electors[place]['id']}/ballot"
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.put(url, json={"vote": named(said, ids)}, headers=sent)

    return send
