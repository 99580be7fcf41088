"""Events of a working group: who ties them to it, and how they are found."""

from datetime import date, timedelta

import pytest

from app.dialogue.working_groups.models import LeadRole
from app.events.registrations.models import RegistrationStatus
from tests import factories
from tests.dialogue.conftest import codes
from tests.dialogue.factories import a_group, a_lead, a_member
from tests.events.registrations.factories import a_registration, some_minutes

EVENTS = "/v1/events"


@pytest.fixture
def body(territory, company):
    def make(group):
        return {
            "territory_id": str(territory.id), "kind": "working_group_session", "title": "Séance 1",
            "starts_at": "2027-03-12T18:30:00+01:00", "ends_at": "2027-03-12T20:00:00+01:00",
            "organiser_ids": [str(company.id)], "working_group_id": str(group.id),
        }  # fmt: skip

    return make


async def test_the_collectivite_ties_events_to_any_group_and_finds_them_by_it(session, territory, town, body) -> None:
    group = await a_group(session, territory)
    made = await town.post(EVENTS, json=body(group))
    assert made.status_code == 201, made.text
    assert made.json()["working_group_id"] == str(group.id)
    await factories.an_event(session, territory)
    rows = (await town.get(f"{EVENTS}?working_group={group.id}")).json()["items"]
    assert [row["id"] for row in rows] == [made.json()["id"]]


async def test_who_leads_a_group_holds_its_meetings_and_no_one_else(
    session, territory, company, member, body, ask
) -> None:
    others = await a_group(session, territory, published=True)
    mine = await a_group(session, territory, leads=(a_lead(LeadRole.COMPANY, company),))
    refused = await member.post(EVENTS, json=body(others))
    assert (refused.status_code, codes(refused)) == (422, [("#/working_group_id", "unknown_reference")])
    made = await member.post(EVENTS, json=body(mine))
    assert made.status_code == 201, made.text
    url = made.headers["Location"]
    assert (await ask(url, working_group_id=str(others.id))).status_code == 200
    kept = await ask(url, client=member, title="Autre titre", working_group_id=str(others.id))
    assert (kept.status_code, kept.json()["working_group_id"]) == (200, str(others.id))
    assert (await ask(url, client=member, working_group_id=None)).json()["working_group_id"] is None


async def test_a_group_of_elsewhere_has_no_meeting_here(session, territory, client_for, body) -> None:
    elsewhere = await factories.a_territory(session)
    both = client_for(factories.a_collectivite(territory, elsewhere))
    answer = await both.post(EVENTS, json=body(await a_group(session, elsewhere)))
    assert codes(answer) == [("#/working_group_id", "unknown_reference")]


async def test_a_whole_group_is_invited_in_one_call_and_no_one_twice(session, territory, company, town, ask) -> None:
    group, event = await a_group(session, territory), await factories.an_event(session, territory)
    new, listed, left, cancelled = [await factories.a_person(session, territory) for _ in range(4)]
    for person in (new, listed, cancelled):
        await a_member(session, group, person, company)
    await a_member(session, group, left, company, valid_until=date(2013, 6, 20))
    await a_registration(session, event, person=listed)
    await a_registration(session, event, person=cancelled, status=RegistrationStatus.CANCELLED)
    url = f"/v1/working-groups/{group.id}"
    told = await ask(url, "invite-members", event_id=str(event.id))
    assert (told.status_code, told.json()) == (200, {"event_id": str(event.id), "invited": 1, "listed_before": 2})
    rows = (await town.get(f"/v1/registrations?event={event.id}&status=invited")).json()["items"]
    assert [(row["person"]["id"], row["actor"]["id"]) for row in rows] == [(str(new.id), str(company.id))]
    assert (await ask(url, "invite-members", event_id=str(event.id))).json()["invited"] == 0


async def test_no_one_is_invited_to_what_is_closed_or_elsewhere(session, territory, company, ask, member) -> None:
    group = await a_group(session, territory, published=True)
    held = await factories.an_event(session, territory, starts_in=timedelta(hours=-3))
    await some_minutes(session, held, closed=True)
    url = f"/v1/working-groups/{group.id}"
    closed = await ask(url, "invite-members", event_id=str(held.id))
    assert (closed.status_code, codes(closed)) == (409, [("#/event_id", "meeting_closed")])
    abroad = await factories.an_event(session, await factories.a_territory(session), published=True)
    assert codes(await ask(url, "invite-members", event_id=str(abroad.id))) == [("#/event_id", "unknown_reference")]
    refused = await ask(url, "invite-members", client=member, event_id=str(held.id))
    assert codes(refused) == [("#", "collectivite_only")]
