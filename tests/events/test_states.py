"""Every state, every action, every kind of caller: what is done, and what is refused and how."""

from datetime import timedelta
from itertools import product

import pytest

from app.core import clock
from app.core.errors import IllegalTransition, NotAllowed
from app.core.publication import Publication
from app.events.models import AttendanceMode, Event, EventStatus, RegistrationMode
from app.events.states import Action, Availability, Stage, allowed_actions, availability, require_allowed, stage_of
from tests import factories
from tests.events.asking import codes

NOW = clock.now()
LATER, EARLIER = NOW + timedelta(hours=1), NOW - timedelta(hours=1)
STAGES = {
    Stage.DRAFT: {"publication": Publication.DRAFT},
    Stage.SUBMITTED: {"publication": Publication.DRAFT, "submitted_at": EARLIER},
    Stage.EMBARGOED: {"publication": Publication.PUBLISHED, "published_at": LATER, "publish_at": LATER},
    Stage.PUBLISHED: {"publication": Publication.PUBLISHED, "published_at": EARLIER, "publish_at": EARLIER},
    Stage.WITHDRAWN: {"publication": Publication.WITHDRAWN, "published_at": EARLIER, "withdrawn_at": EARLIER},
}
ANNOUNCED = "edit delete withdraw"
MAY = {
    "draft": "edit delete submit publish",
    "submitted": "edit delete publish",
    "embargoed": "edit delete publish withdraw",
    "withdrawn": "edit delete publish",
    "published scheduled": f"{ANNOUNCED} cancel postpone reschedule move-online",
    "published rescheduled": f"{ANNOUNCED} cancel postpone reschedule move-online",
    "published moved_online": f"{ANNOUNCED} cancel postpone reschedule",
    "published postponed": f"{ANNOUNCED} cancel reschedule reinstate",
    "published cancelled": f"{ANNOUNCED} reinstate",
}
"""What a publisher may do, written out. Others may do what of it does not publish, before it is announced."""
BODIES = {
    "withdraw": {"reason": "Annoncé par erreur"},
    "reschedule": {"starts_at": "2027-05-01T10:00:00+02:00", "ends_at": "2027-05-01T12:00:00+02:00"},
    "move-online": {"online_url": "https://visio.example.fr/"},
}


def an_event(stage: Stage, status: EventStatus, mode: AttendanceMode = AttendanceMode.IN_PERSON) -> Event:
    columns = {"publish_at": None, "submitted_at": None, **STAGES[stage]}
    return Event(status=status, attendance_mode=mode, **columns)


def expected(stage: Stage, status: EventStatus, *, is_publisher: bool) -> set[str]:
    may = set(MAY[f"published {status}" if stage is Stage.PUBLISHED else stage].split())
    if is_publisher:
        return may
    return may & {"edit", "delete", "submit"} if stage in (Stage.DRAFT, Stage.SUBMITTED) else set()


@pytest.mark.unit
@pytest.mark.parametrize(("stage", "status", "is_publisher"), list(product(Stage, EventStatus, (True, False))))
def test_every_action_is_allowed_exactly_where_it_is_written(stage, status, is_publisher) -> None:
    event = an_event(stage, status)
    assert stage_of(event, NOW) is stage
    may = expected(stage, status, is_publisher=is_publisher)
    assert set(allowed_actions(event, NOW, is_publisher=is_publisher)) == may
    for action in Action:
        if action in may:
            require_allowed(action, event, NOW, is_publisher=is_publisher)
            continue
        with pytest.raises((NotAllowed, IllegalTransition)) as refused:
            require_allowed(action, event, NOW, is_publisher=is_publisher)
        is_theirs = is_publisher or (
            stage in (Stage.DRAFT, Stage.SUBMITTED) and action not in (Action.PUBLISH, Action.WITHDRAW)
        )
        assert (refused.type is IllegalTransition) == is_theirs


@pytest.mark.unit
def test_what_takes_place_online_already_is_not_moved_there() -> None:
    event = an_event(Stage.PUBLISHED, EventStatus.SCHEDULED, AttendanceMode.ONLINE)
    assert Action.MOVE_ONLINE not in set(allowed_actions(event, NOW, is_publisher=True))
    with pytest.raises(IllegalTransition) as refused:
        require_allowed(Action.MOVE_ONLINE, event, NOW, is_publisher=True)
    assert refused.value.params["reason"] == "event_moved_online"


@pytest.mark.unit
def test_an_embargo_ends_by_itself() -> None:
    event = an_event(Stage.EMBARGOED, EventStatus.SCHEDULED)
    assert stage_of(event, LATER - timedelta(microseconds=1)) is Stage.EMBARGOED
    assert stage_of(event, LATER) is Stage.PUBLISHED


