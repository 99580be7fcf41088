"""The scripts as their user runs them: from a clone to a running server, and every way it can be refused."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import httpx
import pytest

from app.core.embedded import Embedded
from tests.conftest import run_as_superuser, url_of
from tests.places import OTHERS, ROOT, Served, free_port, postmasters, reachable_folder

ONE_SENTENCE = re.compile(r"\A[A-Z0-9][^\n]+[.)]\n\Z")
DOCKERFILE = [
    line.strip()
    for line in (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    if line.strip() and not line.startswith("#")
]

pytestmark = pytest.mark.xdist_group("whole processes")


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data folder whose database was made by a first start, and holds what was saved then."""
    with reachable_folder() as place:
        with Served(place / "data", "--no-demo") as first:
            first.end()
        yield place / "data"


def refused(*command: str, **settings: str) -> str:
    """What a command that cannot run says: one sentence, no traceback, exit code 1."""
    ended = subprocess.run(
        command, cwd=ROOT, env=OTHERS | settings, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert ONE_SENTENCE.match(ended.stderr), ended.stderr
    return ended.stderr


def test_what_it_says_to_open_answers_until_ctrl_c_stops_postgresql_too(data: Path) -> None:
    with Served(data, "--no-demo") as server:
        assert probed(server.port) == 0
        assert len(postmasters(data)) == 1
        addresses = re.findall(rf"{server.base}/\S+", server.said)
        assert len(addresses) >= 4
        assert {httpx.get(address).status_code for address in addresses} == {200}
        assert "Traceback" not in server.end(signal.SIGINT)
    assert postmasters(data) == []
    assert probed(server.port) == 1


def probed(port: int) -> int:
    """What the container's health check says of the server on this port, a proxy being set."""
    settings = {"AET_PORT": str(port), "http_proxy": "http://127.0.0.1:1"}
    return subprocess.run([sys.executable, "-m", "app.probe"], cwd=ROOT, env=OTHERS | settings, check=False).returncode


async def test_what_was_saved_survives_the_death_of_the_server_and_then_of_both(data: Path) -> None:
    with Served(data, "--no-demo") as server:
        server.kill()
    [left] = postmasters(data)
    with Served(data, "--no-demo") as follower:
        assert postmasters(data) == [left]
        owner = await asyncpg.connect(follower.owner_url)
        await owner.execute("CREATE TABLE kept (n int)")
        await owner.execute("INSERT INTO kept VALUES (42)")
        for pid in (follower.pid, left):
            os.kill(pid, signal.SIGKILL)
        owner.terminate()
    with Served(data, "--no-demo") as again:
        owner = await asyncpg.connect(again.owner_url)
        assert await owner.fetchval("SELECT n FROM kept") == 42
        await owner.close()
        again.end()
    assert postmasters(data) == []


async def test_a_request_under_way_is_answered_before_the_end(data: Path) -> None:
    with Served(data, "--no-demo") as server, ThreadPoolExecutor() as calls:
        owner = await asyncpg.connect(server.owner_url)
        blocked = owner.transaction()
        await blocked.start()
        await owner.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
        answer = calls.submit(httpx.get, f"{server.base}/readyz")
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        while not await owner.fetchval(waiting):
            assert not answer.done()
        server.send_signal(signal.SIGTERM)
        while is_listening(server.port):
            assert not answer.done()
        await blocked.rollback()
        await owner.close()
        assert answer.result().status_code == 200
        assert server.wait(20) == 0


def is_listening(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def test_several_workers_answer_and_end_together(data: Path) -> None:
    with Served(data, "--no-demo", "--workers", "2") as server:
        assert httpx.get(f"{server.base}/readyz").status_code == 200
        server.end()
    assert postmasters(data) == []


def test_a_taken_port_is_named_with_another_to_choose(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused("scripts/serve", "--port", str(port), AET_DATA_DIR=str(data))
    assert f"Port {port} is taken" in said
    assert f"--port {port + 1 if port < 65535 else 8000}" in said


def test_a_second_server_on_the_same_data_is_told_where_the_first_is(data: Path) -> None:
    with Served(data, "--no-demo") as first:
        said = refused("scripts/serve", "--port", str(free_port()), AET_DATA_DIR=str(data))
        assert f"already runs on this data folder, at {first.base} (process {first.pid})" in said
        assert httpx.get(f"{first.base}/livez").status_code == 200
        first.end()


def test_a_data_folder_that_cannot_be_written_is_named(data: Path) -> None:
    file = data / "a-file"
    file.touch()
    assert f"The data folder {file} cannot be written" in refused("scripts/serve", AET_DATA_DIR=str(file))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"AET_DATABASE_URL": "postgresql://a:hidden@127.0.0.1:1/aet"}, "127.0.0.1, database aet"),
        ({"AET_PORT": "none"}, "AET_PORT: "),
        ({"AET_ENVIRONMENT": "production"}, "AET_SECRET_KEY is required in production"),
        ({"AET_HOST": "192.0.2.1"}, "192.0.2.1 is not an address of this machine"),
    ],
)
def test_a_wrong_setting_is_told_without_its_value_when_it_is_secret(
    data: Path, settings: dict[str, str], sentence: str
) -> None:
    said = refused("scripts/serve", **({"AET_DATA_DIR": str(data), "AET_PORT": str(free_port())} | settings))
    assert sentence in said
    assert "hidden" not in said


