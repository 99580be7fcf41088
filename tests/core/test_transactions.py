"""One transaction a request, over a small application of this test and the real tables of themes and stages."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter, Body, Depends, FastAPI, Request
from httpx import ASGITransport, AsyncClient
from pydantic import BaseModel
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.core import idempotency, journal, problems
from app.core.db import PooledDatabase, let_see, save
from app.core.errors import NotAllowed
from app.core.pagination import Cursors, Page, PageAsked, page
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import Caller, Needs, Role
from app.settings import Settings
from app.territories.models import Programme, Stage, Territory, Theme
from tests import factories
from tests.conftest import SETTINGS

router = APIRouter(route_class=TransactionalRoute, dependencies=[Depends(Needs("themes:write"))])
in_endpoint = asyncio.Event()
let_go = asyncio.Event()


class ThemeOut(BaseModel):
    model_config = {"from_attributes": True}
    id: UUID
    name: str


@router.get("/themes", response_model=Page[ThemeOut])
async def list_themes(session: OpenSession, asked: PageAsked, name: str | None = None) -> object:
    themes = select(Theme) if name is None else select(Theme).where(Theme.name.startswith(name))
    return await page(session, themes, asked, by=[Theme.name, Theme.id])


@router.post("/themes", status_code=201, dependencies=[Depends(idempotency.begin)])
async def add_theme(
    session: OpenSession, territory_id: Annotated[UUID, Body()], name: Annotated[str, Body()]
) -> ThemeOut:
    theme = Theme(territory_id=territory_id, name=name, slug=f"theme-{uuid4().hex}", position=1)
    session.add(theme)
    await session.flush()
    if name == "slow":
        in_endpoint.set()
        await let_go.wait()
    if name == "refused":
        raise NotAllowed
    return ThemeOut(id=theme.id, name="" if name != "unspeakable" else None)  # type: ignore[arg-type]


@router.post("/twins")
async def add_twin_stages(session: OpenSession, programme_id: Annotated[UUID, Body(embed=True)]) -> str:
    programme = await session.get_one(Programme, programme_id)
    for name in ("one", "two"):
        row = Stage(territory_id=programme.territory_id, programme_id=programme_id, position=1, name=name)
        session.add(row)
    await session.flush()
    return "both"


@router.get("/writing")
async def write_in_a_get(session: OpenSession) -> str:
    await session.execute(text("INSERT INTO municipalities VALUES ('75056', 'Paris')"))
    return "written"


async def identify(request: Request) -> Caller:
    name = request.headers.get("X-Caller", "first")
    return Caller(id=name, role=Role.COLLECTIVITE, scopes=frozenset({"themes:write"}))


async def tell_nobody(_request: Request, _refused: NotAllowed | None) -> None:
    """This application keeps no audit."""


def application(database: PooledDatabase) -> FastAPI:
    app = FastAPI()
    app.state.database, app.state.identify, app.state.cursors = database, identify, Cursors(b"k" * 32)
    app.state.on_commit = lambda: None
    app.state.after_route = tell_nobody
    problems.install(app)
    app.include_router(router)
    return app


@pytest.fixture
async def api(own_database: PooledDatabase) -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(application(own_database), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture
async def territory(own_database: PooledDatabase) -> Territory:
    async with own_database.session() as session:
        journal.attribute_to(session, "test")
        return await factories.a_territory(session)


async def count(database: PooledDatabase, table: type) -> int:
    async with database.session() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def kept_answers(database: PooledDatabase, caller: str = "first") -> int:
    async with database.session() as session:
        await let_see(session, caller=[caller])
        return await session.scalar(select(func.count()).select_from(idempotency.KeptAnswer)) or 0


async def test_a_commit_that_fails_is_never_answered_as_a_success(api, own_database, territory):
    async with own_database.session() as session:
        journal.attribute_to(session, "test")
        programme = await factories.a_programme(session, territory)
    answer = await api.post("/v1/twins", json={"programme_id": str(programme.id)})
    assert answer.status_code == 409
    assert await count(own_database, Stage) == 0


async def test_a_get_cannot_write(api, own_database):
    answer = await api.get("/v1/writing")
    assert answer.status_code == 500
    async with own_database.session() as session:
        assert not await session.scalar(text("SELECT count(*) FROM municipalities"))


async def test_what_is_refused_leaves_nothing_behind(api, own_database, territory):
    body = {"territory_id": str(territory.id), "name": "refused"}
    before = await count(own_database, journal.JournalEntry)
    answer = await api.post("/v1/themes", json=body, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 403
    assert await count(own_database, Theme) == 0
    assert await kept_answers(own_database) == 0
    assert await count(own_database, journal.JournalEntry) == before


async def test_a_key_answers_a_repeat_without_doing_it_again(api, own_database, territory):
    body = {"territory_id": str(territory.id), "name": "once"}
    first, second = [await api.post("/v1/themes", json=body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert await count(own_database, Theme) == 1
    assert await kept_answers(own_database) == 1
    assert await kept_answers(own_database, "second") == 0
    assert await count(own_database, idempotency.KeptAnswer) == 0


async def test_a_key_stands_for_one_request_of_one_caller(api, own_database, territory):
    body = {"territory_id": str(territory.id), "name": "mine"}
    keyed = {"Idempotency-Key": "k"}
    assert (await api.post("/v1/themes", json=body, headers=keyed)).status_code == 201
    other_body = await api.post("/v1/themes", json={**body, "name": "other"}, headers=keyed)
    assert (other_body.status_code, other_body.json()["type"]) == (422, "/problems/idempotency-key-reused")
    other_caller = await api.post("/v1/themes", json=body, headers={**keyed, "X-Caller": "second"})
    assert other_caller.status_code == 201
    assert "Idempotency-Replayed" not in other_caller.headers
    assert await count(own_database, Theme) == 2


async def test_a_key_in_use_is_told_to_wait(api, own_database, territory):
    in_endpoint.clear()
    let_go.clear()
    body = {"territory_id": str(territory.id), "name": "slow"}
    under_way = asyncio.create_task(api.post("/v1/themes", json=body, headers={"Idempotency-Key": "k"}))
    await asyncio.wait_for(in_endpoint.wait(), timeout=30)
    meanwhile = await api.post("/v1/themes", json=body, headers={"Idempotency-Key": "k"})
    let_go.set()
    assert meanwhile.status_code == 409
    assert meanwhile.headers["Retry-After"] == "1"
    assert (await under_way).status_code == 201
    assert await count(own_database, Theme) == 1


async def test_a_key_is_forgotten_after_a_day(api, own_database, territory):
    async def grow_old() -> None:
        async with own_database.session() as session:
            await let_see(session, caller=["first"])
            await session.execute(text("UPDATE idempotency_keys SET kept_at = kept_at - interval '25 hours'"))
            await session.commit()

    async def clear() -> int:
        async with own_database.session() as session:
            await idempotency.forget(session)
            await session.commit()
        return await kept_answers(own_database)

    body = {"territory_id": str(territory.id), "name": "again"}
    await api.post("/v1/themes", json=body, headers={"Idempotency-Key": "k"})
    await grow_old()
    again = await api.post("/v1/themes", json=body, headers={"Idempotency-Key": "k"})
    assert "Idempotency-Replayed" not in again.headers
    assert await count(own_database, Theme) == 2
    assert await clear() == 1
    await grow_old()
    assert await clear() == 0


async def test_pages_of_any_size_give_every_row_once_and_in_order(api, own_database, territory):
    async with own_database.session() as session:
        journal.attribute_to(session, "test")
        for number in range(23):
            await factories.a_theme(session, territory, name=f"n{number % 5}")
    everything = (await api.get("/v1/themes?limit=200")).json()["items"]
    assert len(everything) == 23
    for limit in (1, 5, 22, 23, 24):
        gathered, query = [], f"/v1/themes?limit={limit}"
        while query:
            answer = await api.get(query)
            gathered += answer.json()["items"]
            query = answer.links["next"]["url"] if "next" in answer.links else None
        assert gathered == everything


async def test_a_cursor_is_good_for_its_own_caller_and_filters_only(api, own_database, territory):
    async with own_database.session() as session:
        journal.attribute_to(session, "test")
        for number in range(3):
            await factories.a_theme(session, territory, name=f"n{number}")
    cursor = (await api.get("/v1/themes?limit=1")).json()["next"]
    assert (await api.get("/v1/themes", params={"limit": 2, "cursor": cursor})).status_code == 200
    elsewhere = [
        await api.get("/v1/themes", params={"cursor": cursor, "name": "n"}),
        await api.get("/v1/themes", params={"cursor": cursor}, headers={"X-Caller": "second"}),
        await api.get("/v1/themes", params={"cursor": cursor[:-2] + "xx"}),
    ]
    assert [answer.status_code for answer in elsewhere] == [422] * 3
    assert elsewhere[0].json()["errors"][0]["pointer"] == "?cursor"


async def test_all_rows_are_counted_only_when_asked(api, own_database, territory):
    async with own_database.session() as session:
        journal.attribute_to(session, "test")
        for _ in range(3):
            await factories.a_theme(session, territory)
    assert (await api.get("/v1/themes?limit=1")).json()["count"] is None
    counted = await api.get("/v1/themes?limit=1", headers={"Prefer": "count=exact"})
    assert counted.json()["count"] == 3
    assert counted.headers["Preference-Applied"] == "count=exact"


async def test_the_journal_tells_who_what_and_which_fields_and_no_value(own_database, territory):
    async with own_database.session() as session:
        journal.attribute_to(session, "account:1", request_id="r-1")
        theme = await factories.a_theme(session, territory, name="CANARI")
        theme.name = "CANARI BIS"
        journal.give_reason(session, "renamed")
        await session.commit()
        await session.delete(theme)
        await session.commit()
        of_themes = select(journal.JournalEntry).where(journal.JournalEntry.resource == "themes")
        entries = (await session.scalars(of_themes)).all()
        raw = await session.scalar(text("SELECT string_agg(journal::text, ' ') FROM journal"))
    assert [(e.action, e.version, e.fields, e.reason) for e in entries] == [
        ("insert", 1, [], None),
        ("update", 2, ["name"], "renamed"),
        ("delete", 2, [], "renamed"),
    ]
    assert {(e.caller, e.request_id, e.territory_id) for e in entries} == {("account:1", "r-1", territory.id)}
    assert "CANARI" not in raw


@pytest.mark.parametrize("statement", ["DELETE FROM journal", "UPDATE journal SET caller = 'x'", "TRUNCATE journal"])
async def test_the_application_cannot_rewrite_the_journal(session, statement):
    with pytest.raises(DBAPIError, match="permission denied"):
        await session.execute(text(statement))


async def test_a_row_its_writer_could_not_see_is_refused(session):
    mine, theirs = await factories.a_territory(session), await factories.a_territory(session)
    theme = await factories.a_theme(session, mine)
    theme.territory_id = theirs.id
    with pytest.raises(NotAllowed):
        await save(session, theme, within=select(Theme).where(Theme.territory_id == mine.id))


async def test_a_database_that_is_not_there_is_answered_with_503_and_when_to_come_back(tmp_path):
    nowhere = PooledDatabase(f"postgresql://aet_app@/aet?host={tmp_path}", SETTINGS)
    transport = ASGITransport(application(nowhere), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/v1/themes")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    await nowhere.close()


async def test_without_prepared_statements_everything_still_works(own_database, territory):
    behind_pgbouncer = Settings(**{**SETTINGS.model_dump(), "prepared_statements": False, "_env_file": None})
    plain = PooledDatabase(own_database.engine.url.render_as_string().replace("+asyncpg", ""), behind_pgbouncer)
    transport = ASGITransport(application(plain), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        for _ in range(3):
            assert (await client.get("/v1/themes")).status_code == 200
    async with plain.session() as session:
        left = "SELECT count(*) FROM pg_prepared_statements WHERE name NOT LIKE '\\_\\_aet%'"
        assert not await session.scalar(text(left))
    await plain.close()
