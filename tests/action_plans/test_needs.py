"""What needs and actions hold each other to, and the group an action came from."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core.journal import attribute_to
from app.dialogue.needs.models import NeedState
from tests import factories
from tests.action_plans.conftest import codes
from tests.action_plans.factories import an_action
from tests.dialogue.factories import a_group, a_need


async def test_an_action_says_which_needs_it_addresses_and_which_group_it_came_from(
    session, territory, town, change
) -> None:
    needs, group = [await a_need(session, territory) for _ in range(2)], await a_group(session, territory)
    action = await an_action(session, territory)
    row = (await town.get(f"/v1/actions/{action.id}")).json()
    assert (row["need_ids"], row["origin_group_id"]) == ([], None)
    row = (
        await change("actions", row, need_ids=[str(need.id) for need in needs], origin_group_id=str(group.id))
    ).json()
    assert (set(row["need_ids"]), row["origin_group_id"]) == ({str(need.id) for need in needs}, str(group.id))
    for query, count in ((f"need={needs[0].id}", 1), (f"group={group.id}", 1), (f"need={group.id}", 0)):
        assert len((await town.get(f"/v1/actions?{query}")).json()["items"]) == count
    answer = await town.delete(f"/v1/needs/{needs[0].id}", headers={"If-Match": "*"})
    assert answer.status_code == 409


async def test_needs_and_groups_of_elsewhere_are_as_if_they_did_not_exist(session, territory, client_for) -> None:
    abroad = await factories.a_territory(session)
    need, group = await a_need(session, abroad), await a_group(session, abroad)
    action = await an_action(session, territory)
    both = client_for(factories.a_collectivite(territory, abroad))
    for fields, pointer in (
        ({"need_ids": [str(need.id)]}, "#/need_ids/0"),
        ({"origin_group_id": str(group.id)}, "#/origin_group_id"),
    ):
        answer = await both.patch(f"/v1/actions/{action.id}", json=fields, headers={"If-Match": "*"})
        assert (answer.status_code, codes(answer)) == (422, [(pointer, "unknown_reference")])


async def test_an_addressed_need_keeps_an_action(session, territory, town) -> None:
    need = await a_need(session, territory, state=NeedState.QUALIFIED)
    url, headers = f"/v1/needs/{need.id}", {"If-Match": "*"}
    assert (await town.post(f"{url}:address", headers=headers)).status_code == 409
    first, second = [await an_action(session, territory, needs=[need]) for _ in range(2)]
    assert (await town.post(f"{url}:address", headers=headers)).json()["state"] == "addressed"
    assert (await town.delete(f"/v1/actions/{first.id}", headers=headers)).status_code == 204
    for answer in (
        await town.patch(f"/v1/actions/{second.id}", json={"need_ids": []}, headers=headers),
        await town.delete(f"/v1/actions/{second.id}", headers=headers),
    ):
        assert (answer.status_code, codes(answer)) == (409, [("#/need_ids", "addressed_need")])
    assert (await town.post(f"{url}:close", json={"reason": "Fait"}, headers=headers)).status_code == 200
    assert (await town.delete(f"/v1/actions/{second.id}", headers=headers)).status_code == 204


async def test_the_database_itself_refuses_an_addressed_need_without_an_action(session, territory) -> None:
    await a_need(session, territory)
    with pytest.raises(DBAPIError, match="an addressed need has an action"):
        await session.execute(text("update needs set state = 'addressed'"))


async def test_two_who_take_the_last_actions_away_at_once_leave_one(committed) -> None:
    async with committed.database.session() as session:
        attribute_to(session, "test")
        territory = await factories.a_territory(session)
        need = await a_need(session, territory)
        actions = [await an_action(session, territory, needs=[need]) for _ in range(2)]
        need.state = NeedState.ADDRESSED
        await session.commit()
    town = factories.a_collectivite(territory)

    async def take_away(action) -> int:
        async with committed.client(town) as client:
            url, headers = f"/v1/actions/{action.id}", {"If-Match": "*"}
            return (await client.patch(url, json={"need_ids": []}, headers=headers)).status_code

    assert sorted(await asyncio.gather(*map(take_away, actions))) == [200, 409]
