"""The schema's versions, on the PostgreSQL that comes along and on the oldest one this machine has."""

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from alembic import command

from app.core import migrations
from app.core.db import driver_url
from app.core.embedded import Embedded
from app.core.errors import CannotStart
from tests.places import reachable_folder

VERSIONS = sorted((migrations.PROJECT / "alembic" / "versions").glob("*.py"))
LEFT = """
    SELECT array_agg(name::text ORDER BY name) FROM (
        SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'v')
        UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
        UNION ALL SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'
        UNION ALL SELECT defaclobjtype::text FROM pg_default_acl
    ) AS everything
"""

Ask = Callable[..., object]


@pytest.fixture(scope="module", params=["wheel", "system"])
def postgres(request: pytest.FixtureRequest) -> Iterator[Embedded]:
    """A server of each kind: the wheel's, and the oldest of Debian's (15 on Debian 12)."""
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if request.param == "system" and not system and os.environ.get("CI") != "true":
        pytest.skip("no PostgreSQL of the system's on this machine (apt-get install postgresql)")
    with pytest.MonkeyPatch.context() as patch, reachable_folder() as place:
        if request.param == "system":
            patch.setenv("AET_PG_BIN", str(system[0]))
        with Embedded(place / "pg", options=["-c", "fsync=off"]) as server:
            yield server


async def ask(url: str, *statements: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        answer = None
        for statement in statements:
            answer = await connection.fetchval(statement)
        return answer
    finally:
        await connection.close()


def url_of(server: Embedded, role: str, database: str) -> str:
    return f"postgresql://{role}@/{database}?host={server.sockets}"


async def new_database(server: Embedded, *, owner: str = "aet_owner") -> str:
    """The owner's address of an empty database."""
    name = f"d{uuid4().hex[:10]}"
    await ask(url_of(server, "postgres", "postgres"), f"CREATE DATABASE {name} OWNER {owner}")
    return url_of(server, owner, name)


async def new_role(server: Embedded, rights: str) -> str:
    name = f"r{uuid4().hex[:10]}"
    await ask(url_of(server, "postgres", "postgres"), f"CREATE ROLE {name} LOGIN {rights}")
    return name


async def test_the_schema_goes_up_down_to_nothing_and_up_again(postgres: Embedded) -> None:
    url = await new_database(postgres)
    migrations.upgrade(url, "aet_app")
    whole = await ask(url, LEFT)
    migrations.downgrade(url, "aet_app", "base")
    assert await ask(url, LEFT) == ["alembic_version"]
    migrations.upgrade(url, "aet_app")
    assert await ask(url, LEFT) == whole


async def test_the_tables_of_the_code_are_those_of_the_migrations(postgres: Embedded) -> None:
    url = await new_database(postgres)
    migrations.upgrade(url, "aet_app")
    migrations.apply(url, "aet_app", command.check)


async def test_several_starts_at_once_migrate_once(postgres: Embedded) -> None:
    url = await new_database(postgres)
    with ThreadPoolExecutor(3) as starts:
        list(starts.map(lambda _: migrations.upgrade(url, "aet_app"), range(3)))
    assert await ask(url, "SELECT version_num FROM alembic_version") == migrations.head_revision()


async def test_readiness_tells_an_older_schema_from_the_current_one(postgres: Embedded) -> None:
    url = await new_database(postgres)
    migrations.upgrade(url, "aet_app", "ground")
    engine = migrations.engine_of(url)
    async with engine.connect() as connection:
        assert not await migrations.is_current(connection)
    migrations.upgrade(url, "aet_app")
    async with engine.connect() as connection:
        assert await migrations.is_current(connection)
    await engine.dispose()


async def test_the_app_role_gets_the_rows_of_later_tables_and_makes_none(postgres: Embedded) -> None:
    url = await new_database(postgres)
    migrations.upgrade(url, "aet_app", "ground")
    await ask(url, "CREATE TABLE later (id serial, word text)")
    app = url.replace("aet_owner", "aet_app", 1)
    rows = ("INSERT INTO later (word) VALUES ('a')", "UPDATE later SET word = 'b'", "SELECT word FROM later")
    assert await ask(app, *rows) == "b"
    assert await ask(app, "DELETE FROM later", "SELECT count(*) FROM later") == 0
    for forbidden in ("CREATE TABLE mine ()", "DROP TABLE later", "ALTER TABLE later ADD x int", "TRUNCATE later"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ask(app, forbidden)


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Évènement", "evenement"),
        ("CŒUR DE VILLE", "coeur de ville"),
        ("L’Haÿ-les-Roses", "l'hay-les-roses"),
        ("Ça déjà", "ca deja"),
    ],
)
async def test_text_is_compared_without_case_and_accents(postgres: Embedded, written: str, compared: str) -> None:
    migrations.upgrade(postgres.owner_url, "aet_app")
    assert await ask(postgres.app_url, f"SELECT searchable('{written}')") == compared


