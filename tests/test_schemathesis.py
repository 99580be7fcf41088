"""Schemathesis plays every operation of the contract against the running application, in an admin's name.

Examples, boundary cases, random requests and chains of them, from one seed; the count of cases is printed and
may not fall under a floor.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.db import PooledDatabase
from tests.contract_server import TOKEN

ROOT = Path(__file__).parents[1]
SEED = 20261122
MAX_EXAMPLES = 3
FLOOR = 7_500
LONGEST = 900  # seconds; it takes a quarter of that on a quiet machine with two cores
HOOKED = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.schemathesis_hooks"}
BEYOND_A_SCHEMA = "positive_data_acceptance"  # a schema cannot tell which territories exist, or that dates agree


@pytest.fixture
def address(own_database: PooledDatabase, tmp_path: Path) -> Iterator[str]:
    """Where the demonstration is served, by a process of its own."""
    url = own_database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.contract_server", url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        port = server.stdout.readline().strip()
        assert port, "the server of the contract did not start"
        yield f"http://127.0.0.1:{port}"
        server.terminate()


def test_every_operation_keeps_the_contract(
    address: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    report = tmp_path / "report.json"
    ended = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(ROOT / "tests/schemathesis.toml"),
            "run", str(ROOT / "openapi/v1.json"), "--url", address,
            "--header", f"Authorization: Bearer {TOKEN}", "--phases", "examples,coverage,fuzzing,stateful",
            "--checks", "all", "--exclude-checks", BEYOND_A_SCHEMA,
            "--max-examples", str(MAX_EXAMPLES), "--seed", str(SEED), "--continue-on-failure",
            "--report", "json", "--report-json-path", str(report),
        ],
        cwd=tmp_path, env=HOOKED, timeout=LONGEST, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    played = _cases(report)
    record_property("counted", f"schemathesis: {played} cases, seed {SEED}")
    assert ended.returncode == 0, ended.stdout[-30_000:]
    assert played >= FLOOR


def _cases(report: Path) -> int:
    return int(json.loads(report.read_text())["test_cases"]["generated"])
