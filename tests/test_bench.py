"""`scripts/bench`: what it concludes from its figures. The figures are the machine's own."""

import asyncpg
import pytest

from app.core.db import PooledDatabase
from scripts.benchmarks.ceiling import pgbench_script
from scripts.benchmarks.plans import plans
from scripts.benchmarks.report import AT_LEAST, AT_MOST, Row
from scripts.benchmarks.statements import Statement


@pytest.mark.unit
@pytest.mark.parametrize(
    ("sign", "ratio", "reached"),
    [(AT_LEAST, 0.9, True), (AT_LEAST, 0.7, False), (AT_MOST, 0.7, True), (AT_MOST, 0.9, False)],
)
def test_a_goal_is_reached_or_not(sign: str, ratio: float, reached: bool) -> None:
    assert Row("work", "", ratio=ratio, sign=sign, goal=0.8).is_reached is reached


@pytest.mark.unit
def test_a_figure_without_a_goal_is_information() -> None:
    assert Row("work", "", ratio=0.5).is_reached is None


@pytest.mark.unit
def test_pgbench_gets_every_parameter_with_its_type() -> None:
    statement = Statement("x", "select $1 + $2, $1;", ("1", "2"), ("int4", "int8"))
    assert pgbench_script(statement) == "select (:p1::int4) + (:p2::int8), (:p1::int4);\n"


async def test_a_plan_that_reads_a_big_table_whole_is_bad_and_one_by_index_is_good(
    own_database: PooledDatabase,
) -> None:
    url = own_database.engine.url.set(drivername="postgresql", username="aet_owner").render_as_string()
    connection = await asyncpg.connect(url)
    await connection.execute(
        "CREATE TABLE big AS SELECT n, n AS m FROM generate_series(1, 20000) n; CREATE INDEX ON big (n); ANALYZE big"
    )
    await connection.close()
    by_index = Statement("by index", "SELECT * FROM big WHERE n = $1::int", ("7",), ("int4",))
    whole = Statement("whole", "SELECT * FROM big WHERE m = $1::int", ("7",), ("int4",))
    many = Statement("many", "SELECT count(*) FROM big WHERE n < $1::int", ("15000",), ("int4",))
    found = {(plan.statement, plan.kind): plan for plan in await plans(url, [by_index, whole, many])}
    assert found["by index", "custom"].is_good
    assert found["by index", "generic"].is_good
    assert found["whole", "generic"].scanned == ("big",)
    assert not found["whole", "custom"].is_good
    assert found["many", "generic"].rows >= 14_999
    assert not found["many", "generic"].is_good
