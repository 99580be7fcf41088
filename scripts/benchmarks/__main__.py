"""Measures the public tree: `scripts/bench`, `scripts/bench --quick`."""

import asyncio
import contextlib
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console

from app.core.embedded import Embedded
from app.core.errors import CannotStart
from scripts.benchmarks import generator
from scripts.benchmarks.measure import CannotMeasure, require_wrk
from scripts.benchmarks.report import Report
from scripts.benchmarks.run import Run, measure_second_start
from scripts.benchmarks.servers import PROJECT

ROOT = PROJECT / ".data" / "bench" / "postgresql"
console = Console(highlight=False, width=None if Console().is_terminal else 140)


def main(
    events: Annotated[str, typer.Option(help="Public events of the two databases, the smaller first.")] = (
        "100000,1000000"
    ),
    rounds: Annotated[int, typer.Option(min=1, help="Turns of each measure; medians are kept.")] = 5,
    seconds: Annotated[int, typer.Option(min=1, help="Length of one turn.")] = 3,
    soak: Annotated[float, typer.Option(min=0.1, help="Minutes of load after which memory is looked at.")] = 1.0,
    quick: Annotated[bool, typer.Option(help="10 000 and 100 000 events, two turns of a second.")] = False,
) -> None:
    """Measure the public tree against its own ceilings, in one run on this machine.

    The databases are made once and kept in .data/bench. Exit code 1 when a plan reads a big table whole.
    """
    sizes = [int(size) for size in ("10000,100000" if quick else events).split(",")]
    report = Report(sizes, rounds=2 if quick else rounds, seconds=1 if quick else seconds)
    minutes = 0.2 if quick else soak
    try:
        require_wrk()
        with Embedded(ROOT) as server:
            for size in sizes:
                with console.status(f"{size:,} events (made once, some minutes for a million) …"):
                    asyncio.run(generator.make(server, size))
            with console.status("Measuring …") as status:
                run = Run(
                    server, report, timedelta(minutes=minutes), lambda words: status.update(f"Measuring: {words} …")
                )
                asyncio.run(run.everything())
        with console.status("Measuring: second start of scripts/serve …"):
            measure_second_start(report)
    except (CannotMeasure, CannotStart) as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from error
    report.show(console)
    console.print(f"Written: {report.write().name}")
    if not all(plan.is_good for plan in report.plans):
        raise typer.Exit(1)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        typer.run(main)
