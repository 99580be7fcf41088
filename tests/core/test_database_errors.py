"""What PostgreSQL refuses becomes a problem with a place, and its words stay with us."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import ForeignKey, Text, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

import app.models  # noqa: F401  (every domain says where its constraints point)
from app.core import i18n, problems
from app.core.database_errors import CONSTRAINTS, describe_constraint
from app.core.db import create_engine, driver_url
from app.core.embedded import Embedded
from app.settings import Settings
from tests.conftest import run_as_superuser, url_of

CANARY = "Zoé-Quetsche-4212"
SETTINGS = Settings(_env_file=None, statement_timeout_ms=200, lock_timeout_ms=150, pool_size=1, pool_timeout_s=0.3)
MAKE = """
CREATE TABLE clubs (id int PRIMARY KEY, name varchar(30) NOT NULL, size int NOT NULL DEFAULT 1, version int DEFAULT 1,
    CONSTRAINT clubs_name_key UNIQUE (name), CONSTRAINT clubs_size_check CHECK (size > 0));
CREATE TABLE terms (club_id int, during int4range,
    CONSTRAINT terms_club_id_fkey FOREIGN KEY (club_id) REFERENCES clubs (id),
    CONSTRAINT terms_during_excl EXCLUDE USING gist (during WITH &&));