def test_the_settings_are_printed_with_their_meaning() -> None:
    printed = subprocess.run([".venv/bin/aet", "settings"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "AET_DATABASE_URL" in printed
    assert "AET_FORWARDED_ALLOW_IPS" in printed


class TestSetup:
    """`scripts/setup` in a clone of its own, with a Python that lacks something."""

    @pytest.fixture
    def clone(self, tmp_path: Path) -> Path:
        shutil.copytree(ROOT / "scripts", tmp_path / "clone" / "scripts")
        for lock in ROOT.glob("requirements*.lock"):
            shutil.copy(lock, tmp_path / "clone")
        return tmp_path / "clone"

    @pytest.mark.parametrize(
        ("python", "sentence"),
        [
            ("exit 1", "Python 3.11 or later is needed"),
            ('case "$2" in *ensurepip*) exit 1 ;; esac', "apt-get install python3-venv"),
            ('case "$2" in venv) exit 1 ;; esac', "cannot be written: clone the repository to a folder"),
        ],
    )
    def test_what_is_missing_is_said_in_one_sentence(self, clone: Path, python: str, sentence: str) -> None:
        stand_in = clone / "python3"
        stand_in.write_text(f"#!/bin/sh\n{python}\nexit 0\n")
        stand_in.chmod(0o755)
        assert sentence in refused(str(clone / "scripts" / "setup"), AET_PYTHON=str(stand_in))

    def test_a_full_disk_is_said_before_anything_is_made(self, clone: Path) -> None:
        (clone / "bin").mkdir()
        full = clone / "bin" / "df"
        full.write_text("#!/bin/sh\nprintf 'Filesystem 1024-blocks Used Available\\n/dev/x 10 10 0\\n'\n")
        full.chmod(0o755)
        path = f"{clone / 'bin'}:{OTHERS['PATH']}"
        assert "Less than 1 GB is free" in refused(str(clone / "scripts" / "setup"), PATH=path)
        assert not (clone / ".venv").exists()

    def test_a_second_run_does_nothing(self) -> None:
        subprocess.run(["scripts/setup"], cwd=ROOT, check=True)
        again = subprocess.run(["scripts/setup"], cwd=ROOT, capture_output=True, text=True, check=True)
        assert again.stdout + again.stderr == ""


@pytest.mark.unit
class TestDockerfile:
    """No engine here runs it; what it promises is read."""

    def final(self) -> list[str]:
        starts = [number for number, line in enumerate(DOCKERFILE) if line.startswith("FROM ")]
        assert len(starts) >= 2
        return DOCKERFILE[starts[-1] :]

    def test_the_final_image_runs_without_rights_and_says_whether_it_is_well(self) -> None:
        final = self.final()
        assert [line for line in final if line.startswith("USER ")] == ["USER 10001"]
        [health] = [line for line in final if line.startswith("HEALTHCHECK")]
        assert '"-m", "app.probe"' in health

    def test_the_final_image_is_given_no_compiler_and_asks_no_registry(self) -> None:
        final = " ".join(self.final())
        assert "--no-index" in final
        assert not re.search(r"apt-get|gcc|build-essential", final)

    def test_every_package_is_checked_against_its_hash(self) -> None:
        assert any("--require-hashes" in line and "requirements.lock" in line for line in DOCKERFILE)

    def test_what_it_copies_is_there_and_not_ignored(self) -> None:
        copied = [line.split()[1:-1] for line in DOCKERFILE if line.startswith("COPY ")]
        names = {name for words in copied for name in words if not name.startswith("--")}
        allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
        assert names == allowed
        assert all((ROOT / name).exists() for name in names)


async def test_what_the_image_holds_is_enough_to_migrate_and_answer(server: Embedded, tmp_path: Path) -> None:
    copied = {word for line in DOCKERFILE if line.startswith("COPY ") for word in line.split()[1:-1]}
    for name in copied - {"requirements.lock"}:
        part = ROOT / name
        if part.is_dir():
            shutil.copytree(part, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(part, tmp_path)
    await run_as_superuser(server, "CREATE DATABASE image OWNER aet_owner")
    settings = {
        "AET_DATABASE_URL": url_of(server, "image", "aet_owner"),
        "AET_ENVIRONMENT": "production",
        "AET_SECRET_KEY": "a-key-for-tests-which-is-long-enough",
        "AET_PUBLIC_URL": "https://aet.example",
        "PYTHONPATH": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    for words in (["-m", "app.cli", "migrate"], ["-c", "from app.main import application; application()"]):
        subprocess.run([sys.executable, *words], cwd=tmp_path, env=OTHERS | settings, check=True)
    assert set(os.listdir(tmp_path)) == copied - {"requirements.lock"}, "nothing was written: the root may be read-only"
    await run_as_superuser(server, "DROP DATABASE image WITH (FORCE)")
