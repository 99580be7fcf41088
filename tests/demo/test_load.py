"""Loading the demonstration territory: again, later, and after somebody has worked on it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.db import Base, Database, Resource, let_see
from app.core.journal import JournalEntry
from app.core.publication import Publication
from app.demo.events import event_id
from app.demo.load import load
from app.demo.loaded import is_current
from app.demo.season import season
from app.demo.territories import FIRST, SUCCESSOR, territory_id, theme_id
from app.events.models import Event
from app.territories.models import Theme
from tests.demo.conftest import TODAY

MONDAY = date(2027, 3, 1)
TABLES = (
    "pupil_guardians", "pupil_external_ids", "pupils", "classes",
    "publications", "channels",
    "partnership_reviews", "partnership_contributions", "partnership_parties", "partnerships",
    "mentorship_follow_ups", "mentorships", "means", "milestones", "action_actors", "action_themes", "action_needs",
    "actions", "action_plans", "needs", "minutes", "registrations", "working_group_members",
    "affiliations", "people", "event_former_dates", "event_actors", "event_themes", "events",
    "working_group_leads", "working_groups", "actor_themes", "actors",
    "stages", "programmes", "themes", "territory_successions", "territory_municipalities", "territories",
    "municipalities",
)  # fmt: skip


@pytest.fixture(autouse=True)
async def sight(session: AsyncSession) -> None:
    """People are seen in both territories."""
    await see_people(session)
    await session.commit()


async def see_people(session: AsyncSession) -> None:
    await let_see(
        session, territory_ids=[territory_id(FIRST), territory_id(SUCCESSOR)], actor_ids=None, school_ids=None
    )


async def snapshot(session: AsyncSession) -> dict[str, list[str]]:
    """Every demonstration row, but for the instants it was written at and numbers PostgreSQL gave it."""
    rows = {}
    for table in TABLES:
        number = ",id" if table in ("territory_municipalities", "working_group_leads", "pupil_guardians") else ""
        told = f"(to_jsonb(t) - '{{created_at,updated_at,version{number}}}'::text[])::text"
        rows[table] = list(await session.scalars(text(f"SELECT {told} FROM {table} AS t ORDER BY 1")))
    return rows


def demonstrated() -> list[Any]:
    """The resources the demonstration has rows of."""
    resources = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    return [resources[table] for table in TABLES if issubclass(resources.get(table, object), Resource)]


async def versions(session: AsyncSession) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for model in demonstrated():
        found |= {row.id: row.version for row in await session.execute(select(model.id, model.version))}
    return found


async def journal_length(session: AsyncSession) -> int:
    return await session.scalar(text("SELECT count(*) FROM journal")) or 0


async def test_the_demonstration_loads_in_under_ten_seconds_and_says_what_it_holds(database: Database) -> None:
    summary = await load(database)
    assert summary.seconds < 10
    assert summary.counts["territories"] == 2
    assert summary.counts["events"] >= 80
    assert "235 actors" in str(summary)


async def test_every_row_is_journaled_in_the_name_of_the_demonstration(
    database: Database, session: AsyncSession
) -> None:
    await load(database)
    assert set(await session.scalars(select(JournalEntry.caller))) == {"demo"}
    made = "SELECT count(DISTINCT resource_id) FROM journal WHERE action = 'insert'"
    assert await session.scalar(text(made)) == len(await versions(session))


async def test_a_second_start_finds_this_week_s_demonstration_and_the_next_week_loads_it_anew(
    database: Database, session: AsyncSession
) -> None:
    assert not await is_current(database)
    await load(database)
    assert await is_current(database)
    with time_machine.travel(clock.now() + timedelta(weeks=1)):
        assert not await is_current(database)


@pytest.mark.parametrize("day_of_week", [0, 6])
async def test_loading_again_the_same_week_changes_nothing(
    database: Database, session: AsyncSession, day_of_week: int
) -> None:
    await load(database, today=MONDAY)
    before = await versions(session), await journal_length(session), await snapshot(session)
    await load(database, today=MONDAY + timedelta(days=day_of_week))
    assert (await versions(session), await journal_length(session), await snapshot(session)) == before


async def test_two_loads_of_empty_databases_give_the_same_rows(
    database: Database, session: AsyncSession, loaded: Database
) -> None:
    await load(database, today=TODAY)
    async with loaded.session(read_only=True) as other:
        await see_people(other)
        assert await snapshot(session) == await snapshot(other)


async def test_a_later_week_moves_the_season_on_and_leaves_the_history(
    database: Database, session: AsyncSession
) -> None:
    await load(database, today=MONDAY)
    before = {row.id: row for row in await session.scalars(select(Event))}
    session.expunge_all()
    await load(database, today=MONDAY + timedelta(weeks=1))
    after = {row.id: row for row in await session.scalars(select(Event))}
    moving = {event_id(entry) for entry in season()}
    assert before.keys() == after.keys()
    for key, row in after.items():
        moved = row.starts_at - before[key].starts_at
        if key in moving:
            assert timedelta(days=4) <= moved <= timedelta(days=10)  # public holidays and summer time aside: 7
            assert row.sequence == before[key].sequence + 1
        else:
            assert moved == timedelta(0)
            assert row.version == 1


async def test_what_a_person_edited_or_deleted_stays_as_they_left_it(database: Database, session: AsyncSession) -> None:
    await load(database, today=MONDAY)
    edited, deleted = (event_id(entry) for entry in season()[:2])
    event = await session.get_one(Event, edited)
    event.title = "Un autre titre"
    await session.delete(await session.get_one(Event, deleted))
    await session.commit()
    session.expunge_all()

    summary = await load(database, today=MONDAY + timedelta(weeks=5))

    assert (await session.get_one(Event, edited)).title == "Un autre titre"
    assert await session.get(Event, deleted) is None
    assert summary.counts["events"] == len((await session.scalars(select(Event.id))).all())


async def test_a_theme_a_person_removed_is_missing_from_the_events_of_the_next_load(
    database: Database, session: AsyncSession
) -> None:
    await load(database, today=MONDAY)
    removed = theme_id(SUCCESSOR, "handicap")
    for table in ("event_themes", "actor_themes"):
        await session.execute(text(f"DELETE FROM {table} WHERE theme_id = :id"), {"id": removed})
    await session.delete(await session.get_one(Theme, removed))
    await session.commit()
    await load(database, today=MONDAY + timedelta(weeks=1))
    assert await session.scalar(text("SELECT count(*) FROM event_themes WHERE theme_id = :id"), {"id": removed}) == 0


async def test_something_is_hidden_from_the_public_for_every_reason_there_is(
    database: Database, session: AsyncSession
) -> None:
    await load(database, today=MONDAY)
    events = list(await session.scalars(select(Event).where(Event.publish_at.is_not(None))))
    assert [event.publish_at.date() > MONDAY for event in events if event.publish_at] == [True]
    shown = set(await session.scalars(select(Event.publication)))
    assert shown == set(Publication)
    assert "internal" in set(await session.scalars(select(Event.audience)))
