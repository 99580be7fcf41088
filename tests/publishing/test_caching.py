import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
import time_machine
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.publication import Publication
from app.publishing.answers import Answer
from app.publishing.kept import KeptAnswers, key_of
from app.publishing.revision import Revision
from app.territories.models import Territory
from tests.conftest import House
from tests.factories import a_territory, an_event

EVENTS = "/v1/public/events"
FORMATS = ("", ".json", ".ics", ".atom", ".html")
DAY = timedelta(days=1)


@pytest.mark.parametrize("extension", FORMATS)
async def test_two_polls_are_the_same_bytes_and_the_second_is_not_sent(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory, extension: str
) -> None:
    await an_event(session, territory, published=True)
    with time_machine.travel(datetime(2026, 11, 23, 10, 0, 5, tzinfo=UTC), tick=False):
        first = await anonymous.get(EVENTS + extension)
    with time_machine.travel(datetime(2026, 11, 23, 10, 59, 50, tzinfo=UTC), tick=False):
        second = await anonymous.get(EVENTS + extension)
        assert first.content == second.content
        assert first.headers["etag"] == second.headers["etag"]
        assert "max-age=10," in second.headers["cache-control"]
        for condition in (first.headers["etag"], f'"x", W/{first.headers["etag"]}', "*"):
            third = await anonymous.get(EVENTS + extension, headers={"If-None-Match": condition})
            assert (third.status_code, third.content) == (304, b"")
            assert third.headers["etag"] == first.headers["etag"]
        assert (await anonymous.get(EVENTS + extension, headers={"If-None-Match": '"x"'})).status_code == 200


async def test_any_cache_may_keep_the_answer_and_any_site_may_read_it(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    event = await an_event(session, territory, published=True)
    with time_machine.travel(clock.now().replace(minute=20), tick=False):
        answer = await anonymous.get(EVENTS)
    assert answer.headers["cache-control"] == ("public, max-age=60, stale-while-revalidate=600, stale-if-error=86400")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["last-modified"] == event.updated_at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert answer.headers.get("vary") is None
    head = await anonymous.head(EVENTS)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len((await anonymous.get(EVENTS)).content))
    preflight = await anonymous.options(
        EVENTS, headers={"Origin": "https://town.example", "Access-Control-Request-Method": "GET"}
    )
    assert preflight.status_code == 204
    assert "GET" in preflight.headers["access-control-allow-methods"]


async def test_an_edit_made_elsewhere_shows_at_once(
    keeping: House, reader: AsyncClient, writer: AsyncSession, told: list[str]
) -> None:
    territory = await a_territory(writer)
    event = await an_event(writer, territory, published=True, title="Avant")
    await heard(keeping, told)
    first = await reader.get(EVENTS)
    assert keeping.api.state.front.kept(a_get(EVENTS)) is not None
    event.title = "Après"
    await writer.commit()
    await heard(keeping, told)
    second = await reader.get(EVENTS, headers={"If-None-Match": first.headers["etag"]})
    assert (second.status_code, second.json()["items"][0]["title"]) == (200, "Après")
    event.publication, event.withdrawn_at = Publication.WITHDRAWN, clock.now()
    await writer.commit()
    await heard(keeping, told)
    assert (await reader.get(EVENTS)).json()["items"] == []
    assert (await reader.get(f"{EVENTS}/{event.id}")).status_code == 410


async def test_an_answer_is_kept_until_its_window_moves_on(
    keeping: House, reader: AsyncClient, writer: AsyncSession, told: list[str]
) -> None:
    now = clock.now().replace(minute=10, second=0, microsecond=0)
    territory = await a_territory(writer)
    await an_event(writer, territory, published=True, starts_at=now + DAY)
    await heard(keeping, told)
    with time_machine.travel(now, tick=False):
        first = await reader.get(EVENTS)
    with time_machine.travel(now + timedelta(minutes=49), tick=False):
        assert keeping.api.state.front.kept(a_get(EVENTS)) is not None
    with time_machine.travel(now + timedelta(minutes=50), tick=False):
        assert keeping.api.state.front.kept(a_get(EVENTS)) is None
        assert (await reader.get(EVENTS)).json()["window"] != first.json()["window"]


