"""What migrations of this schema repeat: running a script, and taking rights back from the app role."""

from alembic import context, op

from app.core.migrations import app_role_of


def run(script: str) -> None:
    """Execute the statements of `script`, which an empty line separates, waiting at most 5 s for a lock."""
    connection = op.get_bind()
    connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
    for statement in script.strip().split("\n\n"):
        connection.exec_driver_sql(statement)


def append_only(table: str) -> None:
    """Leave the app role no way to change or delete what stands in `table`."""
    role = app_role_of(op.get_bind(), context.config.attributes["app_role"])
    op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}")
