"""A school's own file taken in: headings as its software writes them, faults told by row and column."""

from dataclasses import replace
from datetime import date

import pytest

from tests import factories
from tests.q2er.factories import a_pupil
from tests.spreadsheets import XLSX, a_csv, an_xlsx, apply, lines_of, take_in

PATH = "/v1/q2er/pupils:import"
HEADINGS = ["N° élève", "Nom", "Prénom", "Né(e) le", "Classe", "Nom responsable 1", "Prénom responsable 1"]
LINA = ["4711", "Durand", "Lina", "17/05/2010", "2nde 4", "Durand", "Ana"]
NOE = ["4712", "Lefèvre", "Noé", "02/11/2010", "2nde 4", "", ""]


def row_faults(answer) -> list[tuple[int, str | None, str]]:
    told = answer.json()
    assert answer.status_code == 200, answer.text
    return [(fault["row"], fault["column"], fault["code"]) for row in told["rows"] for fault in row["errors"]]


async def test_a_file_of_the_school_software_is_previewed_then_applied_then_changes_nothing(referent, school):
    file = a_csv([HEADINGS, LINA, NOE], encoding="iso-8859-1")
    previewed = await take_in(referent, PATH, file)
    assert previewed.json()["counts"]["create"] == 2, previewed.text
    assert (await referent.get("/v1/q2er/pupils")).json()["items"] == []
    applied = await apply(referent, PATH, file)
    assert (applied.status_code, applied.json()["is_written"]) == (200, True), applied.text
    lina, noe = (await referent.get("/v1/q2er/pupils")).json()["items"]
    assert (lina["last_name"], lina["school_id"], lina["guardians"][0]["first_name"]) == (
        "Durand", str(school.id), "Ana",
    )  # fmt: skip
    assert (noe["last_name"], noe["first_name"], noe["guardians"]) == ("Lefèvre", "Noé", [])
    assert noe["external_ids"] == [{"source": "etablissement", "id": "4712"}]
    again = await take_in(referent, PATH, a_csv([HEADINGS, NOE, LINA]))
    assert again.json()["counts"] == {"create": 0, "update": 0, "unchanged": 2, "conflict": 0, "reject": 0}


async def test_the_export_is_the_import(session, referent, school):
    guardians = ({"email": "a@example.org", "phone": "+33199001234"}, {})
    pupil = await a_pupil(session, school, level="2nde", guardians=guardians, external_ids=(("ent", "7"),))
    exported = lines_of(await referent.get("/v1/q2er/pupils?format=xlsx"))
    assert (await take_in(referent, PATH, an_xlsx(exported), XLSX)).json()["counts"]["unchanged"] == 1
    place = exported[0].index("Prénom du responsable légal 2")
    exported[1][place] = "Maud"
    applied = await apply(referent, PATH, an_xlsx(exported), XLSX)
    assert [change["column"] for change in applied.json()["rows"][0]["changes"]] == ["guardian_2_first_name"]
    after = (await referent.get(f"/v1/q2er/pupils/{pupil.id}")).json()["guardians"]
    assert [(one["first_name"], one["email"]) for one in after] == [("Ana", "a@example.org"), ("Maud", None)]


@pytest.mark.parametrize("heading", ["INE", "N° INE", "identifiant national"])
async def test_a_file_with_national_numbers_is_refused_whole(referent, heading):
    refused = await take_in(referent, PATH, a_csv([[*HEADINGS, heading], [*LINA, "1234567890A"]]))
    assert refused.status_code == 422
    assert [fault["code"] for fault in refused.json()["errors"]] == ["ine_column"]
    assert "8" in refused.json()["errors"][0]["message"]
    assert "1234567890A" not in refused.text


async def test_what_is_wrong_is_told_by_row_and_column_and_nothing_is_half_written(referent):
    merged_class = ["4713", "Petit", "Tom", "01/01/2010", None, "", ""]  # as the second of two merged cells
    file = an_xlsx([
        HEADINGS,
        LINA,
        merged_class,
        ["", "Roux", "Eva", "03/03/2010", "2nde 4", "", ""],
        ["4711", "Autre", "Zoé", "04/04/2010", "2nde 4", "", ""],
        ["1234567890B", "Blanc", "Max", "05/05/2010", "2nde 4", "", ""],
        ["4716", "Noir", "Lou", "31/02/2010", "2nde 4", "", ""],
        ["4717", "Vert", "Ada", "06/06/2010", "2nde 4", "Vert", ""],
    ])  # fmt: skip
    previewed = await take_in(referent, PATH, file, XLSX)
    assert row_faults(previewed) == [
        (3, "class_name", "missing"),
        (4, "external_ids", "missing"),
        (5, None, "repeated_row"),
        (6, "external_ids", "ine_refused"),
        (7, "birth_date", "date_parsing"),
        (8, "guardian_1_first_name", "missing"),
    ]
    refused = await take_in(referent, PATH, file, XLSX, mode="apply", digest=previewed.json()["digest"])
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/import-refused")
    assert (await referent.get("/v1/q2er/pupils")).json()["items"] == []
    skipped = await apply(referent, PATH, file, XLSX, on_error="skip")
    assert skipped.json()["counts"]["create"] == 1


async def test_homonyms_are_told_apart_and_named_by_their_rows(session, referent, school):
    known = await a_pupil(session, school, last_name="Martin", first_name="Léo", birth_date=date(2010, 1, 1))
    file = a_csv([
        HEADINGS[:5],
        ["1", "Durand", "Lina", "17/05/2010", "2nde 4"],
        ["2", "DURAND", "Lina", "18/05/2010", "2nde 5"],
        ["3", "Martin", "Leo", "02/02/2010", "2nde 4"],
        ["4", "Martin", "Léo", "01/01/2010", "2nde 4"],
    ])  # fmt: skip
    told = (await take_in(referent, PATH, file)).json()
    assert [row["action"] for row in told["rows"]] == ["create", "create", "create", "update"]
    assert told["rows"][3]["id"] == str(known.id)
    messages = [(notice["code"], notice["message"][:14]) for notice in told["notices"]]
    assert messages == [("homonym_rows", "Lignes 2 et 3 "), ("homonym_known", "Ligne 4 : même")]
    assert "Durand" not in str(told["notices"])


async def test_a_name_of_a_merged_entry_is_that_of_the_pupil_it_went_into(session, referent, school):
    one = await a_pupil(session, school, external_ids=(("etablissement", "1"),))
    two = await a_pupil(session, school, external_ids=(("etablissement", "2"),))
    merging = {"duplicate_id": str(two.id)}
    await referent.post(f"/v1/q2er/pupils/{one.id}:merge", json=merging, headers={"If-Match": "*"})
    file = a_csv([HEADINGS[:5], ["2", one.last_name, "Lina", "17/05/2010", "1re 3"]])
    told = (await take_in(referent, PATH, file)).json()
    assert [(row["id"], row["action"]) for row in told["rows"]] == [(str(one.id), "update")]


async def test_a_referent_of_one_school_adds_none_to_another(session, client_for, referent, school, territory):
    other = await factories.a_school(session, territory, uai="0750654D")
    file = a_csv([[*HEADINGS[:5], "Établissement"], [*LINA[:5], "0750654D"]])
    assert row_faults(await take_in(referent, PATH, file)) == [(2, None, "out_of_sight")]
    both = client_for(replace(factories.a_referent(school), school_ids=frozenset({school.id, other.id})))
    assert row_faults(await take_in(both, PATH, a_csv([HEADINGS, LINA]))) == [(2, "school", "missing")]
    assert (await apply(both, PATH, file)).json()["counts"]["create"] == 1
