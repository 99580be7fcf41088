"""One run: servers up, probes in turn, then what the figures say of the goals."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta

import psutil
from httpx import AsyncClient
from pydantic import SecretStr

from app.core.embedded import Embedded
from app.settings import Settings
from scripts.benchmarks import servers
from scripts.benchmarks.ceiling import Ceiling, find_pgbench
from scripts.benchmarks.generator import url_of
from scripts.benchmarks.measure import Load, Probe, alternate
from scripts.benchmarks.plans import plans
from scripts.benchmarks.questions import Questions, questions
from scripts.benchmarks.report import AT_MOST, Report, Row, percent, times, unit
from scripts.benchmarks.servers import Server
from scripts.benchmarks.statements import Statement, statements
from scripts.benchmarks.tokens import an_admins_token

MIB = 1 << 20
DEEPEST = 50_000
WARM_UP = 0.5  # share of the soak after which memory should stay where it is
BUSY_PERCENT = 15
GROWTH = (("list", "list"), ("one by id", "one"), ("page at any depth", "deep"))


class Run:
    """The measures that need the databases. `say` tells what is being done."""

    def __init__(self, server: Embedded, report: Report, soak: timedelta, say: Callable[[str], None]) -> None:
        self.server = server
        self.report = report
        self.soak = soak
        self.say = say
        self.names = [f"bench_{size}" for size in report.events]

    async def everything(self) -> None:
        """Raises `CannotMeasure`."""
        self._look_around()
        with ExitStack() as stack:
            start = stack.enter_context
            self.cold = [start(self._application(name, kept_mib=0)) for name in self.names]
            self.hot = start(self._application(self.names[0], kept_mib=32))
            at_rest = memory_mib(self.hot)
            others = {
                which: start(servers.reference(which, self._app_url(0)))
                for which in ("hello", "orm", "plain", "wrapped", "open")
            }
            self.say("questions and plans")
            asked = [await self._questions(number) for number in range(len(self.names))]
            self.report.plans = await plans(self._app_url(-1), await self._statements(-1, asked[-1]))
            self.say("comparisons")
            self._measure([*await self._comparisons(asked[0], others), *await self._ceilings(asked[0])])
            self._judge_speed()
            if len(self.names) > 1:
                self.say("growth")
                self._measure(self._growth(asked))
                self._judge_growth()
            self.say(f"memory under load for {self.soak}")
            self._judge_memory(at_rest, asked[0])

    def _look_around(self) -> None:
        busy = psutil.cpu_percent(interval=2)
        if busy > BUSY_PERCENT:
            self.report.notes.append(f"Other programs take {busy:.0f} % of this machine: measure again on a quiet one.")

    def _measure(self, probes: list[Probe]) -> None:
        self.report.samples |= alternate(probes, rounds=self.report.rounds, seconds=self.report.seconds)

    def _app_url(self, number: int) -> str:
        return url_of(self.server, self.names[number], self.server.app_role)

    def _application(self, name: str, *, kept_mib: int) -> AbstractContextManager[Server]:
        app, owner = (url_of(self.server, name, role) for role in (self.server.app_role, self.server.owner))
        return servers.application(app, owner, kept_mib=kept_mib)

    async def _questions(self, number: int) -> Questions:
        depth = min(DEEPEST, self.report.events[number] // 2)
        return await questions(self._app_url(number), self.cold[number].base_url, depth=depth)

    async def _statements(self, number: int, asked: Questions) -> list[Statement]:
        settings = Settings(
            _env_file=None,
            log_level="warning",
            database_url=self._app_url(number),
            kept_answers_mib=0,
            secret_key=SecretStr(servers.SECRET),
        )
        return await statements(settings, {"list": asked.lists[0], "one": asked.one[0], "deep": asked.deep[0]})

    async def _comparisons(self, asked: Questions, others: dict[str, Server]) -> list[Probe]:
        path = asked.lists[0]
        async with AsyncClient(base_url=self.hot.base_url) as client:
            etag = (await client.get(path)).headers["etag"]
        cold = self.cold[0]
        return [
            *(
                Load(which, server.base_url, ["/hello"], server.pid)
                for which, server in others.items()
                if which not in ("orm", "open")
            ),
            Load("304", self.hot.base_url, [path], self.hot.pid, headers={"If-None-Match": etag}),
            Load("hot list", self.hot.base_url, [path], self.hot.pid),
            Load("cold list", cold.base_url, [path], cold.pid),
            Load("cold one", cold.base_url, asked.one[:1], cold.pid),
            Load("cold deep", cold.base_url, asked.deep[:1], cold.pid),
            Load("orm list", others["orm"].base_url, [path], others["orm"].pid),
            Load("read by anyone", others["open"].base_url, asked.work[:1], others["open"].pid),
            Load("read by token", cold.base_url, asked.work[:1], cold.pid, headers=await self._bearer()),
        ]

    async def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {await an_admins_token(self._app_url(0))}"}

    async def _ceilings(self, asked: Questions) -> list[Probe]:
        pgbench = find_pgbench(self.server)
        if pgbench is None:
            self.report.notes.append(
                "The ceilings of the database are left out: pgbench is missing (apt-get install postgresql-contrib)."
            )
            return []
        found = await self._statements(0, asked)
        return [Ceiling(f"pgbench {statement.name}", pgbench, statement, self._app_url(0)) for statement in found]

    def _growth(self, asked: list[Questions]) -> list[Probe]:
        probes: list[Probe] = []
        for number, ask in enumerate(asked):
            server = self.cold[number]
            for name, paths in (("list", ask.lists), ("one", ask.one), ("deep", ask.deep)):
                probes.append(Load(self._grown(name, number), server.base_url, paths, server.pid))
        return probes

    def _grown(self, name: str, number: int) -> str:
        return f"any {name} of {self.report.events[number]:,}"

    def _judge_speed(self) -> None:
        of = self.report.samples
        rows = [self._against("304 on a public list", "304", "hello", 0.85, percent)]
        rows.append(self._against("hot public list", "hot list", "hello", 0.70, percent))
        if "pgbench list" in of:
            rows.append(self._against("cold public list", "cold list", "pgbench list", 0.33, percent))
            rows.append(self._against("event by id, cold", "cold one", "pgbench one", 0.20, percent))
            rows.append(self._against("deep page, cold", "cold deep", "pgbench deep", None, percent))
        rows.append(self._against("cold public list", "cold list", "orm list", 5, times))
        cpu = of["cold list"].cpu_ms
        rows.append(Row("cold public list, app CPU", f"{cpu:.2f} ms", "", cpu, AT_MOST, 0.45, unit("ms")))
        let_in, anyone = of["read by token"].cpu_ms, of["read by anyone"].cpu_ms
        rows.append(
            Row(
                "authenticated read of one row, app CPU", f"{let_in:.2f} ms", f"nobody asked who: {anyone:.2f} ms",
                let_in / anyone, AT_MOST, 1.6, times,
            )
        )  # fmt: skip
        alone, behind = of["plain"].cpu_ms, of["wrapped"].cpu_ms
        reference = f"{alone:.3f} ms without"
        rows.append(
            Row("all our middleware", f"{behind:.3f} ms", reference, behind - alone, AT_MOST, 0.10, unit("ms", 3))
        )
        self.report.rows += rows

    def _against(
        self, work: str, measured: str, reference: str, goal: float | None, show: Callable[[float], str]
    ) -> Row:
        mine, theirs = (self.report.samples[name].rate for name in (measured, reference))
        return Row(work, f"{mine:,.0f}/s", f"{reference} {theirs:,.0f}/s", mine / theirs, goal=goal, show=show)

    def _judge_growth(self) -> None:
        small, big = 0, len(self.names) - 1
        for work, name in GROWTH:
            before, after = (self.report.samples[self._grown(name, number)].p99_ms for number in (small, big))
            label = f"p99 at {self.report.events[big]:,} events, {work}"
            reference = f"at {self.report.events[small]:,}: {before:.1f} ms"
            self.report.rows.append(Row(label, f"{after:.1f} ms", reference, after / before, AT_MOST, 1.2, times))

    def _judge_memory(self, at_rest: float, asked: Questions) -> None:
        load = Load("soak", self.hot.base_url, [*asked.lists, *asked.one, *asked.deep], self.hot.pid)
        load.run(self.soak.total_seconds() * WARM_UP)
        warm = memory_mib(self.hot)
        load.run(self.soak.total_seconds() * (1 - WARM_UP))
        after = memory_mib(self.hot)
        minutes = f"{self.soak.total_seconds() / 60:g} min of load"
        self.report.rows += [
            Row("memory of a worker at rest", f"{at_rest:.0f} MiB", "", at_rest, AT_MOST, 120, unit("MiB", 0)),
            Row(
                f"memory after {minutes}",
                f"{after:.0f} MiB",
                f"warmed up: {warm:.0f} MiB",
                after / warm,
                AT_MOST,
                1.05,
                times,
            ),
        ]


def memory_mib(server: Server) -> float:
    """The resident memory of a server."""
    return float(psutil.Process(server.pid).memory_info().rss) / MIB


def measure_second_start(report: Report) -> None:
    """The time to the first answer of `scripts/serve`, once its data folder is there."""
    taken = servers.second_start()
    report.rows.append(Row("second start of scripts/serve", f"{taken:.1f} s", "", taken, AT_MOST, 5, unit("s", 1)))
