"""What two callers ask at the same instant: one of them is told no, and nothing ends up in between."""

import asyncio

import pytest

from app.action_plans.actions.models import ActionState
from app.action_plans.plans.models import PlanState
from app.core.journal import attribute_to
from tests import factories
from tests.action_plans.factories import a_milestone, a_plan, an_action


@pytest.fixture
async def writer(committed):
    async with committed.database.session() as session:
        attribute_to(session, "test")
        yield session


async def statuses(committed, territory, *asked: tuple[str, str, dict | None]) -> list[int]:
    """What the requests are answered, all asked at once by the collectivité."""

    async def ask(method: str, url: str, body: dict | None) -> int:
        async with committed.client(factories.a_collectivite(territory)) as client:
            return (await client.request(method, url, json=body, headers={"If-Match": "*"})).status_code

    return await asyncio.gather(*(ask(*one) for one in asked))


async def test_a_plan_is_not_closed_while_an_action_starts(committed, writer) -> None:
    for _ in range(5):
        territory = await factories.a_territory(writer)
        plan = await a_plan(writer, territory, state=PlanState.RUNNING)
        action = await an_action(writer, territory, plan=plan, state=ActionState.SELECTED)
        done = await statuses(
            committed, territory, ("POST", f"/v1/action-plans/{plan.id}:close", None),
            ("POST", f"/v1/actions/{action.id}:start", {}),
        )  # fmt: skip
        assert sorted(done) == [200, 409]


async def test_milestones_added_at_once_stand_one_after_the_other(committed, writer) -> None:
    territory = await factories.a_territory(writer)
    action = await an_action(writer, territory)
    await a_milestone(writer, action)
    url = f"/v1/actions/{action.id}/milestones"
    done = await statuses(committed, territory, *[("POST", url, {"title": f"Jalon {n}"}) for n in range(5)])
    assert done == [201] * 5
    async with committed.client(factories.a_collectivite(territory)) as client:
        listed = (await client.get(url)).json()["items"]
    assert [row["position"] for row in listed] == [1, 2, 3, 4, 5, 6]
