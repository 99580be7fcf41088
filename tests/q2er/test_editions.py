"""Editions and their sequences: how they are prepared, opened, closed and shown."""

from itertools import product

import pytest

from app.actors.models import ActorKind
from app.events.models import EventKind, EventStatus
from app.events.registrations.models import Attendance
from app.q2er.editions.models import EditionState
from tests import factories
from tests.events.registrations.factories import a_registration
from tests.permissions.q2er import IN_AUTUMN
from tests.q2er.factories import a_class, a_sequence, an_edition

EDITIONS, SEQUENCES, CLASSES = "/v1/q2er/editions", "/v1/q2er/sequences", "/v1/q2er/classes"
ANY = {"If-Match": "*"}


def faults(answer) -> list[tuple[str, str]]:
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


@pytest.fixture
async def programme(session, territory):
    return await factories.a_programme(session, territory)


@pytest.fixture
async def edition(session, territory, school, programme):
    return await an_edition(session, territory, programme=programme, schools=(school,))


async def a_session(session, sequence, **traits):
    territory = await session.get_one(factories.Territory, sequence.territory_id)
    values = {"starts_at": IN_AUTUMN, "kind": EventKind.SCHOOL_TALK, "sequence_id": sequence.id, **traits}
    return await factories.an_event(session, territory, **values)


async def test_a_referent_prepares_an_edition_for_their_school_and_its_number_is_counted(
    session, territory, school, programme, referent
):
    for year in ("2014-2015", "2015-2016", "2018-2019"):
        await an_edition(session, territory, programme=programme, school_year=year)
    body = {"programme_id": str(programme.id), "school_year": "2016-2017", "school_ids": [str(school.id)]}
    made = await referent.post(EDITIONS, json=body | {"theme": "Entreprise et Citoyenneté"})
    assert made.status_code == 201, made.text
    row = made.json()
    assert (row["number"], row["state"], row["theme"]) == (3, "preparing", "Entreprise et Citoyenneté")
    assert [one["name"] for one in row["schools"]] == ["Lycée Robert Schuman"]
    assert row["allowed_actions"] == ["edit", "delete", "reorder", "open"]
    again = await referent.post(EDITIONS, json=body)
    assert (again.status_code, faults(again)) == (409, [("#/school_year", "edition_exists")])


@pytest.mark.parametrize("school_year", ["2016-2018", "2016", "2016/2017", "1789-1790"])
async def test_a_school_year_is_two_years_that_follow(collectivite, programme, school_year):
    answer = await collectivite.post(EDITIONS, json={"programme_id": str(programme.id), "school_year": school_year})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/school_year"


async def test_an_edition_is_for_schools(session, territory, edition, collectivite):
    company = await factories.an_actor(session, territory, kind=ActorKind.COMPANY)
    answer = await collectivite.patch(f"{EDITIONS}/{edition.id}", json={"school_ids": [str(company.id)]}, headers=ANY)
    assert (answer.status_code, faults(answer)) == (422, [("#/school_ids/0", "unknown_reference")])


async def test_an_edition_opens_once_every_sequence_has_a_session_that_stands(session, edition, referent):
    url = f"{EDITIONS}/{edition.id}:open"
    answer = await referent.post(url, headers=ANY)
    assert (answer.status_code, faults(answer)) == (409, [("#", "edition_without_sequence")])
    sequences = [await a_sequence(session, edition, position=place) for place in (1, 2, 3)]
    await a_session(session, sequences[0])
    await a_session(session, sequences[1], status=EventStatus.CANCELLED)
    answer = await referent.post(url, headers=ANY)
    assert [error["message"][:11] for error in answer.json()["errors"]] == ["La séquence"] * 2
    assert [error["message"].split()[2] for error in answer.json()["errors"]] == ["2", "3"]
    for sequence in sequences[1:]:
        await a_session(session, sequence)
    answer = await referent.post(url, headers=ANY)
    assert (answer.status_code, answer.json()["state"]) == (200, "running")


