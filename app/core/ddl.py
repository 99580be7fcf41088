"""Runs a script of DDL within a migration."""

from alembic import op


def run(script: str) -> None:
    """Execute the statements of `script`, which an empty line separates, waiting at most 5 s for a lock."""
    connection = op.get_bind()
    connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
    for statement in script.strip().split("\n\n"):
        connection.exec_driver_sql(statement)
