"""How alembic reaches the database: on the connection it is handed, or on the one the settings name."""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.embedded import database_of
from app.core.journal import TransactionId
from app.core.migrations import engine_of
from app.models import metadata
from app.settings import Settings

ischema_names["xid8"] = TransactionId  # SQLAlchemy does not know it when it compares tables


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def migrate_with(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


def migrate_as_set() -> None:
    settings = Settings()
    context.config.attributes.setdefault("app_role", settings.app_role)
    with database_of(settings) as urls:
        asyncio.run(migrate_with(engine_of(urls.owner)))


match context.config.attributes.get("connection"):
    case Connection() as connection:
        migrate(connection)
    case AsyncEngine() as engine:
        asyncio.run(migrate_with(engine))
    case _:
        migrate_as_set()
