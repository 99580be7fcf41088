"""Every state, every action, every kind of caller and moment: what is done, and what is refused and why."""

from datetime import timedelta
from itertools import product

import pytest

from app.core import clock
from app.core.errors import IllegalTransition, NotAllowed
from app.core.publication import Publication
from app.events.models import Event, EventStatus, RegistrationMode
from app.events.registrations.models import Attendance, Registration, RegistrationStatus
from app.events.registrations.states import Action, allowed_actions, require_allowed
from tests import factories
from tests.events.registrations.factories import a_registration, an_open_event, some_minutes

NOW = clock.now()
HOUR = timedelta(hours=1)
MOMENTS = {"before": (HOUR, 2 * HOUR), "during": (-HOUR, HOUR), "after": (-2 * HOUR, -HOUR)}
SIGN_UP = {"invited": "register", "declined": "register"}
ANSWER = {"invited": "decline cancel", "registered": "cancel", "waitlisted": "cancel"}


def expected(status: str, moment: str, mode: str, *, is_called_off: bool, is_noted: bool, is_host: bool) -> set[str]:
    """Written out in words of the rule, apart from the table of the code."""
    may = set()
    if not is_noted:
        if mode == "internal" and not is_called_off and (is_host or moment != "after"):
            may |= set(SIGN_UP.get(status, "").split())
        if is_host or moment == "before":
            may |= set(ANSWER.get(status, "").split())
    if is_host:
        may |= {"delete"}
        if status != "cancelled" and moment != "before" and not is_called_off:
            may |= {"note-attendance"}
    return may


@pytest.mark.unit
@pytest.mark.parametrize("status", RegistrationStatus)
def test_every_action_is_allowed_exactly_where_it_is_written(status) -> None:
    for moment, mode, event_status, noted, is_host in product(
        MOMENTS, RegistrationMode, EventStatus, (Attendance.UNKNOWN, Attendance.ABSENT), (True, False)
    ):
        begins, ends = (NOW + shift for shift in MOMENTS[moment])
        event = Event(
            starts_at=begins, ends_at=ends, registration_mode=mode, status=event_status, capacity=None,
            publication=Publication.PUBLISHED,
        )  # fmt: skip
        registration = Registration(status=status, noted_attendance=noted, event=event)
        is_called_off = event_status in (EventStatus.CANCELLED, EventStatus.POSTPONED)
        may = expected(
            status, moment, mode, is_called_off=is_called_off, is_noted=noted is Attendance.ABSENT, is_host=is_host
        )
        assert set(allowed_actions(registration, NOW, is_host=is_host)) == may
        for action in Action:
            if action in may:
                require_allowed(action, registration, NOW, is_host=is_host)
            else:
                with pytest.raises((NotAllowed, IllegalTransition)) as refused:
                    require_allowed(action, registration, NOW, is_host=is_host)
                is_entitled = is_host or action not in (Action.DELETE, Action.NOTE_ATTENDANCE)
                assert (refused.type is IllegalTransition) == is_entitled


BODIES = {"note-attendance": {"attendance": "attended"}}


@pytest.mark.parametrize("status", RegistrationStatus)
async def test_what_is_answered_as_allowed_is_done_and_the_rest_refused(
    session, territory, company, town, act, status
) -> None:
    for action in Action:
        event = await an_open_event(session, territory, starts_in=-HOUR)
        place = {"waitlist_place": 1} if status is RegistrationStatus.WAITLISTED else {}
        row = await a_registration(session, event, actor=company, status=status, **place)
        told = (await town.get(f"/v1/registrations/{row.id}")).json()
        if action is Action.DELETE:
            answer = await town.delete(f"/v1/registrations/{row.id}", headers={"If-Match": '"1"'})
        else:
            answer = await act(told, action, **BODIES.get(action, {}))
        if action in told["allowed_actions"]:
            assert answer.status_code in (200, 204), (action, answer.text)
            continue
        problem = answer.json()
        assert (answer.status_code, problem["type"]) == (409, "/problems/illegal-transition"), action
        said = problem["detail"].replace("\u00a0", " ")
        assert f"« {status} »" in said
        assert not said.endswith((": None.", f": {status}."))


async def test_nothing_of_a_closed_meeting_changes(session, territory, company, town, act) -> None:
    event = await an_open_event(session, territory, starts_in=-HOUR)
    row = await a_registration(session, event, actor=company)
    await some_minutes(session, event, closed=True)
    told = (await town.get(f"/v1/registrations/{row.id}")).json()
    assert told["allowed_actions"] == []
    for verb, body in (("cancel", {}), ("note-attendance", {"attendance": "attended"})):
        answer = await act(told, verb, **body)
        assert answer.status_code == 409
        assert "avenant" in answer.json()["detail"]
    assert (await town.delete(f"/v1/registrations/{row.id}", headers={"If-Match": '"1"'})).status_code == 409


async def test_a_stale_or_missing_version_is_refused(event, sign_up, act, town) -> None:
    told = (await sign_up(event)).json()
    assert (await act({**told, "version": 9}, "cancel")).status_code == 412
    assert (await town.post(f"/v1/registrations/{told['id']}:cancel")).status_code == 428


async def test_without_the_scope_to_write_nothing_is_allowed(session, territory, event, sign_up, client_for) -> None:
    told = (await sign_up(event)).json()
    reader = client_for(factories.a_collectivite(territory, scopes=frozenset({"registrations:read"})))
    assert (await reader.get(f"/v1/registrations/{told['id']}")).json()["allowed_actions"] == []
