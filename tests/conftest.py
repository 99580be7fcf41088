"""One PostgreSQL a run, one database a worker, one transaction a test.

`client_for(caller)` calls the whole application in that caller's name, `anonymous` in nobody's, and
`session` prepares rows; all of it stands in one transaction, rolled back after the test. A test of what
only a commit shows (concurrency, notifications) asks for `committed`, a database of its own.
"""

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg
import pytest
from fastapi import FastAPI, Request
from httpx import ASGITransport, AsyncClient
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from starlette.types import ASGIApp

from app import models  # noqa: F401  (the mapper needs every table)
from app.core import migrations
from app.core.db import Database, PooledDatabase
from app.core.embedded import Embedded
from app.core.journal import attribute_to
from app.identity.bearer import Bearer
from app.identity.caller import Caller
from app.settings import Settings

RUN = Path(tempfile.gettempdir()) / f"aet-tests-{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}"
QUICK = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200"]
SETTINGS = Settings(
    _env_file=None,
    secret_key="a-key-for-tests-which-is-long-enough",
    kept_answers_mib=0,
    public_url="http://test",
    idle_timeout_ms=300_000,  # the transaction of a test idles while a browser starts
)


class OneTransaction:
    """A database that is one transaction of one connection: what a request commits is a savepoint."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    @asynccontextmanager
    async def session(self, *, read_only: bool = False) -> AsyncIterator[AsyncSession]:
        async with AsyncSession(
            self.connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        ) as session:
            if read_only:
                await session.execute(text("SET LOCAL transaction_read_only = on"))
            yield session

    @asynccontextmanager
    async def driver(self) -> AsyncIterator[asyncpg.Connection]:
        yield (await self.connection.get_raw_connection()).driver_connection


class Switched:
    """The database the application of this worker looks at just now."""

    current: Database

    def session(self, *, read_only: bool = False):
        return self.current.session(read_only=read_only)

    def driver(self):
        return self.current.driver()


class House:
    """A running application with its database and the callers it knows."""

    def __init__(self, database: Database, settings: Settings = SETTINGS) -> None:
        self.database = database
        from app.main import create_api, wrap

        self.callers: dict[str, Caller] = {}
        self.api: FastAPI = create_api(settings, database, self._identify)
        self.app: ASGIApp = wrap(self.api)

    async def _identify(self, request: Request) -> Caller:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token in self.callers:
            return self.callers[token]
        bearer: Bearer = self.api.state.bearer
        return await bearer.identify(request)

    def client(self, caller: Caller | None = None) -> AsyncClient:
        """A client of the whole application, in the name of `caller` or of nobody."""
        headers = {}
        if caller:
            token = f"caller-{len(self.callers)}"
            self.callers[token] = caller
            headers["Authorization"] = f"Bearer {token}"
        transport = ASGITransport(self.app, raise_app_exceptions=False)
        return AsyncClient(transport=transport, base_url="http://test", headers=headers)

    def running(self):
        """Between the application's start and its stop."""
        return self.api.router.lifespan_context(self.api)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest test begins first, so that no worker is left waiting for it at the end."""
    items.sort(key=lambda item: item.path.name != "test_schemathesis.py")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):
        shutil.rmtree(RUN, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests counted (`record_property("counted", …)`), whichever worker ran them."""
    for report in terminalreporter.getreports("passed"):
        for name, text_ in report.user_properties:
            if name == "counted":
                terminalreporter.write_line(text_)


@pytest.fixture(scope="session")
def server() -> Iterator[Embedded]:
    """The PostgreSQL of this run, shared by its workers, with the migrated `aet_template`."""
    RUN.mkdir(mode=0o755, exist_ok=True)
    with Embedded(RUN / "pg", options=QUICK) as server:
        with (RUN / "template.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (RUN / "template.made").exists():
                asyncio.run(run_as_superuser(server, 'CREATE DATABASE aet_template OWNER "aet_owner"'))
                migrations.upgrade(url_of(server, "aet_template", "aet_owner"), "aet_app")
                (RUN / "template.made").touch()
        yield server


def url_of(server: Embedded, database: str, role: str = "aet_app") -> str:
    return f"postgresql://{role}@/{database}?host={server.sockets}"


async def run_as_superuser(server: Embedded, statement: str) -> None:
    connection = await asyncpg.connect(url_of(server, "postgres", "postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def make_database(server: Embedded, name: str) -> None:
    """A copy of the migrated template. Copies are made one at a time: the template may have no visitor."""
    with (RUN / "template.lock").open("a") as lock:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        await run_as_superuser(server, f'CREATE DATABASE "{name}" TEMPLATE aet_template OWNER aet_owner')


@pytest.fixture(scope="session")
async def house(server: Embedded, worker_id: str) -> AsyncIterator[House]:
    """The application of this worker, over its own database."""
    name = f"aet_{worker_id}"
    await make_database(server, name)
    switched = Switched()
    pooled = PooledDatabase(url_of(server, name), SETTINGS)
    switched.current = pooled
    house = House(switched)
    house.pooled = pooled  # type: ignore[attr-defined]
    async with house.running():
        yield house
    await pooled.close()


@pytest.fixture
async def database(house: House) -> AsyncIterator[OneTransaction]:
    """This test's transaction, as the app role; rolled back at its end."""
    async with house.pooled.engine.connect() as connection:  # type: ignore[attr-defined]
        outer = await connection.begin()
        house.database.current = one = OneTransaction(connection)  # type: ignore[attr-defined]
        house.callers.clear()
        yield one
        house.database.current = house.pooled  # type: ignore[attr-defined]
        await outer.rollback()


@pytest.fixture
async def session(database: OneTransaction) -> AsyncIterator[AsyncSession]:
    """A session to prepare and look at rows with, attributed to `test`."""
    async with database.session() as session:
        attribute_to(session, "test")
        yield session


@pytest.fixture
def statements(house: House) -> Callable[[], AbstractContextManager[list[str]]]:
    """Collects the statements that reach PostgreSQL meanwhile, but for the transaction's own words."""

    @contextmanager
    def collect() -> Iterator[list[str]]:
        found: list[str] = []

        def note(_connection, _cursor, statement, *_rest) -> None:
            if statement.startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")):
                found.append(statement)

        engine = house.pooled.engine.sync_engine  # type: ignore[attr-defined]
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield found
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return collect


@pytest.fixture
async def client_for(house: House, database: OneTransaction) -> AsyncIterator[Callable[[Caller], AsyncClient]]:
    """Makes clients in the name of a caller."""
    async with AsyncExitStack() as stack:

        def make(caller: Caller) -> AsyncClient:
            client = house.client(caller)
            stack.push_async_callback(client.aclose)
            return client

        yield make


@pytest.fixture
async def anonymous(house: House, database: OneTransaction) -> AsyncIterator[AsyncClient]:
    """A client that says nothing of itself."""
    async with house.client() as client:
        yield client


@pytest.fixture
async def own_database(server: Embedded, worker_id: str) -> AsyncIterator[PooledDatabase]:
    """A database of this test alone, where commits are real."""
    name = f"aet_own_{worker_id}"
    await make_database(server, name)
    pooled = PooledDatabase(url_of(server, name), SETTINGS)
    yield pooled
    await pooled.close()
    await run_as_superuser(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def committed(own_database: PooledDatabase) -> AsyncIterator[House]:
    """The whole application over a database of its own, where commits are real."""
    house = House(own_database)
    async with house.running():
        yield house
