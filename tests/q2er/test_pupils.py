"""Pupils through the API: their school's referent keeps them, nobody else meets them."""

import logging
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from app.core.db import let_see
from app.core.journal import JournalEntry
from app.q2er.pupils.models import Guardian, Pupil, PupilExternalId
from app.q2er.pupils.retention import purge_day, today
from tests import factories
from tests.q2er.factories import a_pupil

PATH = "/v1/q2er/pupils"
ANY = {"If-Match": "*"}
LINA = {"first_name": "Lina", "last_name": "Durand", "birth_date": "2010-05-17", "class_name": "2nde 4"}


def body(school, **fields):
    return {"school_id": str(school.id), **LINA, **fields}


def faults(answer) -> list[tuple[str, str]]:
    return [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]


async def test_a_referent_enters_reads_and_changes_a_pupil_with_guardians(referent, school):
    guardians = [{"first_name": "Ana", "last_name": "Durand", "email": "ana@example.org"}]
    made = await referent.post(PATH, json=body(school, level="2nde", guardians=guardians))
    assert made.status_code == 201, made.text
    pupil = made.json()
    assert made.headers["Location"] == f"{PATH}/{pupil['id']}"
    first = pupil["guardians"][0]["id"]
    two = [{**guardians[0], "phone": "+33 1 99 00 12 34"}, {"first_name": "Marc", "last_name": "Petit"}]
    changed = await referent.patch(made.headers["Location"], json={"guardians": two}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    assert (changed.headers["ETag"], changed.json()["guardians"][0]["id"]) == ('"2"', first)
    assert [guardian["phone"] for guardian in changed.json()["guardians"]] == ["+33199001234", None]
    assert (await referent.get(f"{PATH}?q=durand")).json()["items"] == [changed.json()]


async def test_no_other_role_meets_a_pupil(session, client_for, territory, school):
    pupil = await a_pupil(session, school)
    neighbour = await factories.a_school(session, territory)
    for caller in (
        factories.a_collectivite(territory, admin=True),
        factories.a_referent(neighbour),
        factories.a_club_member(school),
        factories.a_partner(territory),
        factories.an_operator(),
    ):
        client = client_for(caller)
        assert (await client.get(PATH)).json()["items"] == []
        assert (await client.get(f"{PATH}?format=csv")).content.count(b"\n") == 1
        for path in (f"{PATH}/{pupil.id}", f"{PATH}/{pupil.id}/access-log", f"{PATH}/{pupil.id}:export"):
            assert (await client.get(path)).status_code == 404, caller.role
        assert (await client.delete(f"{PATH}/{pupil.id}", headers=ANY)).status_code == 404
        assert (await client.post(PATH, json=body(school))).status_code == 403, caller.role


@pytest.mark.parametrize(
    ("field", "value", "at"),
    [
        ("external_ids", [{"source": "pronote", "id": "1234567890A"}], ("#/external_ids/0", "ine_refused")),
        ("external_ids", [{"source": "pronote", "id": "123456789 AB"}], ("#/external_ids/0", "ine_refused")),
        ("external_ids", [{"source": "ine", "id": "4711"}], ("#/external_ids/0", "ine_refused")),
        ("birth_date", "1931-01-01", ("#/birth_date", "birth_date_unlikely")),
        ("comment", "absent souvent", ("#/comment", "extra_forbidden")),
        ("guardians", [{"first_name": "A", "last_name": "B"}] * 3, ("#/guardians", "too_long")),
        ("purge_on", "2090-01-01", ("#/purge_on", "later_than_retention")),
        ("class_name", None, ("#/class_name", "string_type")),
    ],
)
async def test_what_is_not_to_be_kept_of_a_pupil_is_refused_by_its_place(referent, school, field, value, at):
    answer = await referent.post(PATH, json=body(school, **{field: value}))
    assert (answer.status_code, faults(answer)) == (422, [at])


async def test_an_identifier_names_one_pupil_of_a_school(session, referent, school, territory):
    name = [{"source": "pronote", "id": "4711"}]
    await a_pupil(session, await factories.a_school(session, territory), external_ids=(("pronote", "4711"),))
    assert (await referent.post(PATH, json=body(school, external_ids=name))).status_code == 201
    again = await referent.post(PATH, json=body(school, external_ids=name))
    assert (again.status_code, faults(again)) == (409, [("#/external_ids", "already_exists")])


async def test_the_day_of_purge_follows_from_the_school_year(referent, school):
    made = (await referent.post(PATH, json=body(school))).json()
    assert made["purge_on"] == purge_day(today(), 1).isoformat()
    assert purge_day(date(2026, 9, 1), 1) == date(2028, 9, 1)
    assert purge_day(date(2026, 8, 31), 0) == date(2026, 9, 1)
    sooner = (today() + timedelta(days=30)).isoformat()
    path = f"{PATH}/{made['id']}"
    assert (await referent.patch(path, json={"purge_on": sooner}, headers=ANY)).json()["purge_on"] == sooner


async def test_a_merge_is_undone_without_loss(session, referent, school):
    one = await a_pupil(session, school, external_ids=(("pronote", "1"),))
    two = await a_pupil(session, school, external_ids=(("pronote", "2"), ("ent", "x")))
    before = {p.id: (await referent.get(f"{PATH}/{p.id}")).json() for p in (one, two)}
    merged = await referent.post(f"{PATH}/{one.id}:merge", json={"duplicate_id": str(two.id)}, headers=ANY)
    assert merged.status_code == 200, merged.text
    assert [name["id"] for name in merged.json()["external_ids"]] == ["x", "1", "2"]
    assert [row["id"] for row in (await referent.get(PATH)).json()["items"]] == [str(one.id)]
    shown = (await referent.get(f"{PATH}?merged=true")).json()["items"]
    assert [(row["id"], row["merged_into_id"]) for row in shown] == [(str(two.id), str(one.id))]
    codes = text("SELECT one_id FROM pupil_codes WHERE id = :id")
    assert await session.scalar(codes, {"id": two.id}) == one.id
    again = await referent.post(f"{PATH}/{two.id}:unmerge", headers=ANY)
    assert again.status_code == 200, again.text
    for pupil in (one, two):
        after = (await referent.get(f"{PATH}/{pupil.id}")).json()
        moved = {"version", "updated_at"}
        assert {k: v for k, v in after.items() if k not in moved} == {
            k: v for k, v in before[pupil.id].items() if k not in moved
        }


async def test_what_cannot_be_merged_or_separated_is_told(session, referent, school, territory):
    one, two, three = [await a_pupil(session, school) for _ in range(3)]
    stranger = await a_pupil(session, await factories.a_school(session, territory))

    async def merge(into, duplicate):
        body = {"duplicate_id": str(duplicate.id)}
        return await referent.post(f"{PATH}/{into.id}:merge", json=body, headers=ANY)

    apart = await referent.post(f"{PATH}/{one.id}:unmerge", headers=ANY)
    assert (apart.status_code, apart.json()["type"]) == (409, "/problems/illegal-transition")
    assert faults(await merge(one, one)) == [("#/duplicate_id", "merged_into_itself")]
    assert faults(await merge(one, stranger)) == [("#/duplicate_id", "unknown_reference")]
    assert (await merge(one, two)).status_code == 200
    assert faults(await merge(three, two)) == [("#/duplicate_id", "merged_already")]
    assert faults(await merge(three, one)) == [("#/duplicate_id", "has_duplicates")]
    assert (await merge(two, three)).status_code == 409
    frozen = await referent.patch(f"{PATH}/{two.id}", json={"class_name": "1re 2"}, headers=ANY)
    assert (frozen.status_code, frozen.json()["type"]) == (409, "/problems/illegal-transition")


async def test_an_erased_pupil_is_a_code_and_nothing_else(session, referent, school):
    pupil = await a_pupil(session, school, guardians=({"email": "a@example.org"},), external_ids=(("ent", "1"),))
    twin = await a_pupil(session, school)
    await referent.post(f"{PATH}/{pupil.id}:merge", json={"duplicate_id": str(twin.id)}, headers=ANY)
    assert (await referent.delete(f"{PATH}/{pupil.id}", headers=ANY)).status_code == 204
    for gone in (pupil, twin):
        assert (await referent.get(f"{PATH}/{gone.id}")).status_code == 404
    await let_see(session, school_ids=[school.id])
    session.expunge_all()
    rows = (await session.scalars(select(Pupil))).all()
    assert {(row.first_name, row.last_name, row.birth_date, row.class_name) for row in rows} == {("", "", None, None)}
    assert (await session.scalars(select(Guardian))).all() == []
    assert (await session.scalars(select(PupilExternalId))).all() == []
    reasons = await session.scalars(select(JournalEntry.reason).where(JournalEntry.resource_id == pupil.id))
    assert "erased" in set(reasons)


async def test_a_pupil_can_be_told_who_read_what_of_them_and_all_that_is_kept(session, referent, school):
    pupil = await a_pupil(session, school, guardians=({},))
    other = await a_pupil(session, school)
    await referent.get(f"{PATH}/{pupil.id}")
    await referent.get(PATH)
    await referent.get(f"{PATH}?format=xlsx")
    await referent.patch(f"{PATH}/{pupil.id}", json={"class_name": "1re 2"}, headers=ANY)
    log = (await referent.get(f"{PATH}/{pupil.id}/access-log")).json()["items"]
    assert [line["action"] for line in log] == ["update", "list_pupils", "list_pupils", "get_pupil", "insert"]
    assert log[0]["fields"] == ["class_name"]
    assert "get_pupil" not in {
        line["action"] for line in (await referent.get(f"{PATH}/{other.id}/access-log")).json()["items"]
    }
    whole = (await referent.get(f"{PATH}/{pupil.id}:export")).json()
    assert (whole["pupil"]["class_name"], len(whole["pupil"]["guardians"])) == ("1re 2", 1)
    assert {line["action"] for line in whole["accesses"]} >= {"list_pupils", "get_pupil"}


async def test_nothing_of_a_pupil_is_in_the_journal_the_trail_or_the_logs(session, referent, school, capfd, caplog):
    caplog.set_level(logging.DEBUG)
    told = {"last_name": "Canary-4711", "guardians": [{"first_name": "Canary-4712", "last_name": "Canary-4713"}]}
    made = await referent.post(PATH, json=body(school, **told))
    path = made.headers["Location"]
    await referent.get(f"{PATH}?q=canary")
    await referent.patch(path, json={"first_name": "Canary-4714"}, headers=ANY)
    await referent.patch(path, json={"purge_on": "2090-01-01", "first_name": "canary-4715"}, headers=ANY)
    await referent.delete(path, headers=ANY)
    rows = [*await session.scalars(text("SELECT t::text FROM journal AS t"))]
    rows += await session.scalars(text("SELECT t::text FROM audit AS t"))
    captured = capfd.readouterr()
    said = "\n".join([*rows, caplog.text, captured.out, captured.err]).lower()
    assert "patch" in said
    assert "canary-47" not in said
