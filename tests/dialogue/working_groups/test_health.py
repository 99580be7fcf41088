"""How a working group is doing: counted from its meetings and who came."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.actors.models import ActorKind
from app.core import clock
from app.dialogue.working_groups.health.service import parity
from app.dialogue.working_groups.models import GroupState
from app.events.models import EventKind, EventStatus
from app.events.registrations.models import Attendance
from tests import factories
from tests.dialogue.conftest import codes
from tests.dialogue.factories import a_group, a_member
from tests.events.registrations.factories import a_registration, some_minutes

GROUPS = "/v1/working-groups"
DAY = timedelta(days=1)


@pytest.fixture
async def group(session, territory):
    return await a_group(session, territory, state=GroupState.ACTIVE, published=True)


@pytest.fixture
def a_meeting(session, territory, group):
    def make(*, days: int = -1, **traits):
        values = {"kind": EventKind.WORKING_GROUP_SESSION, "working_group_id": group.id, **traits}
        return factories.an_event(session, territory, starts_in=days * DAY, **values)

    return make


async def test_a_group_that_has_not_met_has_nothing_to_show(town, group) -> None:
    none = {"association": 0, "company": 0, "other": 0}
    assert (await town.get(f"{GROUPS}/{group.id}/health")).json() == {
        "working_group_id": str(group.id), "member_count": 0, "meetings_held": 0, "meetings_to_come": 0,
        "minutes_missing": 0, "attendance_missing": 0, "attended": none, "parity": None, "meetings": [],
    }  # fmt: skip


async def test_only_meetings_of_the_group_that_are_over_and_were_not_called_off_are_held(
    session, territory, town, group, a_meeting
) -> None:
    held = [str((await a_meeting(days=days)).id) for days in (-9, -2)]
    await a_meeting(days=3)
    await a_meeting(kind=EventKind.COMPANY_VISIT)
    await a_meeting(working_group_id=(await a_group(session, territory)).id)
    await a_meeting(published=True, status=EventStatus.CANCELLED)
    await a_meeting(days=5, published=True, status=EventStatus.POSTPONED)
    told = (await town.get(f"{GROUPS}/{group.id}/health")).json()
    assert [meeting["event"]["id"] for meeting in told["meetings"]] == held
    assert (told["meetings_held"], told["meetings_to_come"]) == (2, 1)


async def test_minutes_are_missing_until_they_are_closed_and_attendance_until_it_is_noted(
    session, town, group, a_meeting, company
) -> None:
    without, begun, closed = [await a_meeting(days=days) for days in (-9, -8, -7)]
    await some_minutes(session, begun)
    await a_registration(session, without, actor=company)
    await a_registration(session, closed, actor=company, attendance=Attendance.EXCUSED)
    await some_minutes(session, closed, closed=True)
    told = (await town.get(f"{GROUPS}/{group.id}/health")).json()
    assert [meeting["has_minutes"] for meeting in told["meetings"]] == [False, False, True]
    assert [meeting["has_attendance"] for meeting in told["meetings"]] == [False, False, True]
    assert (told["minutes_missing"], told["attendance_missing"]) == (2, 2)


async def test_attendances_are_counted_by_side_from_who_came(session, territory, town, group, a_meeting) -> None:
    association = await factories.an_actor(session, territory, kind=ActorKind.ASSOCIATION)
    company, school = await factories.an_actor(session, territory), await factories.a_school(session, territory)
    first, second = await a_meeting(days=-9), await a_meeting(days=-2)
    for event, actor, attendance in (
        (first, association, Attendance.ATTENDED), (first, company, Attendance.ATTENDED),
        (second, company, Attendance.ATTENDED), (second, association, Attendance.ABSENT),
        (second, school, Attendance.ATTENDED),
    ):  # fmt: skip
        await a_registration(session, event, actor=actor, attendance=attendance)
    told = (await town.get(f"{GROUPS}/{group.id}/health")).json()
    assert [meeting["attended"] for meeting in told["meetings"]] == [
        {"association": 1, "company": 1, "other": 0}, {"association": 0, "company": 1, "other": 1},
    ]  # fmt: skip
    assert (told["attended"], told["parity"]) == ({"association": 1, "company": 2, "other": 1}, 0.5)


async def test_who_came_in_no_ones_name_counts_for_whom_they_are_a_member(
    session, territory, town, group, a_meeting
) -> None:
    association = await factories.an_actor(session, territory, kind=ActorKind.ASSOCIATION)
    company = await factories.an_actor(session, territory)
    person, event = await factories.a_person(session, territory), await a_meeting()
    today = clock.now().date()
    await a_member(session, group, person, company, valid_until=today - 30 * DAY)
    await a_member(session, group, person, association, valid_from=today - 30 * DAY)
    await a_registration(session, event, person=person, attendance=Attendance.ATTENDED)
    stranger = await factories.a_person(session, territory)
    await a_registration(session, event, person=stranger, attendance=Attendance.ATTENDED)
    told = (await town.get(f"{GROUPS}/{group.id}/health")).json()
    assert told["attended"] == {"association": 1, "company": 0, "other": 1}


async def test_health_is_for_the_collectivite(group, member) -> None:
    answer = await member.get(f"{GROUPS}/{group.id}/health")
    assert (answer.status_code, codes(answer)) == (403, [("#", "collectivite_only")])


async def test_health_costs_the_same_whatever_the_meetings(
    session, town, group, a_meeting, company, statements
) -> None:
    counts = []
    for _ in range(2):
        event = await a_meeting()
        await a_registration(session, event, actor=company, attendance=Attendance.ATTENDED)
        with statements() as seen:
            assert (await town.get(f"{GROUPS}/{group.id}/health")).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.unit
@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_parity_is_a_share_that_no_side_tilts(one: int, other: int) -> None:
    told = parity(one, other)
    assert told == parity(other, one)
    if one == other == 0:
        assert told is None
    else:
        assert told is not None
        assert 0 <= told <= 1
        assert (told == 1) >= (one == other)
