"""`/v1/programmes` and `/v1/stages`: stages in order, at most one of them active."""

import asyncio
from datetime import date

import pytest
import time_machine
from sqlalchemy import select

from app.core.journal import JournalEntry, attribute_to
from app.territories.models import Stage, StageStatus
from tests import factories

NAMES = ("Mobiliser", "Proposer", "Agir")
FIRST = {"If-Match": '"1"'}


@pytest.fixture
async def territory(session):
    return await factories.a_territory(session)


@pytest.fixture
async def programme(session, territory):
    return await factories.a_programme(session, territory, stages=NAMES)


@pytest.fixture
def admin(client_for, territory):
    return client_for(factories.a_collectivite(territory, admin=True))


async def stages(client, programme) -> list[dict]:
    return (await client.get(f"/v1/programmes/{programme.id}/stages")).json()["items"]


async def move(client, stage, verb: str, **request):
    return await client.post(f"/v1/stages/{stage.id}:{verb}", **{"headers": FIRST, **request})


async def test_a_programme_is_made_changed_and_deleted_with_its_stages(session, territory, admin) -> None:
    made = await admin.post(
        "/v1/programmes",
        json={"territory_id": str(territory.id), "name": "Agir Ensemble", "objectives": ["Un", "Deux"]},
    )
    assert (made.status_code, made.json()["purpose"], made.json()["objectives"]) == (201, None, ["Un", "Deux"])
    path = made.headers["Location"]
    stage = await admin.post(f"{path}/stages", json={"name": "Mobiliser"})
    assert stage.status_code == 201
    changed = await admin.patch(path, json={"launched_on": "2012-10-01"}, headers={"If-Match": '"2"'})
    assert (changed.status_code, changed.json()["launched_on"]) == (200, "2012-10-01")
    assert (await admin.delete(path, headers={"If-Match": '"3"'})).status_code == 204
    assert (await admin.get(stage.headers["Location"])).status_code == 404
    told = await session.execute(select(JournalEntry.resource, JournalEntry.action).order_by(JournalEntry.seq))
    assert set(told.all()[-2:]) == {("stages", "delete"), ("programmes", "delete")}


async def test_stages_come_in_order_each_with_what_may_be_done(
    session, programme, admin, client_for, territory
) -> None:
    told = await stages(admin, programme)
    assert [(stage["position"], stage["name"], stage["status"]) for stage in told] == [
        (1, "Mobiliser", "planned"), (2, "Proposer", "planned"), (3, "Agir", "planned"),
    ]  # fmt: skip
    assert [stage["allowed_actions"] for stage in told] == [["start", "update", "delete"]] * 3
    reader = client_for(factories.a_collectivite(territory))
    assert [stage["allowed_actions"] for stage in await stages(reader, programme)] == [[]] * 3
    no_write = factories.a_collectivite(territory, admin=True, scopes=frozenset({"programmes:read"}))
    assert [stage["allowed_actions"] for stage in await stages(client_for(no_write), programme)] == [[]] * 3


async def test_what_may_be_done_is_exactly_what_is_accepted(programme, admin) -> None:
    for verb in ("start", "complete", "reopen", "complete"):
        for told in await stages(admin, programme):
            for tried in ("start", "complete", "reopen"):
                if tried in told["allowed_actions"]:
                    continue
                body = {"reason": "Essai"} if tried == "reopen" else {}
                refused = await admin.post(
                    f"/v1/stages/{told['id']}:{tried}", json=body, headers={"If-Match": f'"{told["version"]}"'}
                )
                assert (refused.status_code, refused.json()["type"]) == (409, "/problems/illegal-transition")
        told = (await stages(admin, programme))[0]
        assert verb in told["allowed_actions"]
        done = await admin.post(
            f"/v1/stages/{told['id']}:{verb}",
            json={"reason": "Essai"} if verb == "reopen" else {},
            headers={"If-Match": f'"{told["version"]}"'},
        )
        assert done.status_code == 200


