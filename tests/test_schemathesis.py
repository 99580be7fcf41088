"""Schemathesis plays every operation of the contract against the running application, in an admin's name.

Examples, boundary cases, random requests and chains of them, from one seed; the count of cases is printed and
may not fall under a floor.
"""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn

from app.core import journal
from app.demo.load import load
from tests import factories
from tests.conftest import House

ROOT = Path(__file__).parents[1]
SEED = 20261122
MAX_EXAMPLES = 3
FLOOR = 5_000
ELSEWHERE = (
    "^/(oauth|v1/(accounts|affiliations|api-tokens|audit|clients|me|people))"  # tests/identity, tests/actors/people
)
BEYOND_A_SCHEMA = "positive_data_acceptance"  # a schema cannot tell which territories exist, or that dates agree
TOKEN = "caller-of-schemathesis"


@pytest.fixture
async def address(committed: House) -> AsyncIterator[str]:
    """The demonstration territory, served on a port, with an admin who holds every scope."""
    await load(committed.database)
    async with committed.database.session() as session:
        journal.attribute_to(session, "test")
        territory = await factories.a_territory(session)
    committed.callers[TOKEN] = factories.a_collectivite(territory, admin=True)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(committed.app, lifespan="off", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving


@pytest.mark.skipif("AET_SCHEMATHESIS" not in os.environ, reason="stalls in one process with its server")
async def test_every_operation_keeps_the_contract(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.json"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(ROOT / "tests/schemathesis.toml"),
        "run", str(ROOT / "openapi/v1.json"), "--url", address,
        "--header", f"Authorization: Bearer {TOKEN}", "--phases", "examples,coverage,fuzzing,stateful",
        "--checks", "all", "--exclude-checks", BEYOND_A_SCHEMA,
        "--max-examples", str(MAX_EXAMPLES), "--seed", str(SEED), "--continue-on-failure",
        "--exclude-path-regex", ELSEWHERE, "--report", "json", "--report-json-path", str(report),
        cwd=tmp_path, env={**os.environ, "NO_COLOR": "1"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    played = _cases(report)
    with capsys.disabled():
        print(f"\nschemathesis: {played} cases, seed {SEED}")
    assert process.returncode == 0, said.decode()[-30_000:]
    assert played >= FLOOR


def _cases(report: Path) -> int:
    return int(json.loads(report.read_text())["test_cases"]["generated"])