async def test_an_edition_closes_once_its_sessions_are_over_and_their_attendance_noted(
    session, territory, edition, referent
):
    edition.state = EditionState.RUNNING
    await session.commit()
    sequence = await a_sequence(session, edition)
    held = await a_session(session, sequence, title="Visite")
    await a_session(session, sequence, kind=EventKind.INTERNSHIP_PERIOD, title="Stages")
    url = f"{EDITIONS}/{edition.id}:close"
    answer = await referent.post(url, headers=ANY)
    assert (answer.status_code, faults(answer)) == (409, [("#", "session_without_attendance")])
    assert "Visite" in answer.json()["errors"][0]["message"]
    await a_registration(
        session, held, actor=await factories.an_actor(session, territory), attendance=Attendance.ATTENDED
    )
    closed = await referent.post(url, headers=ANY)
    assert (closed.status_code, closed.json()["state"]) == (200, "closed")
    body = {"edition_id": str(edition.id), "kind": "closing", "title": "Clôture"}
    assert (await referent.post(SEQUENCES, json=body)).status_code == 409
    assert (await referent.delete(f"{SEQUENCES}/{sequence.id}", headers=ANY)).status_code == 409


@pytest.mark.parametrize(("state", "verb"), list(product(EditionState, ("open", "close"))))
async def test_each_verb_leads_from_one_state_and_says_why_not_from_the_others(session, edition, referent, state, verb):
    edition.state = state
    await session.commit()
    await a_session(session, await a_sequence(session, edition), kind=EventKind.INTERNSHIP_PERIOD)
    told = (await referent.get(f"{EDITIONS}/{edition.id}")).json()["allowed_actions"]
    answer = await referent.post(f"{EDITIONS}/{edition.id}:{verb}", headers=ANY)
    is_possible = (state, verb) in {(EditionState.PREPARING, "open"), (EditionState.RUNNING, "close")}
    assert (answer.status_code, verb in told) == ((200, True) if is_possible else (409, False))


async def test_sequences_are_put_in_order_in_one_call_and_leave_no_gap(session, edition, referent):
    titles = ("Visites", "Interventions", "Formation")
    body = {"edition_id": str(edition.id), "kind": "company_in_school"}
    ids = [(await referent.post(SEQUENCES, json=body | {"title": title})).json()["id"] for title in titles]
    url = f"{EDITIONS}/{edition.id}:reorder"
    for wrong in (ids[:2], [*ids, ids[0]], []):
        answer = await referent.post(url, json={"sequence_ids": wrong}, headers=ANY)
        assert (answer.status_code, faults(answer)) == (422, [("#/sequence_ids", "not_all_sequences")])
    version = (await referent.get(f"{EDITIONS}/{edition.id}")).json()["version"]
    answer = await referent.post(url, json={"sequence_ids": [ids[2], ids[0], ids[1]]}, headers=ANY)
    assert (answer.status_code, answer.json()["version"] > version) == (200, True)
    assert (await referent.delete(f"{SEQUENCES}/{ids[0]}", headers=ANY)).status_code == 204
    left = (await referent.get(SEQUENCES, params={"edition": str(edition.id)})).json()["items"]
    assert [(row["position"], row["title"]) for row in left] == [(1, "Formation"), (2, "Interventions")]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"starts_on": "2016-08-31"}, ("#/starts_on", "outside_school_year")),
        ({"ends_on": "2017-09-01"}, ("#/starts_on", "outside_school_year")),
        ({"starts_on": "2016-11-02", "ends_on": "2016-11-01"}, ("#/ends_on", "dates_reversed")),
    ],
)
async def test_the_period_of_a_sequence_lies_in_the_school_year(edition, referent, fields, fault):
    body = {"edition_id": str(edition.id), "kind": "internships", "title": "Stages", **fields}
    answer = await referent.post(SEQUENCES, json=body)
    assert (answer.status_code, faults(answer)) == (422, [fault])