async def test_nothing_is_kept_while_nobody_listens_and_all_is_well_again_after(
    keeping: House, reader: AsyncClient, writer: AsyncSession, told: list[str]
) -> None:
    territory = await a_territory(writer)
    await an_event(writer, territory, published=True)
    await heard(keeping, told)
    await reader.get(EVENTS)
    revision = keeping.api.state.front.revision
    async with keeping.database.driver() as connection:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
            " and (query ilike 'listen%' or query = 'SELECT 1')"
        )
    await until(keeping, lambda: not revision.is_live)
    assert keeping.api.state.front.kept(a_get(EVENTS)) is None
    assert (await reader.get(EVENTS)).status_code == 200
    assert keeping.api.state.front.kept(a_get(EVENTS)) is None
    await until(keeping, lambda: revision.is_live)
    await reader.get(EVENTS)
    assert keeping.api.state.front.kept(a_get(EVENTS)) is not None


async def test_what_is_asked_by_many_at_once_is_made_once(
    keeping: House, writer: AsyncSession, monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    territory = await a_territory(writer)
    await an_event(writer, territory, published=True)
    await heard(keeping, told)
    sent = 0
    original = asyncpg.Connection.fetchrow

    async def counted(self, query, *args, **kwargs):
        nonlocal sent
        sent += "with" in query
        return await original(self, query, *args, **kwargs)

    monkeypatch.setattr(asyncpg.Connection, "fetchrow", counted)
    async with keeping.client() as client:
        answers = await asyncio.gather(*[client.get(f"{EVENTS}?q=x") for _ in range(20)])
    assert {answer.content for answer in answers} == {answers[0].content}
    assert sent == 1


def a_get(path: str) -> dict:
    return {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [], "state": {}}


async def heard(house: House, told: list[str]) -> None:
    """Wait until every notification sent so far has reached the application."""
    mark = str(uuid4())
    async with house.database.driver() as connection:
        await connection.execute("select pg_notify('aet_journal', $1::text)", mark)
    await until(house, lambda: mark in told)


async def until(house: House, happens: Callable[[], bool]) -> None:
    """Talk with the database until something else has happened meanwhile."""
    async with asyncio.timeout(10), house.database.driver() as connection:
        while not happens():
            await connection.fetchval("select 1")


def a_store(capacity: int = 100_000) -> tuple[KeptAnswers, Revision]:
    revision = Revision()
    revision.is_live = True
    return KeptAnswers(revision, capacity), revision


def an_answer(size: int = 10, **traits) -> Answer:
    return Answer(b"x" * size, "text/plain", **traits)


@pytest.mark.unit
async def test_one_that_fails_does_not_fail_those_who_waited() -> None:
    store, _ = a_store()
    started, go = asyncio.Event(), asyncio.Event()

    async def fail() -> Answer:
        started.set()
        await go.wait()
        raise ZeroDivisionError

    async def succeed() -> Answer:
        return an_answer()

    first = asyncio.create_task(store.get_or_make(("/a", b""), fail))
    await started.wait()
    second = asyncio.create_task(store.get_or_make(("/a", b""), succeed))
    await asyncio.sleep(0)
    go.set()
    assert (await second).body == b"x" * 10
    with pytest.raises(ZeroDivisionError):
        await first


@pytest.mark.unit
async def test_an_answer_whose_query_began_before_a_change_is_not_kept_and_not_shared_with_those_after() -> None:
    store, revision = a_store()
    started, go = asyncio.Event(), asyncio.Event()

    async def slow() -> Answer:
        started.set()
        await go.wait()
        return an_answer(1)

    async def quick() -> Answer:
        return an_answer(2)

    first = asyncio.create_task(store.get_or_make(("/a", b""), slow))
    await started.wait()
    revision.bump()
    assert (await store.get_or_make(("/a", b""), quick)).body == b"xx"
    go.set()
    await first
    kept = store.get(("/a", b""))
    assert kept is not None
    assert kept.body == b"xx"


@pytest.mark.unit
async def test_the_store_is_bounded_and_gives_up_what_was_asked_for_longest_ago() -> None:
    store, revision = a_store(capacity=50_000)
    for number in range(20):
        store.put((f"/{number}", b""), an_answer(5_000), revision.number)
        store.get(("/0", b""))
    kept = [number for number in range(20) if store.get((f"/{number}", b""))]
    assert kept[0] == 0
    assert kept[1:] == list(range(20 - len(kept) + 1, 20))
    assert len(kept) < 8
    store.put(("/large", b""), an_answer(40_000), revision.number)
    assert store.get(("/large", b"")) is None


@pytest.mark.unit
def test_the_same_parameters_in_another_order_are_the_same_question() -> None:
    assert key_of("/a", b"b=1&a=2") == key_of("/a", b"a=2&b=1")
    assert key_of("/a", b"b=1") != key_of("/a", b"b=2")