async def test_a_stage_starts_is_completed_and_is_taken_up_again(session, programme, admin) -> None:
    stage = programme.stages[0]
    started = await move(admin, stage, "start", json={"on": "2012-10-01"})
    assert (started.status_code, started.headers["ETag"]) == (200, '"2"')
    assert (started.json()["status"], started.json()["starts_on"]) == ("active", "2012-10-01")
    assert started.json()["allowed_actions"] == ["complete", "update", "delete"]
    done = await move(admin, stage, "complete", json={"on": "2013-06-30"}, headers={"If-Match": '"2"'})
    assert (done.json()["status"], done.json()["ends_on"]) == ("done", "2013-06-30")
    again = await move(admin, stage, "reopen", json={"reason": "Clôturée trop tôt"}, headers={"If-Match": '"3"'})
    assert (again.json()["status"], again.json()["ends_on"]) == ("active", None)
    entries = await session.execute(
        select(JournalEntry.version, JournalEntry.fields, JournalEntry.reason)
        .where(JournalEntry.resource_id == stage.id)
        .order_by(JournalEntry.seq)
    )
    assert entries.all() == [
        (1, [], None),
        (2, ["starts_on", "status"], None),
        (3, ["ends_on", "status"], None),
        (4, ["ends_on", "status"], "Clôturée trop tôt"),
    ]


async def test_a_refused_move_says_from_to_and_why(programme, admin) -> None:
    refused = await move(admin, programme.stages[0], "complete", headers={**FIRST, "Accept-Language": "en"})
    assert refused.status_code == 409
    assert refused.json()["detail"] == (
        "Going from “planned” to “done” is not possible: only an active stage can be completed."
    )
    assert (await move(admin, programme.stages[0], "start")).status_code == 200
    second = await move(admin, programme.stages[1], "start")
    assert (second.status_code, second.json()["type"]) == (409, "/problems/illegal-transition")
    assert "une autre étape de la démarche est en cours" in second.json()["detail"]
    assert (await stages(admin, programme))[1]["allowed_actions"] == ["update", "delete"]


async def test_without_a_day_a_stage_starts_today_in_its_territory(session, client_for) -> None:
    island = await factories.a_territory(session, timezone="Pacific/Noumea")
    planned = await factories.a_programme(session, island, stages=("Une",))
    island_admin = factories.a_collectivite(island, admin=True)
    with time_machine.travel("2026-03-01T14:00:00+00:00", tick=False):
        started = await move(client_for(island_admin), planned.stages[0], "start")
    assert started.json()["starts_on"] == "2026-03-02"


async def test_a_planned_day_that_has_come_is_kept_and_one_to_come_is_not(session, programme, admin) -> None:
    past, future = programme.stages[:2]
    past.starts_on, future.starts_on = date(2012, 10, 1), date(2900, 1, 1)
    await session.commit()
    with time_machine.travel("2026-03-01T12:00:00+00:00", tick=False):
        assert (await move(admin, past, "start", headers={"If-Match": '"2"'})).json()["starts_on"] == "2012-10-01"
        assert (await move(admin, past, "complete", headers={"If-Match": '"3"'})).json()["ends_on"] == "2026-03-01"
        assert (await move(admin, future, "start", headers={"If-Match": '"2"'})).json()["starts_on"] == "2026-03-01"


async def test_a_day_to_come_or_before_the_first_is_refused(programme, admin) -> None:
    stage = programme.stages[0]
    for verb, day, version, code in (
        ("start", "2900-01-01", 1, "day_to_come"),
        ("complete", "2012-09-30", 2, "dates_reversed"),
    ):
        refused = await move(admin, stage, verb, json={"on": day}, headers={"If-Match": f'"{version}"'})
        assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("#/on", code)]
        if verb == "start":
            assert (await move(admin, stage, "start", json={"on": "2012-10-01"})).status_code == 200


async def test_two_stages_started_at_once_leave_one_active(committed) -> None:
    async with committed.database.session() as session:
        attribute_to(session, "test")
        territory = await factories.a_territory(session)
        programme = await factories.a_programme(session, territory, stages=("Une", "Deux", "Trois", "Quatre"))
    async with committed.client(factories.a_collectivite(territory, admin=True)) as admin:
        answers = await asyncio.gather(*(move(admin, stage, "start") for stage in programme.stages))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    async with committed.database.session() as session:
        active = select(Stage.id).where(Stage.status == StageStatus.ACTIVE)
        assert len((await session.scalars(active)).all()) == 1


