"""The README is true: every command in it is run, against a server started as it says."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from app.core.embedded import Embedded
from tests.conftest import run_as_superuser, url_of
from tests.places import OTHERS, ROOT, Served, reachable_folder

BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
SHELL = [
    line.split("  #")[0].strip()
    for language, block in BLOCKS
    if language == "sh"
    for line in block.replace("\\\n", " ").splitlines()
    if line.strip()
]
CURLS = [line for line in SHELL if line.startswith("curl")]
TOKENS = [line for line in SHELL if re.match(r"[A-Z]+=\$\(", line)]
FILES = ("acteurs.xlsx", "apercu.json")
RUN_BY_OTHERS = {
    "scripts/serve": "the fixture of this file",
    "scripts/test": "what runs this test",
    "docker build -t aet .": "tests/test_setup.py reads the Dockerfile; a Docker engine is asked for nowhere else",
}


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with reachable_folder() as place:
        yield place / "data"


@pytest.fixture(scope="module")
def address(data: Path) -> Iterator[str]:
    with Served(data) as server:
        yield f"127.0.0.1:{server.port}"
        server.end()
    for name in FILES:
        (ROOT / name).unlink(missing_ok=True)


def test_every_command_of_the_readme_is_run_by_a_test() -> None:
    docker_run = [line for line in SHELL if line.startswith("docker run")]
    assert set(SHELL) - set(CURLS) - set(TOKENS) - set(docker_run) == set(RUN_BY_OTHERS)
    assert len(docker_run) == 2


@pytest.mark.parametrize("command", CURLS)
def test_a_visitor_gets_what_the_readme_promises(address: str, data: Path, command: str) -> None:
    here = "; ".join([*TOKENS, command.replace("127.0.0.1:8000", address)])
    there = {**os.environ, "AET_DATA_DIR": str(data)}
    answered = subprocess.run(["bash", "-c", here], cwd=ROOT, env=there, capture_output=True, text=True, check=False)
    assert answered.returncode == 0, answered.stderr
    if "/v1/me" in command:
        assert '"role":"club_member"' in answered.stdout
    elif command.endswith(FILES):
        assert (ROOT / command.rsplit(maxsplit=1)[-1]).stat().st_size > 1000
    elif "mode=apply" in command:
        told = json.loads(answered.stdout)
        assert told["counts"] == dict.fromkeys(told["counts"], 0) | {"unchanged": len(told["rows"])}
    elif "municipalite=" in command:
        assert "422" in answered.stdout.splitlines()[0]
        assert "?municipalite" in answered.stdout
    elif ".ics" in command:
        assert answered.stdout.count("BEGIN:VEVENT") >= 1
    elif ".atom" in command:
        assert answered.stdout.count("<entry>") >= 1
    elif ".html" in command:
        assert "<h" in answered.stdout
    else:
        assert '"items":[{' in answered.stdout.replace(" ", "").replace("\n", "")


def test_the_embed_page_of_the_readme_is_there(address: str) -> None:
    source = re.search(r'src="https://aet.example(/[^"]+)"', (ROOT / "README.md").read_text())
    assert source
    answer = httpx.get(f"http://{address}{source[1]}")
    assert answer.status_code == 200
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("page", ["/docs", "/v1/public/events", "/livez", "/readyz", "/metrics"])
def test_every_address_of_the_readme_answers(address: str, page: str) -> None:
    assert httpx.get(f"http://{address}{page}").status_code == 200


async def test_the_roles_of_the_readme_keep_the_schema_out_of_the_servers_reach(server: Embedded) -> None:
    """The SQL of the README, on names of this test, then `migrate` and the server's login as it says."""
    [sql] = [block for language, block in BLOCKS if language == "sql"]
    names = {"aet_owner": "readme_owner", "aet_app": "readme_app", "DATABASE aet ": "DATABASE readme "}
    for old, new in names.items():
        sql = sql.replace(old, new)
    for statement in sql.strip().splitlines():
        await run_as_superuser(server, statement)
    environment = OTHERS | {
        "AET_DATABASE_URL": url_of(server, "readme", "readme_app"),
        "AET_OWNER_DATABASE_URL": url_of(server, "readme", "readme_owner"),
        "AET_APP_ROLE": "readme_app",
        "AET_ENVIRONMENT": "production",
        "AET_SECRET_KEY": "a-key-for-tests-which-is-long-enough",
        "AET_PUBLIC_URL": "https://aet.example",
    }
    migrated = subprocess.run(
        [".venv/bin/python", "-m", "app.cli", "migrate"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert migrated.returncode == 0, migrated.stdout + migrated.stderr
    connection = await asyncpg.connect(environment["AET_DATABASE_URL"])
    try:
        assert await connection.fetchval("SELECT count(*) FROM events") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE more (id int)")
    finally:
        await connection.close()
    await run_as_superuser(server, "DROP DATABASE readme WITH (FORCE)")
    await run_as_superuser(server, "DROP ROLE readme_app")
    await run_as_superuser(server, "DROP ROLE readme_owner")
