"""The results: a table to read, and the same as JSON."""

import json
import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from scripts.benchmarks.measure import Sample
from scripts.benchmarks.plans import MOST_ROWS, Plan
from scripts.benchmarks.servers import PROJECT

AT_LEAST, AT_MOST = "≥", "≤"


@dataclass(frozen=True)
class Row:
    """One figure beside what it is held against. `ratio` is what the goal speaks of; None: only information."""

    work: str
    measured: str
    reference: str = ""
    ratio: float | None = None
    sign: str = AT_LEAST
    goal: float | None = None
    show: Callable[[float], str] = field(default=lambda ratio: f"{ratio:.2f}", repr=False)

    @property
    def is_reached(self) -> bool | None:
        """Whether the goal is reached; None without a goal."""
        if self.ratio is None or self.goal is None:
            return None
        return self.ratio >= self.goal if self.sign == AT_LEAST else self.ratio <= self.goal


def percent(ratio: float) -> str:
    """A share."""
    return f"{ratio:.0%}"


def times(ratio: float) -> str:
    """A factor."""
    return f"{ratio:.2f} ×"


def unit(name: str, digits: int = 2) -> Callable[[float], str]:
    """A figure with its unit."""
    return lambda figure: f"{figure:.{digits}f} {name}"


@dataclass
class Report:
    """One run."""

    events: list[int]
    rounds: int
    seconds: float
    rows: list[Row] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    samples: dict[str, Sample] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def show(self, console: Console) -> None:
        """Print the tables."""
        table = Table(title="Each figure against its own ceiling, same run", title_justify="left")
        for heading in ("work", "measured", "reference", "ratio", "goal", ""):
            table.add_column(heading, justify="left" if heading in {"work", "reference"} else "right", no_wrap=True)
        for row in self.rows:
            ratio = "" if row.ratio is None else row.show(row.ratio)
            goal = "" if row.goal is None else f"{row.sign} {row.show(row.goal)}"
            told = {True: "[green]reached", False: "[red]not reached", None: ""}[row.is_reached]
            table.add_row(row.work, row.measured, row.reference, ratio, goal, told)
        console.print(table, _raw(self.samples), _plans(self.plans))
        for sentence in self.notes:
            console.print(sentence, style="yellow")
        missed = [row.work for row in self.rows if row.is_reached is False]
        console.print(f"Goals not reached: {', '.join(missed)}" if missed else "Every goal is reached.")

    def write(self) -> Path:
        """Keep the run as `bench-<date>.json`."""
        now = datetime.now(UTC)
        told: dict[str, Any] = {
            "at": now.isoformat(timespec="seconds"),
            "machine": {"python": platform.python_version(), "cores": os.cpu_count(), "system": platform.platform()},
            "events": self.events,
            "rounds": self.rounds,
            "seconds": self.seconds,
            "rows": [
                {"work": row.work, "measured": row.measured, "reference": row.reference, "ratio": row.ratio,
                 "goal": row.goal and f"{row.sign} {row.goal}", "reached": row.is_reached}
                for row in self.rows
            ],
            "samples": {name: asdict(sample) for name, sample in self.samples.items()},
            "plans": [asdict(plan) | {"good": plan.is_good} for plan in self.plans],
            "notes": self.notes,
        }  # fmt: skip
        path = PROJECT / f"bench-{now:%Y-%m-%d-%H%M}.json"
        path.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
        return path


def _raw(samples: dict[str, Sample]) -> Table:
    title = "What was measured (medians; absolute figures are information only)"
    table = Table(title=title, title_justify="left")
    for heading in ("what", "req/s", "p50 ms", "p99 ms", "server CPU ms", "bytes"):
        table.add_column(heading, justify="left" if heading == "what" else "right", no_wrap=True)
    for name, sample in samples.items():
        figures = (
            f"{sample.p50_ms:.2f}",
            f"{sample.p99_ms:.2f}",
            f"{sample.cpu_ms:.3f}",
            f"{sample.bytes_per_answer:.0f}",
        )
        table.add_row(name, f"{sample.rate:,.0f}", *(figures if sample.p50_ms else ("", "", "", "")))
    return table


def _plans(plans: list[Plan]) -> Table:
    title = f"Plans at the largest size (no big table read whole, at most {MOST_ROWS:,} of their rows touched)"
    table = Table(title=title, title_justify="left")
    for heading in ("statement", "plan", "read whole", "rows touched", "blocks", "ms", ""):
        table.add_column(heading, justify="left" if heading in {"statement", "plan"} else "right", no_wrap=True)
    for plan in plans:
        told = "[green]good" if plan.is_good else "[red]bad"
        figures = (f"{plan.rows:,}", f"{plan.blocks:,}", f"{plan.milliseconds:.2f}")
        table.add_row(plan.statement, plan.kind, ", ".join(plan.scanned) or "none", *figures, told)
    return table
