"""What happens to an event once it is announced, and what its readers are told."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.core.journal import JournalEntry
from tests import factories
from tests.events.asking import codes

NEW_DATES = {"starts_at": "2027-03-19T18:30:00+01:00", "ends_at": "2027-03-19T20:00:00+01:00"}
ONLINE = {"online_url": "https://visio.example.fr/"}


@pytest.mark.parametrize("verb", [None, "reschedule"])
async def test_other_dates_of_an_announced_event_keep_those_it_had(made, change, verb) -> None:
    before = await made()
    after = (await change(before, verb, **NEW_DATES)).json()
    assert (after["status"], after["sequence"]) == ("rescheduled", 1)
    assert [(d["starts_at"], d["ends_at"]) for d in after["former_dates"]] == [(before["starts_at"], before["ends_at"])]
    assert after["change_notice"] == {"fr": "Reporté du 12 au 19 mars", "en": "Moved from 12 to 19 March"}
    again = (await change(after, verb, starts_on="2027-04-01", ends_on="2027-04-02")).json()
    assert [d["starts_at"] for d in again["former_dates"]] == [before["starts_at"], after["starts_at"]]
    assert again["change_notice"]["fr"] == "Reporté du 19 mars au 1er–2 avril"


@pytest.mark.parametrize("published", [False, True])
async def test_dates_nobody_knew_are_not_kept(made, change, published: bool) -> None:
    event = await made(published=False)
    if published:
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        event = (await change(event, "publish", publish_at=tomorrow)).json()
    after = (await change(event, **NEW_DATES)).json()
    assert (after["status"], after["former_dates"], after["sequence"]) == ("scheduled", [], 1)


async def test_a_cancelled_event_given_other_dates_stays_cancelled(made, change) -> None:
    cancelled = (await change(await made(), "cancel", status_note="Salle fermée")).json()
    assert cancelled["change_notice"] == {"fr": "Annulé\u00a0: Salle fermée", "en": "Cancelled: Salle fermée"}
    assert cancelled["availability"] == "called_off"
    moved = (await change(cancelled, **NEW_DATES)).json()
    assert (moved["status"], len(moved["former_dates"]), moved["status_note"]) == ("cancelled", 1, "Salle fermée")
    back = (await change(moved, "reinstate")).json()
    assert (back["status"], back["status_note"], back["change_notice"]) == ("scheduled", None, None)


async def test_a_postponed_event_finds_new_dates(made, change) -> None:
    postponed = (await change(await made(), "postpone")).json()
    assert postponed["change_notice"]["fr"] == "Reporté à une date ultérieure, au lieu du 12 mars"
    assert (postponed["status"], postponed["former_dates"]) == ("postponed", [])
    found = (await change(postponed, **NEW_DATES)).json()
    assert (found["status"], found["change_notice"]["fr"]) == ("rescheduled", "Reporté du 12 au 19 mars")


@pytest.mark.parametrize("verb", [None, "move-online"])
async def test_an_event_moved_online_says_so_until_it_is_held_in_a_room_again(made, change, verb) -> None:
    fields = ONLINE if verb else {**ONLINE, "attendance_mode": "online"}
    event = (await change(await made(), verb, **fields)).json()
    assert (event["status"], event["attendance_mode"], event["sequence"]) == ("moved_online", "online", 1)
    assert event["change_notice"] == {"fr": "Passe en ligne", "en": "Moves online"}
    moved = (await change(event, "reschedule", **NEW_DATES)).json()
    assert moved["status"] == "moved_online"
    assert moved["change_notice"]["fr"] == "Passe en ligne, reporté du 12 au 19 mars"
    back = (await change(moved, attendance_mode="mixed")).json()
    assert (back["status"], back["change_notice"]["fr"]) == ("rescheduled", "Reporté du 12 au 19 mars")
    other = (
        await change(event | {"version": back["version"]}, starts_at=event["starts_at"], ends_at=event["ends_at"])
    ).json()
    assert other["change_notice"]["fr"] == "Avancé du 19 au 12 mars"


async def test_an_event_that_was_only_moved_online_takes_place_again_as_announced(made, change) -> None:
    online = (await change(await made(), "move-online", **ONLINE, status_note="Grève")).json()
    back = (await change(online, attendance_mode="in_person")).json()
    assert (back["status"], back["status_note"], back["change_notice"]) == ("scheduled", None, None)


async def test_the_same_dates_are_no_reschedule(made, change) -> None:
    event = await made()
    same = {"starts_at": event["starts_at"], "ends_at": event["ends_at"]}
    assert codes(await change(event, "reschedule", **same)) == [("#/starts_at", "same_dates")]
    assert (await change(event, **same)).json()["version"] == event["version"]


async def test_a_reschedule_without_dates_says_what_is_missing(made, change, town) -> None:
    event = await made()
    answer = await town.post(f"/v1/events/{event['id']}:reschedule", json={}, headers={"If-Match": '"2"'})
    assert codes(answer) == [("#/starts_at", "missing"), ("#/ends_at", "missing")]


async def test_an_online_event_is_not_published_without_its_address(made, change) -> None:
    event = await made(published=False, attendance_mode="online")
    assert codes(await change(event, "publish")) == [("#/online_url", "online_url_needed")]
    event = (await change(event, **ONLINE)).json()
    assert (await change(event, "publish")).status_code == 200


async def test_an_embargo_is_set_moved_and_lifted(made, change) -> None:
    first, second = [datetime.now(UTC).replace(microsecond=0) + timedelta(days=n) for n in (1, 2)]
    draft = await made(published=False)
    event = (await change(draft, "publish", publish_at=first.isoformat())).json()
    for name in ("publish_at", "published_at", "significant_at"):
        assert datetime.fromisoformat(event[name]) == first
    event = (await change(event, "publish", publish_at=second.isoformat())).json()
    assert datetime.fromisoformat(event["published_at"]) == second
    event = (await change(event, title="Autre")).json()
    assert datetime.fromisoformat(event["significant_at"]) == second
    event = (await change(event, "publish")).json()
    assert event["publish_at"] is None
    assert datetime.fromisoformat(event["published_at"]) < first
    assert "withdraw" in event["allowed_actions"]


async def test_what_was_under_embargo_is_a_draft_once_withdrawn(made, change) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    event = (await change(await made(published=False), "publish", publish_at=tomorrow)).json()
    event = (await change(event, "withdraw", reason="Pas encore")).json()
    assert (event["publication"], event["publish_at"], event["published_at"]) == ("draft", None, None)
    assert "submit" in event["allowed_actions"]


async def test_a_withdrawn_event_comes_back_at_once(made, change) -> None:
    event = await made()
    published_at = event["published_at"]
    event = (await change(event, "withdraw", reason="Erreur")).json()
    assert (event["publication"], event["withdrawn_at"] is None) == ("withdrawn", False)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert (await change(event, "publish", publish_at=tomorrow)).status_code == 409
    back = (await change(event, "publish")).json()
    assert (back["publication"], back["withdrawn_at"], back["published_at"]) == ("published", None, published_at)
    assert back["significant_at"] > event["significant_at"]


async def test_the_reason_of_a_withdrawal_stands_in_the_journal_only(session, made, change) -> None:
    event = (await change(await made(), "withdraw", reason="Doublon")).json()
    assert "Doublon" not in str(event)
    entries = select(JournalEntry).where(JournalEntry.resource_id == factories.UUID(event["id"]))
    last = (await session.scalars(entries.order_by(JournalEntry.seq.desc()).limit(1))).one()
    assert (last.reason, last.action, last.fields) == ("Doublon", "update", ["publication", "withdrawn_at"])
    answer = await change(event, "withdraw")
    assert codes(answer) == [("#", "missing")]


async def test_a_draft_handed_to_review_waits_there(made, change) -> None:
    event = (await change(await made(published=False), "submit")).json()
    assert event["submitted_at"]
    assert event["publication"] == "draft"
    assert (await change(event, "publish")).json()["publication"] == "published"


VALUES = {
    "title": st.sampled_from(["Plénière", "Autre titre"]),
    "summary": st.sampled_from([None, "Une ligne."]),
    "description": st.sampled_from([None, "Texte."]),
    "starts_at": st.sampled_from(["2027-03-12T18:30:00+01:00", "2027-03-12T17:30:00Z", "2027-03-12T16:00:00Z"]),
    "ends_at": st.sampled_from(["2027-03-12T20:00:00+01:00", "2027-03-12T21:00:00+01:00"]),
    "timezone": st.sampled_from(["Europe/Paris", "Indian/Reunion", None]),
    "place": st.sampled_from([None, {"name": "Mairie"}, {"address": "1 rue"}, {"latitude": 48.8, "longitude": 2.4}]),
    "insee_code": st.sampled_from([None, "94018", "94069"]),
    "attendance_mode": st.sampled_from(["in_person", "mixed", "online"]),
    "keywords": st.sampled_from([[], ["emploi"]]),
    "audience": st.sampled_from(["public", "partners"]),
    "registration": st.sampled_from([{"mode": "none", "capacity": None}, {"mode": "internal", "capacity": 5}]),
    "image": st.none(),
}
SEEN_IN = {"insee_code": "municipality"}
READ = {SEEN_IN.get(name, name): name for name in VALUES}
COUNTED = {"starts_at", "ends_at", "timezone", "place", "insee_code", "attendance_mode"}
CARED_FOR = COUNTED | {"title", "summary", "description"}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.booleans(), st.lists(st.fixed_dictionaries({}, optional=VALUES), min_size=1, max_size=4))
async def test_sequence_and_significance_move_exactly_with_what_they_are_about(
    made, change, published, changes
) -> None:
    event = await made(published=published, **ONLINE)
    for fields in changes:
        answer = await change(event, **fields)
        assert answer.status_code == 200, answer.text
        after = answer.json()
        changed = {field for name, field in READ.items() if told(event, name) != told(after, name)}
        assert changed <= fields.keys()
        assert after["sequence"] - event["sequence"] == bool(changed & COUNTED), changed
        assert (after["significant_at"] > event["significant_at"]) == bool(changed & CARED_FOR), changed
        assert after["version"] - event["version"] == bool(changed), changed
        moved = published and bool(changed & {"starts_at", "ends_at"})
        assert len(after["former_dates"]) - len(event["former_dates"]) == moved
        event = after


def told(event, name):
    return datetime.fromisoformat(event[name]) if name in ("starts_at", "ends_at") else event[name]
