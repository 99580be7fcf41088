"""What needs and actions hold each other to."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.journal import attribute_to
from app.dialogue.needs.models import Need, NeedState
from tests import factories
from tests.action_plans.factories import added, an_action


async def a_need(session, territory, **traits):
    actor, theme = await factories.an_actor(session, territory), await factories.a_theme(session, territory)
    values = {"statement": "Des stages", "severity": 3, "voiced_on": clock.now().date(), **traits}
    row = Need(
        territory_id=territory.id, theme_id=theme.id, voiced_by_id=actor.id, state_since=clock.now(), **values
    )  # fmt: skip
    return await added(session, row)


async def test_a_need_is_addressed_only_while_an_action_is_for_it(session, territory) -> None:
    need = await a_need(session, territory)
    first, second = [await an_action(session, territory) for _ in range(2)]
    with pytest.raises(DBAPIError, match="an addressed need has an action"):
        async with session.begin_nested():
            await session.execute(text("update needs set state = 'addressed'"))
    for action in (first, second):
        await session.execute(text("insert into action_needs values (:a, :n)"), {"a": action.id, "n": need.id})
    await session.execute(text("update needs set state = 'addressed'"))
    await session.execute(text("delete from action_needs where action_id = :a"), {"a": first.id})
    with pytest.raises(DBAPIError, match="an addressed need has an action"):
        async with session.begin_nested():
            await session.execute(text("delete from action_needs"))
    await session.execute(text("update needs set state = 'closed', state_reason = 'Vu'"))
    await session.execute(text("delete from action_needs"))


async def test_two_who_take_the_last_actions_away_at_once_leave_one(committed) -> None:
    async with committed.database.session() as session:
        attribute_to(session, "test")
        territory = await factories.a_territory(session)
        need = await a_need(session, territory)
        actions = [await an_action(session, territory, needs=[need]) for _ in range(2)]
        need.state = NeedState.ADDRESSED
        await session.commit()

    async def take_away(action) -> bool:
        async with committed.database.session() as session:
            try:
                await session.execute(text("delete from action_needs where action_id = :a"), {"a": action.id})
                await session.commit()
            except DBAPIError:
                return False
            return True

    assert sorted(await asyncio.gather(*map(take_away, actions))) == [False, True]
