"""Rows and transactions: the base of every table, the one engine, and how a row is read and written."""

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar
from uuid import UUID, uuid4

import asyncpg
import orjson
from sqlalchemy import ARRAY, DateTime, Enum, MetaData, Select, Text, Uuid, event, func, literal, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.orm.attributes import flag_modified
from uuid_utils.compat import uuid7

from app.core import clock
from app.core.errors import NotAllowed, NotFound
from app.settings import Settings


class Base(DeclarativeBase):
    """The root of every table: constraint names that errors can be told from, instants with a zone."""

    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "ck": "%(table_name)s_%(constraint_name)s_check",
        }
    )
    type_annotation_map: ClassVar[Mapping[Any, Any]] = {
        datetime: DateTime(timezone=True),
        UUID: Uuid,
        str: Text,
        list[str]: ARRAY(Text),
    }


class Resource:
    """What every resource has: an identifier made here, two instants, and a version, which is its ETag.

    `__resource__` is its name in the journal and in paths. A resource of a territory has `territory_id`.
    """

    __resource__: ClassVar[str]
    if TYPE_CHECKING:
        allowed_actions: Sequence[str]
        """Of a resource with states: what one caller may do with it now. The policy puts it here to be answered."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-2)
    created_at: Mapped[datetime] = mapped_column(default=clock.now, sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, sort_order=91)
    version: Mapped[int] = mapped_column(sort_order=92)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


T = TypeVar("T")
R = TypeVar("R", bound=Resource)


class Database(Protocol):
    """Where sessions (the work) and bare driver connections (the public reads) come from."""

    def session(self, *, read_only: bool = False) -> AbstractAsyncContextManager[AsyncSession]:
        """A session; what is not committed when it closes is rolled back."""

    def driver(self) -> AbstractAsyncContextManager[asyncpg.Connection]:
        """A driver connection outside any transaction."""


class PooledDatabase:
    """PostgreSQL through connections that work as the app role with its timeouts set: sessions' own, and readers'."""

    def __init__(self, url: str, settings: Settings) -> None:
        self.engine = create_engine(url, settings)
        self._readers = Readers(self.engine, settings)

    @asynccontextmanager
    async def session(self, *, read_only: bool = False) -> AsyncIterator[AsyncSession]:
        engine = self.engine.execution_options(postgresql_readonly=True) if read_only else self.engine
        async with AsyncSession(engine, expire_on_commit=False) as session:
            yield session

    def driver(self) -> AbstractAsyncContextManager[asyncpg.Connection]:
        return self._readers.one()

    async def close(self) -> None:
        """Give every connection back."""
        await self._readers.close()
        await self.engine.dispose()


class Readers:
    """Driver connections beside the pool of sessions: half as many, and one to listen with.

    A statement is planned once there, for any values: planning one of the public tree takes longer than running
    it. Handing a connection out takes 5 µs, where a pool's bookkeeping would take 100.
    """

    def __init__(self, engine: AsyncEngine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings
        self._turns = asyncio.Semaphore(settings.pool_size // 2 + 1)
        self._idle: list[asyncpg.Connection] = []

    @asynccontextmanager
    async def one(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection of one's own. Raises `PoolTimeout` when none comes free in time."""
        if self._turns.locked():
            await self._wait()
        else:
            await self._turns.acquire()
        connection = None
        try:
            while connection is None or connection.is_closed():
                connection = self._idle.pop() if self._idle else await self._connect()
            yield connection
        finally:
            if connection:
                self._idle.append(connection)
            self._turns.release()

    async def close(self) -> None:
        """Close those that are not in use."""
        while self._idle:
            await self._idle.pop().close()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._settings.pool_timeout_s):
                await self._turns.acquire()
        except TimeoutError as error:
            raise PoolTimeout from error

    async def _connect(self) -> asyncpg.Connection:
        made = await self._engine.raw_connection()
        connection = made.driver_connection
        made.detach()
        assert isinstance(connection, asyncpg.Connection)
        if self._settings.prepared_statements:
            await connection.execute("SET plan_cache_mode = force_generic_plan")
        return connection


