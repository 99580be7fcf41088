"""How PostgreSQL finds the rows of each statement: no table read from end to end, few rows for one answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson

from scripts.benchmarks.statements import Statement

SMALL_TABLE = 1_000  # rows: below, reading it whole is the quickest way
MOST_ROWS = 5_000


@dataclass(frozen=True)
class Plan:
    """One plan, run. `rows` are those of big tables its scans touched, `blocks` all that were read."""

    statement: str
    kind: str
    scanned: tuple[str, ...]
    indexes: tuple[str, ...]
    rows: int
    blocks: int
    milliseconds: float

    @property
    def is_good(self) -> bool:
        """Nothing big read from end to end, and a bounded number of rows."""
        return not self.scanned and self.rows <= MOST_ROWS


async def plans(url: str, statements: list[Statement]) -> list[Plan]:
    """The plan made for these arguments and the one made for any, of each statement."""
    connection = await asyncpg.connect(url, server_settings={"jit": "off", "timezone": "UTC"})
    try:
        rows = await connection.fetch(
            "SELECT relname, reltuples FROM pg_class WHERE relkind = 'r' AND reltuples > $1", SMALL_TABLE
        )
        big = {row["relname"] for row in rows}
        return [
            await _plan(connection, statement, kind, big) for statement in statements for kind in ("custom", "generic")
        ]
    finally:
        await connection.close()


async def _plan(connection: asyncpg.Connection, statement: Statement, kind: str, big: set[str]) -> Plan:
    quoted = ", ".join(
        "'{}'::{}".format(text.replace("'", "''"), type_)
        for text, type_ in zip(statement.arguments, statement.types, strict=True)
    )
    await connection.execute(f"SET plan_cache_mode = force_{kind}_plan")
    await connection.execute(f"PREPARE measured ({', '.join(statement.types)}) AS {statement.sql}")
    explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE measured ({quoted})"
    await connection.fetchval(explain)  # the first reads from disk
    told = orjson.loads(await connection.fetchval(explain))[0]
    await connection.execute("DEALLOCATE measured")
    nodes = list(_nodes(told["Plan"]))
    return Plan(
        statement.name,
        kind,
        scanned=tuple(sorted({node["Relation Name"] for node in nodes if _reads_whole(node, big)})),
        indexes=tuple(sorted({node["Index Name"] for node in nodes if "Index Name" in node})),
        rows=round(sum(_touched(node) for node in nodes if node.get("Relation Name") in big)),
        blocks=told["Plan"]["Shared Hit Blocks"] + told["Plan"]["Shared Read Blocks"],
        milliseconds=told["Execution Time"],
    )


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def _reads_whole(node: dict[str, Any], big: set[str]) -> bool:
    return node["Node Type"] == "Seq Scan" and node["Relation Name"] in big


def _touched(node: dict[str, Any]) -> float:
    """Rows a scan of a table looked at: those it gave and those it threw away."""
    thrown = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    return float(node["Actual Loops"] * (node["Actual Rows"] + sum(node.get(name, 0) for name in thrown)))