@pytest.mark.unit
@pytest.mark.parametrize(
    ("status", "is_over", "sign_up", "told"),
    [
        ("cancelled", False, {"registration_mode": "internal"}, Availability.CALLED_OFF),
        ("postponed", True, {"registration_mode": "none"}, Availability.CALLED_OFF),
        ("scheduled", True, {"registration_mode": "internal"}, Availability.OVER),
        ("moved_online", False, {"registration_mode": "external", "capacity": 1, "seats_taken": 1},
         Availability.ELSEWHERE),
        ("scheduled", False, {"registration_mode": "none"}, Availability.NOT_REQUIRED),
        ("rescheduled", False, {"registration_mode": "internal", "seats_taken": 9}, Availability.OPEN),
        ("scheduled", False, {"registration_mode": "internal", "capacity": 2, "seats_taken": 1}, Availability.OPEN),
        ("scheduled", False, {"registration_mode": "internal", "capacity": 2, "seats_taken": 2}, Availability.FULL),
        ("scheduled", False,
         {"registration_mode": "internal", "capacity": 2, "seats_taken": 2, "has_waitlist": True},
         Availability.WAITLIST),
    ],
)  # fmt: skip
def test_one_can_sign_up_to_what_takes_place_is_not_over_and_has_a_seat_left(status, is_over, sign_up, told) -> None:
    mode = RegistrationMode(sign_up.pop("registration_mode"))
    event = Event(status=status, ends_at=NOW if is_over else LATER, registration_mode=mode, **sign_up)
    assert availability(event, NOW) is told


STATES = [(stage, EventStatus.SCHEDULED) for stage in Stage if stage is not Stage.PUBLISHED]
STATES += [(Stage.PUBLISHED, status) for status in EventStatus]


@pytest.fixture
async def school(session, territory):
    return await factories.a_school(session, territory)


@pytest.fixture
def callers(territory, school, client_for):
    """Clients by who they are: those who answer for the school's events, and what they may then do."""
    no_publish = factories.EVERY_SCOPE - {"events:publish"}
    return {
        "publisher": client_for(factories.a_collectivite(territory)),
        "collectivité without the scope": client_for(factories.a_collectivite(territory, scopes=no_publish)),
        "referent": client_for(factories.a_referent(school)),
        "club member": client_for(factories.a_club_member(school)),
        "partner": client_for(factories.a_partner(territory)),
    }


VERBS = [action for action in Action if action not in (Action.EDIT, Action.DELETE)]


@pytest.mark.parametrize(("stage", "status"), STATES)
@pytest.mark.parametrize("who", ["publisher", "collectivité without the scope", "referent", "club member", "partner"])
async def test_every_verb_does_what_allowed_actions_says(
    session, territory, school, callers, stage, status, who
) -> None:
    client, is_publisher = callers[who], who == "publisher"
    may = expected(stage, status, is_publisher=is_publisher)

    async def in_this_state() -> str:
        sources = ("partner-system",) if who == "partner" else ()
        columns = {"status": status, "sources": sources, **STAGES[stage]}
        return f"/v1/events/{(await factories.an_event(session, territory, organisers=(school,), **columns)).id}"

    async def ask(url: str, verb: str):
        return await client.post(f"{url}:{verb}", json=BODIES.get(verb), headers={"If-Match": '"1"'})

    url = await in_this_state()
    for verb in [verb for verb in VERBS if verb not in may]:
        answer = await ask(url, verb)
        if is_publisher or (stage in (Stage.DRAFT, Stage.SUBMITTED) and verb not in ("publish", "withdraw")):
            assert answer.json()["type"] == "/problems/illegal-transition", verb
            assert {"{", "…"}.isdisjoint(answer.json()["detail"])
        else:
            assert answer.status_code == 403, verb
            is_scope_missing = "scope" in answer.headers.get("WWW-Authenticate", "")
            assert is_scope_missing or codes(answer) == [("#", "publishers_only")]
    event = (await client.get(url)).json()
    assert (event["version"], event["status"], set(event["allowed_actions"])) == (1, status, may)
    for verb in [verb for verb in VERBS if verb in may]:
        answer = await ask(await in_this_state(), verb)
        assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"'), verb


async def test_a_refused_transition_says_from_where_to_where_and_why(made, town) -> None:
    event = await made(published=False)
    answer = await town.post(f"/v1/events/{event['id']}:cancel", headers={"If-Match": '"1"', "Accept-Language": "en"})
    assert answer.json()["detail"] == "Going from “draft” to “cancelled” is not possible: the event is still a draft."