async def test_all_stages_are_put_in_another_order_at_once(committed) -> None:
    async with committed.database.session() as session:
        attribute_to(session, "test")
        territory = await factories.a_territory(session)
        programme = await factories.a_programme(session, territory, stages=NAMES)
    ids = [str(stage.id) for stage in programme.stages]
    async with committed.client(factories.a_collectivite(territory, admin=True)) as admin:
        path = f"/v1/programmes/{programme.id}/stage-order"
        ordered = await admin.put(path, json={"stage_ids": ids[::-1]}, headers=FIRST)
        assert (ordered.status_code, ordered.headers["ETag"]) == (200, '"2"')
        assert [(stage["position"], stage["id"]) for stage in await stages(admin, programme)] == [
            *enumerate(ids[::-1], 1)
        ]
        for wrong, code in ((ids[:2], "not_all_stages"), ([*ids, ids[0]], "repeated_item")):
            refused = await admin.put(path, json={"stage_ids": wrong}, headers={"If-Match": '"2"'})
            assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("#/stage_ids", code)]
        assert (await admin.put(path, json={"stage_ids": ids}, headers=FIRST)).status_code == 412


async def test_a_deleted_stage_leaves_no_gap(committed) -> None:
    async with committed.database.session() as session:
        attribute_to(session, "test")
        territory = await factories.a_territory(session)
        programme = await factories.a_programme(session, territory, stages=NAMES)
    async with committed.client(factories.a_collectivite(territory, admin=True)) as admin:
        assert (await admin.delete(f"/v1/stages/{programme.stages[0].id}", headers=FIRST)).status_code == 204
        assert [(stage["position"], stage["name"]) for stage in await stages(admin, programme)] == [
            (1, "Proposer"),
            (2, "Agir"),
        ]
        assert (await admin.get(f"/v1/programmes/{programme.id}")).headers["ETag"] == '"2"'


async def test_stages_added_at_once_each_have_a_place(committed) -> None:
    async with committed.database.session() as session:
        attribute_to(session, "test")
        territory = await factories.a_territory(session)
        programme = await factories.a_programme(session, territory)
    async with committed.client(factories.a_collectivite(territory, admin=True)) as admin:
        path = f"/v1/programmes/{programme.id}/stages"
        added = await asyncio.gather(*(admin.post(path, json={"name": f"Étape {n}"}) for n in range(4)))
        assert [answer.status_code for answer in added] == [201] * 4
        assert [stage["position"] for stage in await stages(admin, programme)] == [1, 2, 3, 4]


async def test_a_stage_changes_by_fields_and_its_state_only_by_verbs(programme, admin) -> None:
    path = f"/v1/stages/{programme.stages[0].id}"
    changed = await admin.patch(path, json={"name": "Rassembler", "ends_on": "2013-06-30"}, headers=FIRST)
    assert (changed.status_code, changed.json()["name"]) == (200, "Rassembler")
    for body, pointer in (
        ({"status": "done"}, "#/status"),
        ({"position": 3}, "#/position"),
        ({"starts_on": "2013-07-01"}, "#/ends_on"),
    ):
        refused = await admin.patch(path, json=body, headers={"If-Match": '"2"'})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_others_read_the_programme_and_change_nothing(session, territory, programme, client_for) -> None:
    school = await factories.a_school(session, territory)
    stage = programme.stages[0]
    for caller, status in (
        (factories.a_collectivite(territory), 403),
        (factories.a_referent(school), 403),
        (factories.a_club_member(school), 403),
        (factories.a_partner(territory), 403),
        (factories.a_collectivite(await factories.a_territory(session), admin=True), 404),
        (factories.an_operator(), 404),
    ):
        client = client_for(caller)
        assert (await client.get(f"/v1/programmes/{programme.id}")).status_code == (200 if status == 403 else 404)
        assert (await client.get(f"/v1/stages/{stage.id}")).status_code == (200 if status == 403 else 404)
        refused = [
            await client.patch(f"/v1/programmes/{programme.id}", json={"name": "X"}, headers=FIRST),
            await client.delete(f"/v1/programmes/{programme.id}", headers=FIRST),
            await client.post(f"/v1/programmes/{programme.id}/stages", json={"name": "X"}),
            await client.put(f"/v1/programmes/{programme.id}/stage-order", json={"stage_ids": []}, headers=FIRST),
            await client.patch(f"/v1/stages/{stage.id}", json={"name": "X"}, headers=FIRST),
            await client.delete(f"/v1/stages/{stage.id}", headers=FIRST),
            await move(client, stage, "start"),
        ]
        assert [answer.status_code for answer in refused] == [status] * 7, caller.role
