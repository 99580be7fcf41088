"""The figures of the source's first years are counted through the API, from the rows they are made of."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import AsyncClient

from app.core.db import PooledDatabase
from app.demo.territories import FIRST, territory_id
from app.identity.caller import Role
from tests import factories
from tests.conftest import House


@pytest.fixture
async def staff(loaded: PooledDatabase) -> AsyncIterator[AsyncClient]:
    """The collectivité of the first territory."""
    house = House(loaded)
    caller = factories.a_caller(Role.COLLECTIVITE, territory_ids=frozenset({territory_id(FIRST)}))
    async with house.running(), house.client(caller) as client:
        yield client


async def every(client: AsyncClient, path: str, **filters: str) -> list[dict[str, Any]]:
    """All rows of a list, page after page."""
    rows: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await client.get(f"/v1/{path}", params={"limit": "200", **filters, **cursor})
        assert answer.status_code == 200, answer.text
        rows += answer.json()["items"]
        if not answer.json()["next"]:
            return rows
        cursor = {"cursor": answer.json()["next"]}


async def one_event(client: AsyncClient, title: str) -> str:
    [event] = [row for row in await every(client, "events") if title in row["title"]]
    return str(event["id"])


async def test_140_came_to_the_opening_plenary(staff: AsyncClient) -> None:
    plenary = await one_event(staff, "plénière de lancement")
    counts = (await staff.get(f"/v1/events/{plenary}/registration-counts")).json()
    assert counts["attended"] == len(await every(staff, "registrations", event=plenary, attendance="attended")) == 140
    assert counts["invited"] + counts["declined"] > 0


async def test_six_actions_and_a_cross_cutting_one_were_proposed_at_the_report_back(staff: AsyncClient) -> None:
    report = await one_event(staff, "Plénière de restitution")
    actions = [row for row in await every(staff, "actions") if row["proposed_at_event_id"] == report]
    assert Counter(row["is_cross_cutting"] for row in actions) == {False: 6, True: 1}


async def test_every_meeting_of_those_years_has_closed_minutes(staff: AsyncClient) -> None:
    minutes = await every(staff, "minutes")
    assert len(minutes) == len(await every(staff, "events"))
    assert all(row["closed_at"] for row in minutes)


async def test_the_tripartite_partnership_gives_and_receives_as_its_parties_told(staff: AsyncClient) -> None:
    rows = await every(staff, "partnerships")
    assert len(rows) == 4
    [tripartite] = [row for row in rows if row["stage"] == "active"]
    balance = (await staff.get(f"/v1/partnerships/{tripartite['id']}/balance")).json()
    assert len(balance["parties"]) == 3