async def test_a_session_is_an_event_of_the_school_year_that_names_its_sequence(
    session, territory, school, edition, referent
):
    sequence = await a_sequence(session, edition)
    body = {
        "territory_id": str(territory.id), "kind": "school_talk", "title": "C’est quoi l’entreprise ?",
        "starts_at": "2016-10-11T10:00:00+02:00", "ends_at": "2016-10-11T12:00:00+02:00",
        "organiser_ids": [str(school.id)], "sequence_id": str(sequence.id),
    }  # fmt: skip
    made = await referent.post("/v1/events", json=body)
    assert (made.status_code, made.json()["sequence_id"]) == (201, str(sequence.id))
    listed = (await referent.get("/v1/events", params={"sequence": str(sequence.id)})).json()["items"]
    assert [row["id"] for row in listed] == [made.json()["id"]]
    late = {"starts_at": "2017-09-01T10:00:00+02:00", "ends_at": "2017-09-01T12:00:00+02:00"}
    moved = await referent.patch(made.headers["Location"], json=late, headers=ANY)
    assert (moved.status_code, faults(moved)) == (422, [("#", "session_outside_school_year")])
    assert (await referent.delete(f"{SEQUENCES}/{sequence.id}", headers=ANY)).status_code == 409
    elsewhere = await a_sequence(session, await an_edition(session, territory, school_year="2017-2018", published=True))
    stolen = await referent.patch(made.headers["Location"], json={"sequence_id": str(elsewhere.id)}, headers=ANY)
    assert (stolen.status_code, faults(stolen)) == (422, [("#/sequence_id", "unknown_reference")])
    edition.state = EditionState.CLOSED
    await session.commit()
    another = await referent.post("/v1/events", json=body)
    assert (another.status_code, faults(another)) == (422, [("#/sequence_id", "edition_closed")])


async def test_a_club_member_sees_an_edition_once_it_is_published_or_running(session, territory, edition, client_for):
    member = client_for(factories.a_club_member(await factories.an_actor(session, territory)))
    sequence = await a_sequence(session, edition)
    assert (await member.get(f"{SEQUENCES}/{sequence.id}")).status_code == 404
    edition.state = EditionState.RUNNING
    await session.commit()
    assert (await member.get(f"{SEQUENCES}/{sequence.id}")).status_code == 200
    assert (await member.get(f"{EDITIONS}/{edition.id}")).json()["allowed_actions"] == []


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"headcount": None}, "#/headcount"),
        ({"headcount": 0}, "#/headcount"),
        ({"girls": 20, "boys": 13}, "#/headcount"),
        ({"school_year": "2016-2018"}, "#/school_year"),
    ],
)
async def test_a_class_has_a_head_count(school, referent, fields, fault):
    body = {"school_id": str(school.id), "school_year": "2016-2017", "name": "2nde 4", "level": "2nde", "headcount": 32}
    answer = await referent.post(CLASSES, json={k: v for k, v in (body | fields).items() if v is not None})
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, [fault])


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ((32, 17, 15), (32, 17, 15, False)),
        ((32, 28, 4), (32, None, None, True)),
        ((32, 28, None), (32, None, None, True)),
        ((30, 15, None), (30, 15, None, False)),
        ((4, None, None), (None, None, None, True)),
    ],
)
async def test_counts_of_very_few_pupils_are_for_their_school(session, school, referent, collectivite, counts, told):
    headcount, girls, boys = counts
    row = await a_class(session, school, headcount=headcount, girls=girls, boys=boys)

    async def seen_by(client):
        answer = (await client.get(f"{CLASSES}/{row.id}")).json()
        return tuple(answer[name] for name in ("headcount", "girls", "boys", "suppressed"))

    assert await seen_by(referent) == (*counts, False)
    assert await seen_by(collectivite) == told


async def test_sequences_are_found_by_whom_they_are_for(session, edition, collectivite):
    both = await a_sequence(session, edition, audience=["teachers", "leaders"])
    pupils = await a_sequence(session, edition, audience=["pupils"])
    for audience, sequence in (("teachers", both), ("leaders", both), ("pupils", pupils)):
        answer = await collectivite.get(f"{SEQUENCES}?audience={audience}")
        assert [row["id"] for row in answer.json()["items"]] == [str(sequence.id)], answer.text
