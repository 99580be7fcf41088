"""What PostgreSQL alone can do with the same statement: pgbench, prepared, 16 clients, through the same socket."""

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from app.core.embedded import Embedded
from scripts.benchmarks.measure import CONNECTIONS, CannotMeasure, Sample
from scripts.benchmarks.statements import Statement


def find_pgbench(server: Embedded) -> Path | None:
    """The program beside the server's own, else the system's; None when there is none."""
    beside = server.programs.bin / "pgbench"
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"), reverse=True)
    on_path = shutil.which("pgbench")
    candidates = [beside, *system, *([Path(on_path)] if on_path else [])]
    return next((path for path in candidates if path.exists()), None)


@dataclass(frozen=True)
class Ceiling:
    """One statement with the arguments the application gave it."""

    name: str
    pgbench: Path
    statement: Statement
    url: str

    def run(self, seconds: float) -> Sample:
        """One turn. pgbench counts whole seconds. Raises `CannotMeasure`."""
        values = [f"-Dp{number}={text}" for number, text in enumerate(self.statement.arguments, 1)]
        with tempfile.NamedTemporaryFile("w", prefix="aet-bench-", suffix=".sql") as script:
            script.write(pgbench_script(self.statement))
            script.flush()
            words = [self.pgbench, "-n", "-M", "prepared", "-c", CONNECTIONS, "-j", 1, "-T", max(1, round(seconds))]
            words += ["-f", script.name, *values, self.url]
            given = os.environ | {"PGOPTIONS": "-c jit=off -c timezone=UTC"}  # as the application's connections
            done = subprocess.run([str(word) for word in words], env=given, capture_output=True, text=True, check=False)
        rate = re.search(r"tps = ([0-9.]+)", done.stdout)
        if done.returncode or not rate:
            raise CannotMeasure(f"{self.name}: pgbench failed: {done.stderr.strip()[-500:]}")
        return Sample(rate=float(rate[1]))


def pgbench_script(statement: Statement) -> str:
    """The statement in pgbench's words: `$1` is `:p1`, with the type PostgreSQL found for it.

    pgbench counts every mention as a parameter of its own, whose type it could not always tell.
    """

    def named(match: re.Match[str]) -> str:
        number = int(match[1])
        return f"(:p{number}::{statement.types[number - 1]})"

    return re.sub(r"\$(\d+)", named, statement.sql).rstrip().rstrip(";") + ";\n"
