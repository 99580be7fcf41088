"""`/v1/people` and `/v1/affiliations`: who they are, what they are to organisations, and what is refused."""

import logging
from datetime import date

import pytest
from sqlalchemy import select, text

from app.actors.people.models import Affiliation, Person
from app.core.journal import JournalEntry
from app.identity.models import AuditEntry
from tests import factories

FIRST = {"If-Match": '"1"'}
NAMED = {"first_name": "Zoé", "last_name": "Éluard"}


@pytest.fixture
async def territory(session):
    return await factories.a_territory(session)


@pytest.fixture
async def actor(session, territory):
    return await factories.an_actor(session, territory)


@pytest.fixture
def collectivite(client_for, territory):
    return client_for(factories.a_collectivite(territory))


@pytest.fixture
def club(client_for, actor):
    return client_for(factories.a_club_member(actor))


def body(territory, **fields) -> dict:
    return {**NAMED, "territory_id": str(territory.id), **fields}


def faults(answer) -> list[tuple[str, str]]:
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


async def test_a_person_is_answered_as_sent_and_at_their_own_address(territory, collectivite) -> None:
    sent = body(
        territory, job_title="Proviseure", email="zoe.eluard@example.org", phone="+33 1 99-00.12.34",
        agreed_to_contact_at="2026-01-02T10:00:00+01:00", agreed_how="Au forum",
    )  # fmt: skip
    made = await collectivite.post("/v1/people", json=sent)
    assert made.status_code == 201, made.text
    told = made.json()
    assert told["phone"] == "+33199001234"
    assert told["agreed_to_contact_at"] == "2026-01-02T09:00:00Z"
    assert told["is_demonstration"] is False
    opened = await collectivite.get(made.headers["Location"])
    assert (opened.json(), opened.headers["ETag"]) == (told, '"1"')


async def test_an_organisation_adds_people_of_its_own_and_no_others(territory, actor, club, session) -> None:
    own = [{"actor_id": str(actor.id), "role": "Gérante"}]
    assert (await club.post("/v1/people", json=body(territory, affiliations=own))).status_code == 201
    assert (await club.post("/v1/people", json=body(territory))).status_code == 403
    neighbour = await factories.an_actor(session, territory)
    others = [*own, {"actor_id": str(neighbour.id), "role": "Gérante"}]
    assert (await club.post("/v1/people", json=body(territory, affiliations=others))).status_code == 403
    assert len((await club.get("/v1/people")).json()["items"]) == 1


async def test_an_actor_of_another_territory_is_as_if_it_were_not(session, territory, actor, client_for) -> None:
    elsewhere = await factories.a_territory(session)
    stranger = await factories.an_actor(session, elsewhere)
    both = client_for(factories.a_collectivite(territory, elsewhere))
    affiliations = [{"actor_id": str(one.id), "role": "Contact"} for one in (actor, stranger)]
    refused = await both.post("/v1/people", json=body(territory, affiliations=affiliations))
    assert refused.status_code == 422
    assert faults(refused) == [("#/affiliations/1/actor_id", "unknown_reference")]
    person = await factories.a_person(session, territory)
    refused = await both.post(f"/v1/people/{person.id}/affiliations", json=affiliations[1])
    assert (refused.status_code, faults(refused)) == (422, [("#/actor_id", "unknown_reference")])


