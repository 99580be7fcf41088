"""`GET /v1/todo`: what waits, found in every domain, the most urgent first, in one statement."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import event

from app.action_plans.actions.models import ActionState
from app.action_plans.mentorships.models import FollowUp, MentorshipState, Situation
from app.core import clock
from app.core.publication import Publication
from app.dialogue.needs.models import NeedState
from app.events.models import EventKind, EventStatus
from app.events.registrations.models import Attendance
from app.partnerships.models import PartnershipStage
from app.q2er.editions.models import EditionState
from app.todo.registry import TASKS, TaskKind
from tests import factories
from tests.action_plans.factories import a_mentorship, an_action
from tests.dialogue.factories import a_need
from tests.events.registrations.factories import a_registration, some_minutes
from tests.partnerships.factories import a_partnership
from tests.q2er.factories import a_sequence, an_edition
from tests.q2er.sessions import a_participation, a_session

NOW = datetime(2016, 7, 1, 10, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def _then() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
async def territory(session):
    return await factories.a_territory(session, slug="marne")


@pytest.fixture
def town(territory, client_for):
    return client_for(factories.a_collectivite(territory))


async def asked(client, query: str = "") -> dict:
    answer = await client.get(f"/v1/todo?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def titles(client, kind: str) -> list[str]:
    return [task["title"] for task in (await asked(client, f"kind={kind}"))["items"]]


async def a_meeting(session, territory, title: str, *, ago: timedelta = timedelta(days=7), **traits):
    values = {"published": True, "kind": EventKind.STEERING, "starts_at": NOW - ago, **traits}
    return await factories.an_event(session, territory, title=title, **values)


async def one_of_each(session, territory, suffix: str = "") -> None:
    """Something of every kind that waits, each due on another day."""
    actors = [await factories.an_actor(session, territory) for _ in range(2)]
    await factories.an_event(
        session, territory, title=f"à relire{suffix}", submitted_at=NOW, starts_at=NOW + timedelta(days=9)
    )
    await a_meeting(session, territory, f"à écrire{suffix}")
    await a_need(session, territory, statement=f"sans action{suffix}", state=NeedState.QUALIFIED)
    late = {"planned_end_on": date(2016, 6, 15), "state": ActionState.IN_PROGRESS}
    action = await an_action(session, territory, title=f"en retard{suffix}", **late)
    await a_partnership(
        session, territory, *actors, title=f"à renouveler{suffix}", stage=PartnershipStage.ACTIVE,
        ends_on=date(2016, 8, 31),
    )  # fmt: skip
    follow_ups = [FollowUp(months=6), FollowUp(months=12)]
    await a_mentorship(
        session, action, state=MentorshipState.ACTIVE, started_on=date(2016, 1, 1), follow_ups=follow_ups
    )

    edition = await an_edition(session, territory, school_year="2015-2016")
    held = {"starts_at": NOW - timedelta(days=20), "title": f"à pointer{suffix}"}
    await a_session(session, await a_sequence(session, edition), **held)


async def test_all_that_waits_comes_by_urgency_and_is_counted(session, territory, town) -> None:
    await one_of_each(session, territory)
    told = await asked(town)
    assert [(task["kind"], task["due_on"]) for task in told["items"]] == [
        ("session_to_note", "2016-06-11"),
        ("late_action", "2016-06-15"),
        ("meeting_to_write_down", "2016-06-24"),
        ("follow_up_due", "2016-07-01"),
        ("event_to_review", "2016-07-10"),
        ("partnership_to_renew", "2016-08-31"),
        ("need_without_action", None),
    ]
    assert [(count["kind"], count["count"]) for count in told["counts"]] == [(kind, 1) for kind in TaskKind]
    for task in told["items"]:
        opened = await town.get(f"/v1/{task['resource']}/{task['resource_id']}")
        assert opened.status_code == 200
        assert opened.json().get("title", task["title"]) == task["title"]
        assert not {task["message"]["fr"], task["message"]["en"]} & {"", task["reason"]}


async def test_fewer_are_told_than_counted_and_a_kind_or_a_territory_narrows_both(
    session, territory, client_for
) -> None:
    other = await factories.a_territory(session, slug="seine")
    await one_of_each(session, territory)
    await one_of_each(session, other, " ailleurs")
    both = client_for(factories.a_collectivite(territory, other))
    told = await asked(both, "limit=3")
    assert (len(told["items"]), {count["count"] for count in told["counts"]}) == (3, {2})
    told = await asked(both, "territory=seine&kind=late_action&kind=event_to_review")
    assert [task["title"] for task in told["items"]] == ["en retard ailleurs", "à relire ailleurs"]
    assert [count["count"] for count in told["counts"]] == [1, 1]
    assert (await both.get("/v1/todo?territory=nulle-part")).status_code == 422
    assert (await both.get("/v1/todo?kind=holiday")).status_code == 422


@pytest.mark.parametrize("kind", TASKS)
async def test_each_kind_keeps_to_the_territory_of_its_caller(session, territory, client_for, kind) -> None:
    await one_of_each(session, territory)
    elsewhere = client_for(factories.a_collectivite(await factories.a_territory(session)))
    assert await asked(elsewhere, f"kind={kind}") == {"items": [], "counts": [{"kind": kind, "count": 0}]}


async def test_nothing_that_is_done_or_not_to_be_done_waits(session, territory, town) -> None:
    meeting = await a_meeting(session, territory, "tenue")
    await some_minutes(session, meeting)
    someone = await factories.an_actor(session, territory)
    await a_registration(session, meeting, actor=someone, attendance=Attendance.ABSENT)
    await a_meeting(session, territory, "annulée", status=EventStatus.CANCELLED)
    await a_meeting(session, territory, "reportée", status=EventStatus.POSTPONED)
    await a_meeting(session, territory, "visite", kind=EventKind.COMPANY_VISIT)
    await a_meeting(session, territory, "à venir", ago=-timedelta(hours=1))
    await a_meeting(session, territory, "oubliée", ago=timedelta(days=366))
    await factories.an_event(session, territory, submitted_at=NOW, published=True)
    await factories.an_event(session, territory)
    for state in ActionState:
        is_over = state in (ActionState.COMPLETED, ActionState.ABANDONED)
        planned = date(2016, 6, 30) if is_over else TODAY
        await an_action(session, territory, state=state, planned_end_on=planned)
    for stage in PartnershipStage:
        ends_on = date(2016, 9, 30) if stage in (PartnershipStage.ACTIVE, PartnershipStage.SUSPENDED) else TODAY
        await a_partnership(
            session, territory, someone, await factories.an_actor(session, territory), stage=stage, ends_on=ends_on
        )
    for state in NeedState:
        await a_need(session, territory, state=state, with_action=state is NeedState.QUALIFIED)
    action = await an_action(session, territory)
    done = FollowUp(months=6, done_on=TODAY, situation=Situation.TRAINING)
    later = FollowUp(months=12)
    await a_mentorship(
        session, action, state=MentorshipState.ACTIVE, started_on=date(2016, 1, 1), follow_ups=[done, later]
    )
    assert (await asked(town))["items"] == []


async def test_a_meeting_says_what_it_lacks(session, territory, town) -> None:
    written, noted = await a_meeting(session, territory, "écrite"), await a_meeting(session, territory, "notée")
    await a_meeting(session, territory, "rien")
    await some_minutes(session, written)
    blank = await a_meeting(session, territory, "ordre du jour seul")
    await some_minutes(session, blank, text=None)
    actor = await factories.an_actor(session, territory)
    await a_registration(session, noted, actor=actor, attendance=Attendance.ATTENDED)
    await a_registration(session, blank, actor=actor)
    told = (await asked(town))["items"]
    assert {task["title"]: task["reason"] for task in told} == {
        "écrite": "meeting_without_attendance",
        "notée": "meeting_without_minutes",
        "rien": "meeting_without_minutes_nor_attendance",
        "ordre du jour seul": "meeting_without_minutes_nor_attendance",
    }


async def test_a_day_is_one_of_the_territory(session, client_for) -> None:
    island = await factories.a_territory(session, slug="ile", timezone="Pacific/Noumea")
    town = client_for(factories.a_collectivite(island))
    late = {"state": ActionState.IN_PROGRESS, "planned_end_on": date(2016, 7, 1)}
    await an_action(session, island, title="tardive", **late)
    assert await titles(town, "late_action") == []
    with time_machine.travel(datetime(2016, 7, 1, 13, 30, tzinfo=UTC), tick=False):
        assert clock.now().date() == date(2016, 7, 1)
        assert await titles(town, "late_action") == ["tardive"]


@contextmanager
def statements(database) -> Iterator[list[str]]:
    """What is asked of the database meanwhile, savepoints and settings apart."""
    said: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")) and "set_config" not in statement:
            said.append(statement)

    engine = database.connection.sync_connection
    event.listen(engine, "before_cursor_execute", note)
    yield said
    event.remove(engine, "before_cursor_execute", note)


async def test_it_is_one_statement_however_much_there_is(session, database, territory, town) -> None:
    await one_of_each(session, territory)
    await one_of_each(session, territory)
    with statements(database) as said:
        assert len((await asked(town))["items"]) == 2 * len(TaskKind)
    assert len(said) == 1


async def test_withdrawn_events_are_no_meetings_anymore(session, territory, town) -> None:
    gone = {"publication": Publication.WITHDRAWN, "published_at": NOW, "withdrawn_at": NOW, "published": False}
    await a_meeting(session, territory, "retirée", **gone)
    assert (await asked(town))["items"] == []


async def test_a_session_waits_until_somebody_noted_who_came_or_the_edition_is_closed(session, territory, town) -> None:
    edition = await an_edition(session, territory, school_year="2015-2016")
    sequence = await a_sequence(session, edition)
    held = [await a_session(session, sequence, starts_at=NOW - timedelta(days=day), title=str(day)) for day in (9, 8)]
    await a_session(session, sequence, starts_at=NOW + timedelta(days=1))
    company = await factories.an_actor(session, territory)
    await a_participation(session, held[0], actor_id=company.id, attendance=Attendance.UNKNOWN)
    assert await titles(town, "session_to_note") == ["9", "8"]
    await a_participation(session, held[1], actor_id=company.id)
    assert await titles(town, "session_to_note") == ["9"]
    edition.state = EditionState.CLOSED
    await session.commit()
    assert await titles(town, "session_to_note") == []
