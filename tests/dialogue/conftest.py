"""A territory with its collectivité at work on the dialogue."""

from typing import Any

import pytest

from app.territories.models import Territory, Theme
from tests import factories


@pytest.fixture
async def territory(session) -> Territory:
    return await factories.a_territory(session)


@pytest.fixture
async def theme(session, territory) -> Theme:
    return await factories.a_theme(session, territory, slug="insertion-des-jeunes")


@pytest.fixture
async def school(session, territory):
    return await factories.a_school(session, territory, name="Lycée")


@pytest.fixture
async def company(session, territory):
    return await factories.an_actor(session, territory, name="Entreprise")


@pytest.fixture
def town(territory, client_for):
    """A client in the name of the collectivité."""
    return client_for(factories.a_collectivite(territory))


@pytest.fixture
def referent(school, client_for):
    return client_for(factories.a_referent(school))


@pytest.fixture
def member(company, client_for):
    """A client in the name of a company of the club."""
    return client_for(factories.a_club_member(company))


@pytest.fixture
def ask(town):
    """Sends a verb, or a PATCH without one, for a row as it is now, by default in the name of the collectivité."""

    async def send(path: str, verb: str | None = None, client: Any = None, **fields: Any) -> Any:
        client, headers = client or town, {"If-Match": "*"}
        if verb is None:
            return await client.patch(path, json=fields, headers=headers)
        return await client.post(f"{path}:{verb}", json=fields or None, headers=headers)

    return send


def codes(answer: Any) -> list[tuple[str, str]]:
    """Where the faults of a problem lie, and which."""
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