async def test_the_same_role_does_not_hold_twice_on_one_day(session, territory, actor, collectivite) -> None:
    person = await factories.a_person(session, territory)
    path = f"/v1/people/{person.id}/affiliations"
    role = {"actor_id": str(actor.id), "role": "Présidente"}
    first = await collectivite.post(path, json={**role, "valid_until": "2020-01-01"})
    assert first.status_code == 201
    assert (await collectivite.post(path, json={**role, "valid_from": "2020-01-01"})).status_code == 201
    again = await collectivite.post(path, json={**role, "valid_from": "2019-12-31", "valid_until": "2021-01-01"})
    assert (again.status_code, faults(again)) == (409, [("#/valid_from", "overlapping_periods")])
    longer = await collectivite.patch(first.headers["Location"], json={"valid_until": None}, headers=FIRST)
    assert (longer.status_code, faults(longer)) == (409, [("#/valid_from", "overlapping_periods")])
    assert len((await collectivite.get(path)).json()["items"]) == 2


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"phone": "01 99 00 12 34"}, "#/phone", "string_pattern_mismatch"),
        ({"email": "zoe at example"}, "#/email", "email"),
        ({"last_name": " "}, "#/last_name", "string_too_short"),
        ({"agreed_how": "Au forum"}, "#/agreed_how", "agreement"),
        ({"agreed_to_contact_at": "2026-01-02T10:00:00Z"}, "#/agreed_how", "agreement"),
        ({"is_demonstration": True}, "#/is_demonstration", "extra_forbidden"),
        ({"affiliations": [{"actor_id": "019a0000-0000-7000-8000-000000000000", "role": "X"}] * 2},
         "#/affiliations", "overlapping_periods"),
    ],
)  # fmt: skip
async def test_a_wrong_field_is_pointed_at_and_nothing_is_kept(
    territory, collectivite, fields: dict, pointer: str, code: str
) -> None:
    refused = await collectivite.post("/v1/people", json=body(territory, **fields))
    assert (refused.status_code, faults(refused)) == (422, [(pointer, code)])
    assert (await collectivite.get("/v1/people")).json()["items"] == []


async def test_people_are_listed_by_last_name_page_after_page(session, territory, collectivite) -> None:
    for last_name in ("Zola", "Éluard", "Abel"):
        await factories.a_person(session, territory, last_name=last_name)
    one = (await collectivite.get("/v1/people?limit=2")).json()
    two = (await collectivite.get("/v1/people", params={"limit": 2, "cursor": one["next"]})).json()
    assert [person["last_name"] for person in one["items"] + two["items"]] == ["Abel", "Éluard", "Zola"]
    assert two["next"] is None


async def test_filters_narrow_the_list(session, territory, actor, client_for) -> None:
    elsewhere = await factories.a_territory(session)
    zoe = await factories.a_person(session, territory, **NAMED, actors=(actor,))
    abel = await factories.a_person(session, elsewhere, last_name="Abel")
    client = client_for(factories.a_collectivite(territory, elsewhere))

    async def found(**query) -> list[str]:
        answer = await client.get("/v1/people", params=query)
        return [person["id"] for person in answer.json()["items"]]

    assert await found() == [str(abel.id), str(zoe.id)]
    assert await found(territory=elsewhere.slug) == [str(abel.id)]
    assert await found(actor=str(actor.id)) == [str(zoe.id)]
    assert await found(q="zoe eluard") == [str(zoe.id)]
    assert await found(updated_since="2900-01-01T00:00:00Z") == []


async def test_a_former_member_stays_in_their_organisations_sight(session, territory, actor, club) -> None:
    person = await factories.a_person(session, territory, actors=(actor,))
    person.affiliations[0].valid_until = date(2020, 1, 1)
    await session.commit()
    assert (await club.get(f"/v1/people/{person.id}")).status_code == 200
    for refused in (
        await club.patch(f"/v1/people/{person.id}", json={"phone": "+33199001234"}, headers=FIRST),
        await club.delete(f"/v1/people/{person.id}", headers=FIRST),
    ):
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-allowed")


async def test_an_organisation_sees_only_what_a_person_is_to_itself(session, territory, actor, club) -> None:
    neighbour = await factories.an_actor(session, territory)
    person = await factories.a_person(session, territory, actors=(actor, neighbour))
    told = (await club.get(f"/v1/people/{person.id}/affiliations")).json()["items"]
    assert [one["actor_id"] for one in told] == [str(actor.id)]