CREATE TABLE seats (club_id int REFERENCES clubs (id) ON DELETE RESTRICT);
INSERT INTO clubs VALUES (1, 'one'), (2, 'two'), (3, 'three');
INSERT INTO terms VALUES (1, '[1,5)');
INSERT INTO seats VALUES (2);
"""


class Base(DeclarativeBase):
    pass


class Club(Base):
    __tablename__ = "clubs"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Term(Base):
    __tablename__ = "terms"
    club_id: Mapped[int] = mapped_column(ForeignKey("clubs.id"), primary_key=True)


NAME = f"errors_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


@pytest.fixture(scope="module")
async def engine(server: Embedded) -> AsyncIterator[AsyncEngine]:
    await run_as_superuser(server, f"CREATE DATABASE {NAME}")
    url = url_of(server, NAME, "postgres")
    connection = await asyncpg.connect(url)
    await connection.execute(MAKE)
    await connection.close()
    engine = create_engine(url, SETTINGS.model_copy(update={"app_role": "postgres"}))
    yield engine
    await engine.dispose()
    await run_as_superuser(server, f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest.fixture(autouse=True)
def constraints(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("clubs_name_key", "terms_club_id_fkey", "clubs_size_check", "terms_during_excl"):
        monkeypatch.delitem(CONSTRAINTS, name, raising=False)
    describe_constraint("clubs_name_key", "#/name", "already_exists")
    describe_constraint("terms_club_id_fkey", "#/club_id", "unknown_reference")
    describe_constraint("clubs_size_check", "#/size", "greater_than", gt=0)
    describe_constraint("terms_during_excl", "#/during", "invalid")


Work = Callable[[], Awaitable[object]]


async def answer_to(work: Work) -> httpx.Response:
    """What a route that does this work answers, in English."""
    api = FastAPI()
    problems.install(api)

    @api.get("/work")
    async def route() -> None:
        await work()

    transport = httpx.ASGITransport(api, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get("/work", headers={"Accept-Language": "en"})


def summary(answer: httpx.Response) -> tuple[int, str, dict[str, str]]:
    body = answer.json()
    assert CANARY not in answer.text
    assert "constraint" not in answer.text
    faults = {fault["pointer"]: fault["message"] for fault in body["errors"]}
    return answer.status_code, body["type"].removeprefix("/problems/"), faults


CASES = [
    ("INSERT INTO clubs VALUES (9, 'one')", 409, "already-exists", {"#/name": "This value is already taken."}),
    ("INSERT INTO clubs VALUES (1, 'new')", 409, "already-exists", {}),
    ("INSERT INTO clubs VALUES (9, 'x', 0)", 422, "invalid-input", {"#/size": "Must be greater than 0."}),
    ("INSERT INTO clubs VALUES (9, NULL)", 422, "invalid-input", {"#/name": "Required."}),
    ("INSERT INTO clubs VALUES (9, repeat('x', 31))", 422, "invalid-input", {}),
    ("INSERT INTO clubs VALUES (9, 'x', 3000000000)", 422, "invalid-input", {}),
    (f"INSERT INTO clubs VALUES ('{CANARY}', 'x')", 422, "invalid-input", {}),
    (
        "INSERT INTO terms VALUES (99, '[7,8)')", 422, "invalid-input",
        {"#/club_id": "Nothing you can see has this identifier."},
    ),
    ("UPDATE terms SET club_id = 99", 422, "invalid-input", {"#/club_id": "Nothing you can see has this identifier."}),
    ("DELETE FROM clubs WHERE id = 1", 409, "still-referenced", {}),
    ("DELETE FROM clubs WHERE id = 2", 409, "still-referenced", {}),
    ("INSERT INTO terms VALUES (1, '[4,6)')", 409, "conflict", {"#/during": "Value refused."}),
    ("SELECT * FROM not_migrated_yet", 500, "internal-error", {}),
    ("SELECT pg_sleep(2)", 503, "unavailable", {}),
    ("SELECT pg_terminate_backend(pg_backend_pid())", 503, "unavailable", {}),
    *((f"DO $$ BEGIN RAISE EXCEPTION '{CANARY}' USING ERRCODE = '{state}'; END $$", 503, "unavailable", {})
      for state in ("40001", "40P01", "53300", "53100", "57P03", "25P03", "08006")),
    (f"DO $$ BEGIN RAISE EXCEPTION '{CANARY}'; END $$", 500, "internal-error", {}),
    (
        f"DO $$ BEGIN RAISE EXCEPTION '{CANARY}' USING ERRCODE = '23514', CONSTRAINT = 'clubs_size_check'; END $$",
        422, "invalid-input", {"#/size": "Must be greater than 0."},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "status", "slug", "faults"), CASES, ids=[case[0][:60] for case in CASES])
@pytest.mark.parametrize("way", ["session", "driver"])
async def test_a_refusal_of_postgresql_is_a_problem_of_ours(
    engine: AsyncEngine, statement: str, status: int, slug: str, faults: dict[str, str], way: str
) -> None:
    async def through_session() -> None:
        async with AsyncSession(engine) as session:
            await session.execute(text(statement))

    async def through_driver() -> None:
        async with engine.connect() as connection:
            raw = (await connection.get_raw_connection()).driver_connection
            assert isinstance(raw, asyncpg.Connection)
            transaction = raw.transaction()
            await transaction.start()
            try:
                await raw.execute(statement)
            finally:
                if not raw.is_closed():
                    await transaction.rollback()

    answer = await answer_to(through_session if way == "session" else through_driver)
    assert summary(answer) == (status, slug, faults)
    assert ("retry-after" in answer.headers) == (status == 503)


async def test_a_value_the_driver_cannot_send_is_refused_input(engine: AsyncEngine) -> None:
    for value in (2**40, CANARY):

        async def work(value: object = value) -> None:
            async with engine.connect() as connection:
                await connection.execute(text("SELECT * FROM clubs WHERE id = :id"), {"id": value})

        assert summary(await answer_to(work)) == (422, "invalid-input", {})


async def test_a_nul_that_reaches_the_database_is_refused_input(engine: AsyncEngine) -> None:
    async def work() -> None:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT CAST(:name AS text)"), {"name": "a\0b"})

    assert summary(await answer_to(work)) == (422, "invalid-input", {})


async def test_a_change_to_a_row_changed_meanwhile_is_an_outdated_version(engine: AsyncEngine) -> None:
    async def work() -> None:
        async with AsyncSession(engine) as session:
            club = await session.get_one(Club, 3)
            await session.execute(text("UPDATE clubs SET version = version + 1 WHERE id = 3"))
            club.name = "other"
            await session.flush()

    assert summary(await answer_to(work)) == (412, "version-mismatch", {})


async def test_waiting_too_long_for_a_lock_or_a_connection_is_told_to_come_back(
    engine: AsyncEngine, server: Embedded
) -> None:
    async def work() -> None:
        async with engine.connect() as connection:
            await connection.execute(text("UPDATE clubs SET size = 2 WHERE id = 1"))

    holder = await asyncpg.connect(url_of(server, NAME, "postgres"))
    async with holder.transaction():
        await holder.execute("UPDATE clubs SET size = 3 WHERE id = 1")
        assert summary(await answer_to(work)) == (503, "unavailable", {})
    await holder.close()
    async with engine.connect():  # the only connection of the pool
        assert summary(await answer_to(work)) == (503, "unavailable", {})
    assert (await answer_to(work)).status_code == 200


async def test_a_connection_postgresql_has_closed_is_made_anew(engine: AsyncEngine, server: Embedded) -> None:
    async def through_driver() -> None:
        async with engine.connect() as connection:
            raw = (await connection.get_raw_connection()).driver_connection
            assert isinstance(raw, asyncpg.Connection)
            await raw.fetchval("SELECT 1")

    async def through_session() -> None:
        async with AsyncSession(engine) as session:
            await session.scalar(text("SELECT 1"))

    for work in (through_driver, through_session):
        assert (await answer_to(work)).status_code == 200
        await run_as_superuser(
            server,
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'errors'",
        )
        assert (await answer_to(work)).status_code == 200


async def test_a_database_that_is_not_there_is_unavailable(server: Embedded, unused_tcp_port: int) -> None:
    nowhere = {
        "refused": f"postgresql://x@127.0.0.1:{unused_tcp_port}/x",
        "no socket": "postgresql://x@/x?host=/nonexistent",
        "no such database": url_of(server, "no_such_database", "postgres"),
        "no such role": url_of(server, "postgres", "no_such_role"),
    }
    for how, url in nowhere.items():
        engine = create_async_engine(driver_url(url))

        async def work(engine: AsyncEngine = engine) -> None:
            async with engine.connect():
                pass

        assert summary(await answer_to(work)) == (503, "unavailable", {}), how

        async def bare(url: str = url) -> None:
            await asyncpg.connect(url)

        assert summary(await answer_to(bare)) == (503, "unavailable", {}), how


async def test_a_file_of_ours_that_is_missing_is_a_defect_and_not_the_database() -> None:
    async def work() -> None:
        open(f"/nonexistent/{CANARY}")  # noqa: ASYNC230, SIM115

    assert summary(await answer_to(work)) == (500, "internal-error", {})


async def test_two_statements_at_once_on_one_connection_are_a_defect(server: Embedded) -> None:
    async def work() -> None:
        connection = await asyncpg.connect(url_of(server, "postgres", "postgres"))
        try:
            await asyncio.gather(connection.execute("SELECT 1"), connection.execute("SELECT 1"))
        finally:
            connection.terminate()

    assert summary(await answer_to(work)) == (500, "internal-error", {})


def test_every_constraint_a_domain_describes_has_a_message() -> None:
    assert len(CONSTRAINTS) > 4
    assert {name: fault.code for name, fault in CONSTRAINTS.items() if not i18n.has(f"error.{fault.code}")} == {}