def driver_url(url: str) -> URL:
    """The URL as SQLAlchemy's asyncpg dialect wants it, from a plain `postgresql://` one."""
    parsed = make_url(url).set(drivername="postgresql+asyncpg")
    return parsed.difference_update_query(["sslmode"]).update_query_dict(
        {"ssl": str(parsed.query["sslmode"])} if "sslmode" in parsed.query else {}
    )


def create_engine(url: str, settings: Settings, **server_settings: str) -> AsyncEngine:
    """The engine of one worker. Behind PgBouncer (`prepared_statements` off) nothing is set at connection:
    it would refuse the parameters, so the role and its timeouts are those of the login there."""
    target = driver_url(url)
    connect: dict[str, Any] = {"timeout": settings.pool_timeout_s}
    if settings.prepared_statements:
        connect["server_settings"] = {
            "application_name": "aet",
            "timezone": "UTC",
            "jit": "off",
            "max_parallel_workers_per_gather": "0",  # starting workers costs more than any read here takes
            "random_page_cost": "1.1",  # data in memory or on an SSD: reading a page by its index costs as in a row
            "statement_timeout": str(settings.statement_timeout_ms),
            "lock_timeout": str(settings.lock_timeout_ms),
            "idle_in_transaction_session_timeout": str(settings.idle_timeout_ms),
        } | ({"role": settings.app_role} if target.username != settings.app_role else {})
    else:
        connect |= {"statement_cache_size": 0, "prepared_statement_name_func": lambda: f"__aet_{uuid4()}__"}
        target = target.update_query_dict({"prepared_statement_cache_size": "0"})
    engine = create_async_engine(
        target,
        connect_args=connect,
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.pool_timeout_s,
        pool_pre_ping=False,
        pool_recycle=1800,
        hide_parameters=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(connection: DBAPIConnection, _record: object, _proxy: object) -> None:
    """A connection PostgreSQL has closed meanwhile is made anew."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


async def let_see(session: AsyncSession, **ids: Collection[UUID | str] | None) -> None:
    """Set what row-level security shows until this transaction ends: rows of these ids, by the name of the setting.

    None: all of them. A transaction that never said so sees no row of a table under row-level security.
    """
    told = {name: "*" if among is None else ",".join(map(str, among)) for name, among in ids.items()}
    await session.execute(select(*(func.set_config(f"aet.{name}", value, True) for name, value in told.items())))


async def one_or_404(session: AsyncSession, rows: Select[T]) -> T:
    """The one row of the selection. Raises `NotFound` when there is none within the caller's sight."""
    row: T | None = await session.scalar(rows)
    if row is None:
        raise NotFound
    return row


async def save(session: AsyncSession, row: R, *, within: Select[R]) -> R:
    """Write the row, then refuse it if its writer could not see it (what row security calls WITH CHECK).

    Raises `NotAllowed`; the transaction then ends without a change.
    """
    session.add(row)
    await session.flush()
    await require_visible(session, row, within=within)
    return row


async def remove(session: AsyncSession, row: Resource) -> None:
    """Delete the row and what hangs on it. What other rows need, the database keeps (`StillReferenced`)."""
    await session.delete(row)
    await session.flush()


async def require_visible(session: AsyncSession, row: R, *, within: Select[R]) -> None:
    """Raises `NotAllowed` unless `row` is one of `within`."""
    mine = within.where(type(row).id == row.id).with_only_columns(literal(1)).order_by(None)
    if await session.scalar(mine) is None:
        raise NotAllowed(reason="out_of_sight")


def apply(row: Resource, changes: Mapping[str, object]) -> None:
    """Set the fields given (merge patch, RFC 7396: an absent field stays as it is)."""
    for name, value in changes.items():
        setattr(row, name, value)


def touch(row: Resource) -> None:
    """Give the row a new version although only rows that hang on it change."""
    flag_modified(row, "updated_at")


def choice(values: type[StrEnum], name: str | None = None) -> Enum:
    """A text column holding one of `values`, which the database checks; `name` where a table has several of them."""
    name = name or re.sub(r"(?<!^)(?=[A-Z])", "_", values.__name__).lower()
    return Enum(values, native_enum=False, values_callable=list, create_constraint=True, name=name, length=40)
