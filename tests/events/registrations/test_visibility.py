"""Who sees which registrations, whose names, and which counts."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.events.models import Audience
from app.identity.models import AuditEntry
from tests import factories
from tests.events.registrations.factories import a_registration, an_open_event

TOMORROW = clock.now() + timedelta(days=1)


@pytest.fixture
async def lists(session, territory, company):
    """The lists of events of all kinds, on each the company, its person, a neighbour and the neighbour's person."""
    neighbour = await factories.an_actor(session, territory)
    mine = await factories.a_person(session, territory, actors=(company,))
    theirs = await factories.a_person(session, territory, actors=(neighbour,))
    who = {
        "own": {"actor": company},
        "own person": {"person": mine},
        "own, by theirs": {"actor": company, "person": theirs},
        "neighbour": {"actor": neighbour, "sources": ("partner-system",)},
        "their person": {"person": theirs},
        "theirs, by mine": {"actor": neighbour, "person": mine},
    }
    kinds = {
        "public": {},
        "internal": {"audience": Audience.INTERNAL},
        "embargo": {"published_at": TOMORROW, "publish_at": TOMORROW},
        "draft": {"published": False},
    }
    rows = {}
    for kind, traits in kinds.items():
        event = await an_open_event(session, territory, **traits)
        for name, one in who.items():
            is_second = name in ("own, by theirs", "theirs, by mine")
            on = await an_open_event(session, territory, **traits) if is_second else event
            rows[f"{kind}: {name}"] = await a_registration(session, on, **one)
    return rows


SEEN = {
    "collectivité": lambda kind, who: True,
    "club": lambda kind, who: kind in ("public", "internal") and who.startswith("own"),
    "referent": lambda kind, who: kind in ("public", "internal") and who.startswith("own"),
    "partner": lambda kind, who: who == "neighbour",
    "operator": lambda kind, who: False,
}


@pytest.mark.parametrize("role", SEEN)
async def test_each_sees_their_own_and_only_names_of_their_people(
    session, territory, company, lists, client_for, role
) -> None:
    caller = {
        "collectivité": factories.a_collectivite(territory),
        "club": factories.a_club_member(company),
        "referent": factories.a_referent(company),
        "partner": factories.a_partner(territory),
        "operator": factories.an_operator(territory_ids=frozenset({territory.id})),
    }[role]
    client = client_for(caller)
    listed = {row["id"]: row for row in (await client.get("/v1/registrations?limit=200")).json()["items"]}
    expected = {name for name in lists if SEEN[role](*name.split(": "))}
    assert {name for name, row in lists.items() if str(row.id) in listed} == expected
    for name, row in lists.items():
        answer = await client.get(f"/v1/registrations/{row.id}")
        assert answer.status_code == (200 if name in expected else 404), name
        if name in expected:
            assert answer.json() == listed[str(row.id)]
            is_named = row.person_id and (role == "collectivité" or "own person" in name)
            assert bool(answer.json()["person"]) == bool(is_named), name


async def test_who_is_asked_to_an_internal_event_sees_it(session, territory, company, club, client_for) -> None:
    internal = await an_open_event(session, territory, audience=Audience.INTERNAL)
    draft = await an_open_event(session, territory, published=False)
    other = await an_open_event(session, territory, audience=Audience.INTERNAL)
    gone = await an_open_event(session, territory, audience=Audience.INTERNAL)
    for event in (internal, draft):
        await a_registration(session, event, actor=company, status="invited")
    await a_registration(session, gone, actor=company, status="cancelled")
    assert [row["id"] for row in (await club.get("/v1/events")).json()["items"]] == [str(internal.id)]
    assert (await club.get(f"/v1/events/{internal.id}")).status_code == 200
    for event in (draft, other, gone):
        assert (await club.get(f"/v1/events/{event.id}")).status_code == 404


async def test_organisations_are_told_how_many_unless_they_are_few(session, territory, event, club) -> None:
    async def counts() -> dict:
        return (await club.get(f"/v1/events/{event.id}/registration-counts")).json()

    for number in range(1, 6):
        await a_registration(session, event, actor=await factories.an_actor(session, territory))
        await a_registration(session, event, actor=await factories.an_actor(session, territory), status="declined")
        told = await counts()
        assert told["registered"] == (number if number >= 5 else None)
        assert (told["declined"], told["suppressed"]) == (None, True)


async def test_who_reads_names_is_on_the_audit_trail(session, territory, event, company, town, club) -> None:
    person = await factories.a_person(session, territory, actors=(company,))
    row = await a_registration(session, event, person=person)
    await a_registration(session, event, actor=company)
    await town.get("/v1/registrations")
    await club.get(f"/v1/registrations/{row.id}")
    await club.get("/v1/registrations?status=invited")  # nobody
    lines = select(AuditEntry).where(AuditEntry.resource == "registrations").order_by(AuditEntry.at)
    said = [(line.action, line.detail, line.resource_id) for line in await session.scalars(lines)]
    assert said == [("list_registrations", "rows:1", row.id), ("get_registration", "rows:1", row.id)]
