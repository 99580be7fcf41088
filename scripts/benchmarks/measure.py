"""What is measured, and how: rounds in which every probe takes its turn, and the median of each."""

import json
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psutil

CONNECTIONS = 16
WARM_UP_S = 3


class CannotMeasure(Exception):
    """A program that measures is missing or failed; its words say what to do."""


@dataclass(frozen=True)
class Sample:
    """One turn: requests a second, latencies in milliseconds, and the server's CPU for one request."""

    rate: float
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    cpu_ms: float = 0.0
    bytes_per_answer: float = 0.0


class Probe(Protocol):
    """Something to measure."""

    @property
    def name(self) -> str:
        """What the results call it."""

    def run(self, seconds: float) -> Sample:
        """One turn."""


@dataclass(frozen=True)
class Load:
    """Requests over 16 kept connections, each a path chosen by chance among `paths`, by wrk."""

    name: str
    base_url: str
    paths: Sequence[str]
    pid: int
    headers: Mapping[str, str] = field(default_factory=dict)
    _file: Path = field(init=False, repr=False)

    def __post_init__(self) -> None:
        with tempfile.NamedTemporaryFile("w", prefix="aet-bench-", suffix=".paths", delete=False) as file:
            file.write("\n".join(self.paths) + "\n")
        object.__setattr__(self, "_file", Path(file.name))

    def run(self, seconds: float) -> Sample:
        """One turn, of whole seconds. Raises `CannotMeasure` when an answer is no success."""
        script = str(Path(__file__).with_name("load.lua"))
        told = [str(self._file), *(word for header in self.headers.items() for word in header)]
        words = [
            "wrk",
            "-t1",
            f"-c{CONNECTIONS}",
            f"-d{max(1, round(seconds))}s",
            "--timeout",
            "30s",
            "-s",
            script,
            self.base_url,
            "--",
        ]
        server = psutil.Process(self.pid)
        before = sum(server.cpu_times()[:2])
        done = subprocess.run([*words, *told], capture_output=True, text=True, check=False)
        cpu = sum(server.cpu_times()[:2]) - before
        if done.returncode:
            raise CannotMeasure(f"{self.name}: wrk failed: {done.stderr.strip() or done.stdout.strip()}")
        result = json.loads(done.stdout.strip().splitlines()[-1])
        if result["failures"] or not result["requests"]:
            raise CannotMeasure(f"{self.name}: {result['failures']} of {result['requests']} requests failed")
        return Sample(
            rate=result["requests"] / result["microseconds"] * 1e6,
            p50_ms=result["p50"] / 1000,
            p99_ms=result["p99"] / 1000,
            cpu_ms=cpu * 1000 / result["requests"],
            bytes_per_answer=result["bytes"] / result["requests"],
        )


def require_wrk() -> None:
    """Raises `CannotMeasure`."""
    if not shutil.which("wrk"):
        raise CannotMeasure("wrk is missing: it makes the load (Debian, Ubuntu: apt-get install wrk).")


def median(samples: Iterable[Sample]) -> Sample:
    """The median of each figure."""
    rows = list(samples)
    return Sample(*(statistics.median(getattr(row, name) for row in rows) for name in Sample.__dataclass_fields__))


def alternate(probes: Sequence[Probe], *, rounds: int, seconds: float) -> dict[str, Sample]:
    """The medians by name. Every round gives each probe its turn, so that a slow minute falls on all."""
    for probe in probes:
        probe.run(WARM_UP_S)  # connections open, statements prepared, caches warm
    taken: dict[str, list[Sample]] = {probe.name: [] for probe in probes}
    for _ in range(rounds):
        for probe in probes:
            taken[probe.name].append(probe.run(seconds))
    return {name: median(samples) for name, samples in taken.items()}
