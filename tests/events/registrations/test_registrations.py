"""Who is put on the list of an event, as what, and what is refused."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.core.journal import JournalEntry
from app.events.models import EventStatus, RegistrationMode
from tests import factories
from tests.events.asking import codes
from tests.events.registrations.factories import a_registration, an_open_event, some_minutes

NOBODY = "019a0000-0000-7000-8000-000000000000"
PAST = timedelta(hours=-3)


async def test_a_person_on_behalf_of_an_actor_is_answered_at_their_own_address(
    session, territory, event, company, town
) -> None:
    person = await factories.a_person(session, territory, actors=(company,))
    ids = {"event_id": str(event.id), "person_id": str(person.id), "actor_id": str(company.id)}
    made = await town.post("/v1/registrations", json={**ids, "external_ids": [{"source": "crm", "id": "7"}]})
    assert made.status_code == 201, made.text
    told = made.json()
    assert told["event"]["id"] == str(event.id)
    assert told["event"]["starts_at"].endswith(("+01:00", "+02:00"))
    assert told["person"] == {"id": str(person.id), "first_name": person.first_name, "last_name": person.last_name}
    assert told["actor"] == {"id": str(company.id), "name": company.name, "kind": "company"}
    assert (told["status"], told["waitlist_position"], told["attendance"]) == ("registered", None, "unknown")
    assert told["external_ids"] == [{"source": "crm", "id": "7"}]
    read = await town.get(made.headers["Location"])
    assert (read.json(), read.headers["ETag"]) == (told, '"1"')


async def test_an_actor_may_be_on_the_list_before_it_names_anyone(event, company, town, sign_up) -> None:
    told = (await sign_up(event, actor_id=company.id)).json()
    assert (told["person"], told["actor"]["id"]) == (None, str(company.id))


async def test_one_is_on_the_list_once_until_one_cancels(session, territory, event, company, sign_up, act) -> None:
    person = await factories.a_person(session, territory, actors=(company,))
    other = await factories.a_person(session, territory, actors=(company,))
    first = await sign_up(event, person_id=person.id, actor_id=company.id)
    again = await sign_up(event, person_id=person.id)
    assert (again.status_code, codes(again)) == (409, [("#/person_id", "already_registered")])
    assert (await sign_up(event, person_id=other.id, actor_id=company.id)).status_code == 201
    alone = await sign_up(event, actor_id=company.id)
    assert alone.status_code == 201  # the actor itself, beside its people
    again = await sign_up(event, actor_id=company.id, status="invited")
    assert (again.status_code, codes(again)) == (409, [("#/actor_id", "already_registered")])
    assert (await act(first.json(), "cancel")).json()["status"] == "cancelled"
    assert (await sign_up(event, person_id=person.id)).status_code == 201


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({}, "#", "someone"),
        ({"person_id": None, "actor_id": None}, "#", "someone"),
        ({"actor_id": NOBODY}, "#/actor_id", "unknown_reference"),
        ({"person_id": NOBODY}, "#/person_id", "unknown_reference"),
        ({"actor_id": NOBODY, "status": "waitlisted"}, "#/status", "enum"),
        ({"actor_id": NOBODY, "attendance": "attended"}, "#/attendance", "extra_forbidden"),
        ({"actor_id": NOBODY, "event_id": NOBODY}, "#/event_id", "unknown_reference"),
    ],
)
async def test_a_wrong_field_is_pointed_at(town, event, fields, pointer: str, code: str) -> None:
    refused = await town.post("/v1/registrations", json={"event_id": str(event.id), **fields})
    assert (refused.status_code, codes(refused)) == (422, [(pointer, code)])


async def test_people_and_actors_of_another_territory_are_as_if_they_were_not(
    session, territory, event, client_for
) -> None:
    elsewhere = await factories.a_territory(session)
    stranger = await factories.an_actor(session, elsewhere)
    foreigner = await factories.a_person(session, elsewhere, actors=(stranger,))
    both = client_for(factories.a_collectivite(territory, elsewhere))
    sent = {"event_id": str(event.id), "person_id": str(foreigner.id), "actor_id": str(stranger.id)}
    refused = await both.post("/v1/registrations", json=sent)
    assert refused.status_code == 422
    assert codes(refused) == [("#/person_id", "unknown_reference")]
    refused = await both.post("/v1/registrations", json={**sent, "person_id": None})
    assert codes(refused) == [("#/actor_id", "unknown_reference")]


CLOSED_TO_ALL = {
    "no sign-ups": ({"registration_mode": RegistrationMode.NONE}, "no_sign_up_here"),
    "elsewhere": (
        {"registration_mode": RegistrationMode.EXTERNAL, "registration_url": "https://example.org/"},
        "no_sign_up_here",
    ),
    "cancelled": ({"status": EventStatus.CANCELLED}, "event_called_off"),
    "postponed": ({"status": EventStatus.POSTPONED}, "event_called_off"),
}
CLOSED_TO_OTHERS = {
    "over": ({"starts_in": PAST}, "event_over"),
    "draft": ({"published": False}, "event_not_announced"),
}


@pytest.mark.parametrize("kind", [*CLOSED_TO_ALL, *CLOSED_TO_OTHERS])
async def test_one_signs_up_only_where_and_when_the_event_takes_sign_ups(
    session, territory, company, club, sign_up, kind
) -> None:
    traits, code = {**CLOSED_TO_ALL, **CLOSED_TO_OTHERS}[kind]
    event = await an_open_event(session, territory, organisers=(company,), **traits)
    refused = await sign_up(event, club, actor_id=company.id)
    assert (refused.status_code, codes(refused)) == (409, [("#/event_id", code)])
    hosted = await sign_up(event)
    if kind in CLOSED_TO_OTHERS:
        assert hosted.status_code == 201  # on paper, or in advance
    else:
        assert (hosted.status_code, codes(hosted)) == (409, [("#/event_id", code)])
    assert (await sign_up(event, status="invited")).status_code == 201


async def test_nobody_is_added_to_the_list_of_a_closed_meeting(session, territory, sign_up) -> None:
    event = await an_open_event(session, territory, starts_in=PAST)
    await some_minutes(session, event, closed=True)
    for status in ("invited", "registered"):
        refused = await sign_up(event, status=status)
        assert (refused.status_code, codes(refused)) == (409, [("#/event_id", "meeting_closed")])


async def test_only_the_collectivite_invites(event, company, club, sign_up, act) -> None:
    refused = await sign_up(event, club, actor_id=company.id, status="invited")
    assert (refused.status_code, codes(refused)) == (403, [("#/status", "hosts_only")])
    invited = (await sign_up(event, actor_id=company.id, status="invited")).json()
    declined = (await act(invited, "decline", club)).json()
    assert (declined["status"], declined["allowed_actions"]) == ("declined", ["register"])
    assert (await act(declined, "register", club)).json()["status"] == "registered"


async def test_an_organisation_signs_up_itself_and_its_people_and_nobody_else(
    session, territory, event, company, club, sign_up
) -> None:
    neighbour = await factories.an_actor(session, territory)
    mine = await factories.a_person(session, territory, actors=(company,))
    theirs = await factories.a_person(session, territory, actors=(neighbour,))
    assert (await sign_up(event, club, actor_id=company.id)).status_code == 201
    assert (await sign_up(event, club, person_id=mine.id, actor_id=company.id)).status_code == 201
    refused = await sign_up(event, club, actor_id=neighbour.id)
    assert (refused.status_code, codes(refused)) == (403, [("#/actor_id", "not_yours_to_sign_up")])
    refused = await sign_up(event, club, person_id=theirs.id, actor_id=company.id)
    assert (refused.status_code, codes(refused)) == (422, [("#/person_id", "unknown_reference")])
    refused = await sign_up(event, club, person_id=mine.id, actor_id=neighbour.id)
    assert refused.status_code == 403
    gone = await factories.a_person(session, territory, actors=(company,))
    gone.affiliations[0].valid_until = date(2020, 1, 1)
    await session.commit()
    refused = await sign_up(event, club, person_id=gone.id)
    assert (refused.status_code, codes(refused)) == (403, [("#/person_id", "not_yours_to_sign_up")])


async def test_a_partner_system_signs_up_the_actors_it_named_under_its_source(
    session, territory, event, client_for, sign_up
) -> None:
    from app.actors.models import ActorExternalId

    named = await factories.an_actor(session, territory)
    session.add(ActorExternalId(actor_id=named.id, territory_id=territory.id, source="partner-system", id="1"))
    await session.commit()
    partner = client_for(factories.a_partner(territory))
    own = [{"source": "partner-system", "id": "r1"}]
    assert (await sign_up(event, partner, actor_id=named.id)).status_code == 403
    assert (await sign_up(event, partner, external_ids=own)).status_code == 403
    foreign = await sign_up(event, partner, actor_id=named.id, external_ids=[{"source": "crm", "id": "r1"}])
    assert codes(foreign) == [("#/external_ids/0/source", "foreign_source")]
    made = await sign_up(event, partner, actor_id=named.id, external_ids=own)
    assert made.status_code == 201, made.text
    again = await sign_up(event, external_ids=own)
    assert (again.status_code, codes(again)) == (409, [("#/external_ids", "already_exists")])


async def test_the_same_key_signs_up_once_and_every_change_is_on_the_journal_without_a_name(
    session, territory, event, company, town
) -> None:
    person = await factories.a_person(session, territory, actors=(company,))
    sent = {"event_id": str(event.id), "person_id": str(person.id)}
    one, two = [await town.post("/v1/registrations", json=sent, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert one.json() == two.json()
    entries = select(JournalEntry).where(JournalEntry.resource == "registrations")
    entry = (await session.scalars(entries)).one()
    assert (entry.action, entry.fields, str(entry.resource_id)) == ("insert", [], one.json()["id"])


async def test_registrations_are_listed_page_after_page_and_narrowed(
    session, territory, event, company, town, client_for
) -> None:
    other = await an_open_event(session, territory, starts_in=PAST)
    elsewhere = await factories.a_territory(session)
    person = await factories.a_person(session, territory, actors=(company,))
    rows = [
        await a_registration(session, event, actor=company),
        await a_registration(session, event, person=person, status="invited"),
        await a_registration(session, other, actor=company, attendance="attended"),
    ]
    await a_registration(
        session, await an_open_event(session, elsewhere), actor=await factories.an_actor(session, elsewhere)
    )
    ids = [str(row.id) for row in rows]

    async def listed(query: str = "") -> list[int]:
        answer = await town.get(f"/v1/registrations?{query}")
        assert answer.status_code == 200, answer.text
        return [ids.index(row["id"]) for row in answer.json()["items"]]

    assert await listed() == [0, 1, 2]
    assert await listed(f"event={event.id}") == [0, 1]
    assert await listed(f"actor={company.id}") == [0, 2]
    assert await listed(f"person={person.id}") == [1]
    assert await listed("status=invited") == [1]
    assert await listed("attendance=attended") == [2]
    assert await listed(f"territory={territory.slug}") == [0, 1, 2]
    first = (await town.get("/v1/registrations?limit=2")).json()
    second = (await town.get(f"/v1/registrations?limit=2&cursor={first['next']}")).json()
    assert [row["id"] for row in first["items"] + second["items"]] == ids


async def test_what_others_need_is_not_deleted(session, territory, event, company, town, sign_up) -> None:
    person = await factories.a_person(session, territory, actors=(company,))
    made = await sign_up(event, person_id=person.id, actor_id=company.id)
    for path in (f"/v1/events/{event.id}", f"/v1/people/{person.id}", f"/v1/actors/{company.id}"):
        answer = await town.delete(path, headers={"If-Match": "*"})
        assert answer.status_code == 409, path
    assert (await town.delete(made.headers["Location"], headers={"If-Match": '"1"'})).status_code == 204
    assert (await town.delete(f"/v1/events/{event.id}", headers={"If-Match": "*"})).status_code == 204
