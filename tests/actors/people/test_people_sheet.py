"""People as a spreadsheet: with what they are to organisations, and seen by few."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from app.actors.people.models import Affiliation, Person
from app.core.journal import JournalEntry
from app.identity.models import AuditEntry
from tests import factories
from tests.permissions.world import a_world
from tests.spreadsheets import CSV, XLSX, a_csv, an_xlsx, apply, column, lines_of, take_in

IMPORT = "/v1/people:import"


@pytest.fixture
async def territory(session):
    return await factories.a_territory(session)


@pytest.fixture
def collectivite(client_for, territory):
    return client_for(factories.a_collectivite(territory))


@pytest.fixture
async def club(session, territory):
    return await factories.an_actor(session, territory, name="Club | Agir", siret="21940018100018", siren="219400181")


@pytest.fixture
async def person(session, territory, club):
    row = await factories.a_person(
        session, territory, actors=(club,), role="Présidente", first_name="Zoé", last_name="Œuvrard",
        email="zoe@club.example", phone="+33199001234", agreed_how="Courriel",
        agreed_to_contact_at=datetime(2026, 10, 25, 1, 30, 15, 250, tzinfo=UTC),
    )  # fmt: skip
    row.affiliations[0].valid_from = date(2014, 9, 1)
    await session.commit()
    return row


@pytest.mark.parametrize("media_type", [CSV, XLSX])
async def test_what_is_exported_imports_as_unchanged(collectivite, person, media_type) -> None:
    """Even an hour that comes twice, when the clocks go back."""
    exported = await collectivite.get("/v1/people", headers={"Accept": media_type})
    lines = lines_of(exported)
    assert lines[1][column(lines, "Affiliations")] == r"Présidente | Club \| Agir [21940018100018] | 2014-09-01"
    told = (await take_in(collectivite, IMPORT, exported.content, media_type)).json()
    assert (told["counts"]["unchanged"], told["rows"][0]["errors"]) == (1, []), told


async def test_an_edited_workbook_writes_the_person_and_what_they_are(
    session, territory, collectivite, club, person
) -> None:
    school = await factories.a_school(session, territory)
    lines = lines_of(await collectivite.get("/v1/people?format=xlsx"))
    lines[1][column(lines, "Fonction")] = "Directrice"
    cell = column(lines, "Affiliations")
    lines[1][cell] = f"Présidente | 21940018100018 | 01/09/2014 | 31/08/2016\nMarraine | {school.name}"
    lines.append(
        [None, None, None, "Martin", "Camille", None, "c@club.example", None, None, None, r"Membre | club \| AGIR"]
    )
    answer = await apply(collectivite, IMPORT, an_xlsx(lines), XLSX)
    assert answer.status_code == 200, answer.text
    assert answer.json()["counts"] == {"create": 1, "update": 1, "unchanged": 0, "conflict": 0, "reject": 0}
    ids = {row["action"]: row["id"] for row in answer.json()["rows"]}
    held = (await collectivite.get(f"/v1/people/{person.id}/affiliations")).json()["items"]
    told = {(row["role"], row["actor_id"], row["valid_from"], row["valid_until"]) for row in held}
    assert told == {
        ("Présidente", str(club.id), "2014-09-01", "2016-08-31"), ("Marraine", str(school.id), None, None),
    }  # fmt: skip
    assert (await collectivite.get(f"/v1/people/{person.id}")).json()["job_title"] == "Directrice"
    held = (await collectivite.get(f"/v1/people/{ids['create']}/affiliations")).json()["items"]
    assert [(row["role"], row["actor_id"]) for row in held] == [("Membre", str(club.id))]
    again = await apply(collectivite, IMPORT, an_xlsx(lines), XLSX)
    assert again.json()["counts"]["unchanged"] == 2, again.text
    noted = (await session.scalars(select(JournalEntry).where(JournalEntry.caller != "test"))).all()
    assert sorted((entry.resource, entry.action, *entry.fields) for entry in noted) == [
        ("affiliations", "insert"), ("affiliations", "insert"), ("affiliations", "update", "valid_until"),
        ("people", "insert"), ("people", "update", "job_title"),
    ]  # fmt: skip


async def test_an_affiliation_taken_out_of_the_cell_stays(session, collectivite, person) -> None:
    file = a_csv([["prénom", "nom", "affiliations"], ["Zoé", "Œuvrard", ""]])
    assert (await apply(collectivite, IMPORT, file)).json()["counts"]["unchanged"] == 1
    assert (await session.scalars(select(Affiliation.role))).all() == ["Présidente"]


async def test_an_address_tells_two_of_the_same_name_apart(session, territory, collectivite, person) -> None:
    file = a_csv([["prénom", "nom", "mél"], ["Zoé", "Œuvrard", "zoe@ailleurs.example"], ["Zoé", "Œuvrard", ""]])
    told = (await take_in(collectivite, IMPORT, file)).json()
    assert [row["action"] for row in told["rows"]] == ["create", "reject"]
    assert [e["code"] for e in told["rows"][1]["errors"]] == ["ambiguous_row"]


async def test_bad_cells_are_told_without_a_value_of_anyone(collectivite, person) -> None:
    headings = ["prénom", "nom", "courriel", "téléphone", "accord de contact le", "affiliations"]
    line = ["Ada", "Secrète", "pas une adresse", "01 99", "hier", "Présidente"]
    told = (await take_in(collectivite, IMPORT, a_csv([headings, line]))).json()
    errors = told["rows"][0]["errors"]
    assert {(e["column"], e["code"]) for e in errors} == {
        ("email", "email"), ("phone", "string_pattern_mismatch"), ("agreed_to_contact_at", "datetime_parsing"),
        ("affiliations", "affiliation"),
    }  # fmt: skip
    refused = await take_in(collectivite, IMPORT, a_csv([headings, line]), mode="apply", digest=told["digest"])
    assert refused.status_code == 422
    assert "Secr" not in refused.text


@pytest.mark.parametrize(
    ("role", "own", "neighbour"),
    [("staff", "update", "update"), ("referent", "update", "reject"), ("club", "update", "reject"),
     ("partner", "reject", "reject"), ("operator", "reject", "reject")],
)  # fmt: skip
async def test_each_role_changes_by_file_whom_it_changes_by_hand(session, client_for, role, own, neighbour) -> None:
    world = await a_world(session)
    client = client_for(world.caller(role))
    found = {}
    for whose in ("own", "neighbour", "foreign"):
        person, _ = await world.person(whose, role)
        file = a_csv([["id", "fonction"], [str(person.id), "Directrice"]])
        [row] = (await take_in(client, IMPORT, file)).json()["rows"]
        found[whose] = row["action"]
        exported = lines_of(await client.get("/v1/people?format=csv"))
        assert (str(person.id) in [line[0] for line in exported]) == (row["action"] == "update")
    assert found == {"own": own, "neighbour": neighbour, "foreign": "reject"}


async def test_an_organisation_adds_people_of_its_own_and_sees_of_others_only_that(session, client_for) -> None:
    world = await a_world(session)
    shared, _ = await world.person("own", "club")
    shared_elsewhere = Affiliation(
        territory_id=world.here.id, person_id=shared.id, actor_id=world.neighbour.id, role="Ailleurs"
    )
    session.add(shared_elsewhere)
    await session.commit()
    client = client_for(world.caller("club"))
    exported = lines_of(await client.get("/v1/people?format=csv"))
    assert "Ailleurs" not in exported[1][column(exported, "Affiliations")]
    headings = ["prénom", "nom", "affiliations"]
    lines = [["A", "Une", f"Membre | {world.company.name}"], ["B", "Deux", f"Membre | {world.neighbour.name}"]]
    told = (await take_in(client, IMPORT, a_csv([headings, *lines, ["C", "Trois", ""]]))).json()
    assert [row["action"] for row in told["rows"]] == ["create", "reject", "reject"], told
    assert [row["errors"][0]["code"] for row in told["rows"][1:]] == ["out_of_sight", "out_of_sight"]


async def test_who_exports_or_previews_people_is_on_record(session, collectivite, person) -> None:
    exported = await collectivite.get("/v1/people?format=csv")
    await take_in(collectivite, IMPORT, exported.content)
    read = (await session.execute(select(AuditEntry.action, AuditEntry.detail).order_by(AuditEntry.seq))).all()
    assert [tuple(line) for line in read] == [("list_people", "rows:1"), ("import_people", "rows:1")]


async def test_the_number_of_statements_does_not_grow_with_the_people(
    session, territory, collectivite, club, statements
) -> None:
    counts = []
    for count in (5, 50, 150):
        lines = [[f"A{n}", "Martin", f"m{n}@x.example", f"F{count}", r"Membre | CLUB \| agir"] for n in range(count)]
        file = a_csv([["prénom", "nom", "courriel", "fonction", "affiliations"], *lines])
        with statements() as said:
            answer = await apply(collectivite, IMPORT, file)
        assert answer.status_code == 200, answer.text
        assert answer.json()["counts"]["create"] == count - (0 if not counts else (5, 50)[len(counts) - 1])
        counts.append(len(said))
    assert counts[1] == counts[2]
    people = (await session.scalars(select(Person))).all()
    assert len(people) == 150
