"""Writing an actor twice, at once, and what the journal keeps of it."""

import asyncio

import pytest
from sqlalchemy import func, select, text

from app.actors.models import Actor
from app.core.journal import JournalEntry, attribute_to
from app.territories.models import Territory
from tests import factories

KEY = {"Idempotency-Key": "une-cle-tiree-au-sort"}


def body(territory, **fields) -> dict:
    return {"territory_id": str(territory.id), "name": "Atelier", "kind": "company", **fields}


@pytest.fixture
async def territory(committed) -> Territory:
    async with committed.database.session() as session:
        attribute_to(session, "test")
        return await factories.a_territory(session)


@pytest.fixture
async def client(committed, territory):
    async with committed.client(factories.a_collectivite(territory)) as client:
        yield client


async def count(committed) -> int:
    async with committed.database.session() as session:
        return await session.scalar(select(func.count()).select_from(Actor))


async def test_of_four_changes_at_once_one_is_kept(committed, territory, client) -> None:
    path = (await client.post("/v1/actors", json=body(territory))).headers["Location"]
    answers = await asyncio.gather(
        *(client.patch(path, json={"street": f"{n} rue de Paris"}, headers={"If-Match": '"1"'}) for n in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    kept = next(answer.json() for answer in answers if answer.status_code == 200)
    assert (await client.get(path)).json() == kept


async def test_a_post_sent_twice_is_done_once(committed, territory, client) -> None:
    first = await client.post("/v1/actors", json=body(territory), headers=KEY)
    again = await client.post("/v1/actors", json=body(territory), headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert {name: again.headers[name] for name in ("Location", "ETag")} == {
        name: first.headers[name] for name in ("Location", "ETag")
    }
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert await count(committed) == 1


async def test_a_key_stands_for_one_body_and_one_caller(committed, territory, client) -> None:
    assert (await client.post("/v1/actors", json=body(territory), headers=KEY)).status_code == 201
    other = await client.post("/v1/actors", json=body(territory, name="Autre"), headers=KEY)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    async with committed.client(factories.a_collectivite(territory)) as colleague:
        theirs = await colleague.post("/v1/actors", json=body(territory), headers=KEY)
    assert (theirs.status_code, "Idempotency-Replayed" in theirs.headers) == (201, False)
    assert await count(committed) == 2


async def test_a_refused_post_leaves_its_key_free(territory, client) -> None:
    assert (await client.post("/v1/actors", json=body(territory, insee_code="94999"), headers=KEY)).status_code == 422
    assert (await client.post("/v1/actors", json=body(territory), headers=KEY)).status_code == 201


async def test_a_repeat_while_the_first_is_in_flight_is_told_to_wait(committed, territory, client) -> None:
    async with committed.database.session() as holder:
        await holder.execute(select(Territory.id).where(Territory.id == territory.id).with_for_update())
        first = asyncio.create_task(client.post("/v1/actors", json=body(territory), headers=KEY))
        waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        while not await holder.scalar(waiting):
            assert not first.done()
        repeat = await client.post("/v1/actors", json=body(territory), headers=KEY)
        assert (repeat.status_code, repeat.json()["type"]) == (409, "/problems/request-in-flight")
        assert int(repeat.headers["Retry-After"]) >= 1
        await holder.rollback()
    assert (await first).status_code == 201
    assert await count(committed) == 1


async def test_the_journal_tells_who_changed_which_fields_of_what(committed, territory, client) -> None:
    made = await client.post("/v1/actors", json=body(territory, description="Très confidentiel"))
    path = made.headers["Location"]
    await client.patch(
        path, json={"description": "Secret", "listed": True, "name": "Atelier"}, headers={"If-Match": '"1"'}
    )
    await client.patch(path, json={"external_ids": [{"source": "cci", "id": "9"}]}, headers={"If-Match": '"2"'})
    await client.patch(path, json={"name": "Atelier"}, headers={"If-Match": '"3"'})
    assert (await client.delete(path, headers={"If-Match": '"3"'})).status_code == 204
    caller = next(iter(committed.callers.values())).id
    async with committed.database.session() as session:
        entries = (
            await session.scalars(
                select(JournalEntry).where(JournalEntry.resource == "actors").order_by(JournalEntry.seq)
            )
        ).all()
    assert [(e.action, e.version, e.fields) for e in entries] == [
        ("insert", 1, []),
        ("update", 2, ["description", "listed"]),
        ("update", 3, ["external_ids"]),
        ("delete", 3, []),
    ]
    assert {(e.caller, e.territory_id, str(e.resource_id)) for e in entries} == {
        (caller, territory.id, made.json()["id"])
    }
    assert all(e.request_id for e in entries)


async def test_a_refused_change_leaves_no_trace_in_the_journal(committed, territory, client) -> None:
    await client.post("/v1/actors", json=body(territory, siret="21940018100018"))
    assert (await client.post("/v1/actors", json=body(territory, siret="21940018100018"))).status_code == 409
    async with committed.database.session() as session:
        written = select(func.count()).select_from(JournalEntry).where(JournalEntry.resource == "actors")
        assert await session.scalar(written) == 1