async def test_an_owner_who_may_make_roles_makes_the_app_role_and_can_take_it(postgres: Embedded) -> None:
    owner = await new_role(postgres, "CREATEROLE")
    url = await new_database(postgres, owner=owner)
    role = f"app_{owner}"
    migrations.upgrade(url, role)
    assert await ask(url, f"SET ROLE {role}", "SELECT current_user") == role
    migrations.downgrade(url, role, "base")
    migrations.upgrade(url, role)


async def test_an_owner_who_may_not_is_told_what_the_administrator_runs(postgres: Embedded) -> None:
    owner = await new_role(postgres, "")
    url = await new_database(postgres, owner=owner)
    with pytest.raises(CannotStart, match="an administrator of the database run, once: ") as refusal:
        migrations.upgrade(url, f"app_{owner}")
    assert await ask(url, LEFT) is None
    statements = re.split(r"(?<=;) ", str(refusal.value).split("once: ")[1])
    await ask(url_of(postgres, "postgres", "postgres"), *statements)
    migrations.upgrade(url, f"app_{owner}")


async def test_an_extension_that_is_elsewhere_is_told_how_to_move(postgres: Embedded) -> None:
    url = await new_database(postgres)
    await ask(url, "CREATE SCHEMA elsewhere", "CREATE EXTENSION pg_trgm SCHEMA elsewhere")
    with pytest.raises(CannotStart, match="once: ALTER EXTENSION pg_trgm SET SCHEMA public;"):
        migrations.upgrade(url, "aet_app")


async def test_an_extension_that_was_there_before_stays_when_the_schema_goes(postgres: Embedded) -> None:
    url = await new_database(postgres)
    await ask(re.sub("aet_owner", "postgres", url, count=1), "CREATE EXTENSION btree_gist SCHEMA public")
    migrations.upgrade(url, "aet_app")
    migrations.downgrade(url, "aet_app", "base")
    assert await ask(url, "SELECT array_agg(extname::text) FROM pg_extension WHERE extname <> 'plpgsql'") == [
        "btree_gist"
    ]


@pytest.mark.unit
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://aet:a-secret@127.0.0.1:1/aet",
        "postgresql://aet:a-secret@no-such-host.invalid/aet",
        "postgresql://aet:a-secret@/aet?host=/no/such/folder",
    ],
)
def test_a_database_out_of_reach_is_said_in_one_sentence_without_the_password(url: str) -> None:
    with pytest.raises(CannotStart, match=r"^The database \(.*\) refuses \(.*\): check AET_DATABASE_URL") as refusal:
        migrations.upgrade(url, "aet_app")
    assert "a-secret" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.unit
@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_never_waits_long_for_a_lock(version: Path) -> None:
    """Waiting for a lock makes every later reader wait behind it: each direction limits it first."""
    for direction in ("upgrade", "downgrade"):
        body = version.read_text().split(f"def {direction}() -> None:\n")[1]
        assert re.match(r"    (ddl\.run\(|op\.execute\(\"SET LOCAL lock_timeout = '5s'\"\))", body), direction


@pytest.mark.unit
def test_an_address_with_sslmode_is_understood() -> None:
    assert driver_url("postgresql://h/d?sslmode=require").query == {"ssl": "require"}
