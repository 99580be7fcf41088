"""A school with its referent, and those who must not know its pupils."""

import pytest

from tests import factories


@pytest.fixture
async def territory(session):
    return await factories.a_territory(session)


@pytest.fixture
async def school(session, territory):
    return await factories.a_school(session, territory, name="Lycée Robert Schuman")


@pytest.fixture
def referent(client_for, school):
    return client_for(factories.a_referent(school))


@pytest.fixture
def collectivite(client_for, territory):
    return client_for(factories.a_collectivite(territory))