async def test_an_organisation_does_not_delete_a_person_of_another_too(session, territory, actor, club) -> None:
    neighbour = await factories.an_actor(session, territory)
    person = await factories.a_person(session, territory, actors=(actor, neighbour))
    refused = await club.delete(f"/v1/people/{person.id}", headers=FIRST)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/still-referenced")
    own = await factories.a_person(session, territory, actors=(actor,))
    assert (await club.delete(f"/v1/people/{own.id}", headers=FIRST)).status_code == 204
    assert await session.scalar(select(Affiliation.id).where(Affiliation.person_id == own.id)) is None


async def test_an_actor_that_has_people_is_not_deleted(session, territory, actor, collectivite) -> None:
    await factories.a_person(session, territory, actors=(actor,))
    assert (await collectivite.delete(f"/v1/actors/{actor.id}", headers=FIRST)).status_code == 409


async def test_a_change_of_what_one_has_not_read_is_refused(session, territory, collectivite) -> None:
    person = await factories.a_person(session, territory)
    path = f"/v1/people/{person.id}"
    changed = await collectivite.patch(path, json={"last_name": "Char"}, headers=FIRST)
    assert (changed.json()["last_name"], changed.headers["ETag"]) == ("Char", '"2"')
    assert (await collectivite.patch(path, json={"last_name": "Ponge"}, headers=FIRST)).status_code == 412
    assert (await collectivite.patch(path, json={"last_name": "Ponge"})).status_code == 428


async def test_every_reading_of_a_person_is_on_record(session, territory, collectivite) -> None:
    actor = await factories.an_actor(session, territory)
    person = await factories.a_person(session, territory, actors=(actor,))
    await collectivite.get(f"/v1/people/{person.id}")
    await collectivite.get(f"/v1/people/{person.id}/affiliations")
    await collectivite.get(f"/v1/affiliations/{person.affiliations[0].id}")
    await collectivite.get("/v1/people")
    lines = (await session.scalars(select(AuditEntry).order_by(AuditEntry.seq))).all()
    assert [(line.action, line.resource_id, line.detail) for line in lines[-4:]] == [
        ("get_person", person.id, None),
        ("list_affiliations", person.id, None),
        ("get_affiliation", person.id, None),
        ("list_people", None, "rows:1"),
    ]


async def test_nothing_personal_is_in_the_journal_the_trail_or_the_logs(
    session, territory, actor, collectivite, capfd, caplog
) -> None:
    caplog.set_level(logging.DEBUG)
    canary = {"email": "canary-4711@example.org", "phone": "+33199004711", "last_name": "Canary-4711"}
    affiliations = [{"actor_id": str(actor.id), "role": "Contact"}]
    made = await collectivite.post("/v1/people", json=body(territory, **canary, affiliations=affiliations))
    path = made.headers["Location"]
    wrong = {**canary, "agreed_how": "canary-4711"}  # refused by the database, whose words quote the row
    assert (await collectivite.patch(path, json=wrong, headers=FIRST)).status_code == 422
    assert (await collectivite.patch(path, json={"email": "canary-4712@example.org"}, headers=FIRST)).is_success
    await collectivite.get("/v1/people")
    assert (await collectivite.delete(path, headers={"If-Match": '"2"'})).status_code == 204
    entries = (await session.scalars(select(JournalEntry).where(JournalEntry.resource == "people"))).all()
    assert [(entry.action, entry.fields) for entry in entries] == [
        ("insert", []),
        ("update", ["email"]),
        ("delete", []),
    ]
    rows = [*await session.scalars(text("SELECT t::text FROM journal AS t"))]
    rows += await session.scalars(text("SELECT t::text FROM audit AS t"))
    captured = capfd.readouterr()
    said = "\n".join([*rows, caplog.text, captured.out, captured.err]).lower()
    assert "patch" in said
    assert "canary" not in said
    assert "4711" not in said


def test_every_column_that_tells_of_a_person_is_marked_personal() -> None:
    neutral = {"id", "territory_id", "is_demonstration", "created_at", "updated_at", "version"}
    assert {column.name for column in Person.__table__.columns if not column.info.get("personal")} == neutral
