"""The schema's versions: brought up to date at start, and compared by `/readyz`."""

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from app.core.db import driver_url
from app.core.errors import CannotStart
from app.core.postgres_programs import OLDEST

PROJECT = Path(__file__).resolve().parents[2]
ONE_AT_A_TIME = 0x4145542D  # the number of the advisory lock every migration takes


def config(app_role: str, **attributes: Any) -> Config:
    """Alembic's configuration (`pyproject.toml`), with the role to which the schema is granted."""
    made = Config(toml_file=PROJECT / "pyproject.toml")
    made.attributes.update(app_role=app_role, **attributes)
    return made


def upgrade(owner_url: str, app_role: str, revision: str = "head") -> None:
    """Bring the schema to `revision`, one start at a time. Raises `CannotStart`.

    `owner_url` reaches PostgreSQL itself, as the role that owns the schema; `app_role` gets its rows.
    """
    apply(owner_url, app_role, functools.partial(command.upgrade, revision=revision))


def downgrade(owner_url: str, app_role: str, revision: str) -> None:
    """Take the schema back to `revision` ("base": nothing left). Raises `CannotStart`."""
    apply(owner_url, app_role, functools.partial(command.downgrade, revision=revision))


def apply(owner_url: str, app_role: str, change: Callable[[Config], None]) -> None:
    """Run one of alembic's commands on the database, alone. Raises `CannotStart`.

    It has a thread of its own, so that a running event loop does not matter.
    """
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(_migrate(owner_url, app_role, change))).result()


async def _migrate(owner_url: str, app_role: str, change: Callable[[Config], None]) -> None:
    engine = engine_of(owner_url)
    try:
        async with engine.connect() as connection:
            await _require_recent(connection)
            await connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": ONE_AT_A_TIME})
            await connection.commit()
            await connection.run_sync(lambda handed: change(config(app_role, connection=handed)))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, DBAPIError) as error:
        raise CannotStart(_why(owner_url, error)) from error
    finally:
        await engine.dispose()


def engine_of(owner_url: str) -> AsyncEngine:
    """One connection at a time, as the owner."""
    return create_async_engine(driver_url(owner_url), poolclass=NullPool, connect_args={"timeout": 10})


async def _require_recent(connection: AsyncConnection) -> None:
    number = int(await connection.scalar(text("SHOW server_version_num")) or 0)
    if number < OLDEST * 10_000:
        raise CannotStart(f"The database is PostgreSQL {number // 10_000}: {OLDEST} or later is needed.")


def _why(owner_url: str, error: Exception) -> str:
    """The sentence for a database that refuses, its password left out."""
    target = driver_url(owner_url)
    place = f"{target.host or target.query.get('host', 'localhost')}, database {target.database}"
    cause = getattr(error, "orig", None) or error
    match getattr(cause, "sqlstate", None):
        case "55P03":
            return f"The schema on {place} could not be changed: a table is in use; start again when it is quiet."
        case "42501":
            return (
                f"The role {target.username} may not change the schema ({place}): "
                "run `aet migrate` with AET_OWNER_DATABASE_URL set to the address of the role that owns it."
            )
    said = str(cause).rsplit(">: ", 1)[-1].splitlines()[0] if str(cause) else type(cause).__name__
    return f"The database ({place}) refuses ({said}): check AET_DATABASE_URL and AET_OWNER_DATABASE_URL."


@functools.cache
def head_revision() -> str:
    """The version of the schema this code is written for."""
    head = ScriptDirectory.from_config(config("")).get_current_head()
    assert head is not None
    return head


async def is_current(connection: AsyncConnection) -> bool:
    """Whether the database has the schema this code is written for."""
    version: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version == head_revision()


def app_role_of(connection: Connection, role: str) -> str:
    """The quoted name of the app role, made if missing and granted to us so that the server can take it.

    Raises `CannotStart` with the statements for the database's administrator when we may not.
    """
    quoted = connection.dialect.identifier_preparer.quote(role)
    me = connection.scalar(text("SELECT quote_ident(current_user)"))
    kind = connection.scalar(
        text("SELECT CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END")
    )
    exists = connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role})
    held = exists and connection.scalar(text("SELECT pg_has_role(:role, :kind)"), {"role": role, "kind": kind})
    try:
        with connection.begin_nested():
            if not exists:
                connection.execute(text(f"CREATE ROLE {quoted}"))
            if not held:
                connection.execute(text(f"GRANT {quoted} TO {me}"))
    except DBAPIError as error:
        create = "" if exists else f"CREATE ROLE {quoted}; "
        raise CannotStart(
            f"The role {me} may not give itself the role the server works as. "
            f"Let an administrator of the database run, once: {create}GRANT {quoted} TO {me};"
        ) from error
    return quoted
