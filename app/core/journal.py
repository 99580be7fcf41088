"""The change journal: one row for every insert, update and delete of a resource, in the same transaction.

It says who, when, which resource and which fields; never a value, so nothing personal can be in it. It is
the audit log, the source of deltas, and what tells every worker that public answers have changed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Identity,
    Index,
    Text,
    event,
    insert,
    inspect,
    null,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Session, UOWTransaction, mapped_column
from sqlalchemy.types import UserDefinedType

from app.core import clock
from app.core.db import Base, Resource, touch

UNTOLD = {"id", "version", "created_at", "updated_at"}
WRITTEN = "written"
"""Where a session keeps the rows whose change `core.bulk` has written and noted already."""


class TransactionId(UserDefinedType[int]):
    """PostgreSQL's `xid8`: transactions in the order they began, which bounds what a delta may show."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class JournalEntry(Base):
    """One change of one resource."""

    __tablename__ = "journal"
    __table_args__ = (
        CheckConstraint("action in ('insert', 'update', 'delete')", name="action"),
        Index("journal_resource_id_idx", "resource_id"),
        Index("journal_territory_id_seq_idx", "territory_id", "seq"),
        Index("journal_transaction_seq_idx", "transaction", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    transaction: Mapped[int] = mapped_column(TransactionId, server_default=text("pg_current_xact_id()"))
    at: Mapped[datetime]
    caller: Mapped[str]
    request_id: Mapped[str | None]
    territory_id: Mapped[UUID | None]
    resource: Mapped[str]
    resource_id: Mapped[UUID]
    version: Mapped[int]
    action: Mapped[str] = mapped_column(Text)
    fields: Mapped[list[str]]
    reason: Mapped[str | None]


def attribute_to(session: AsyncSession, caller: str, *, request_id: str | None = None) -> None:
    """Say in whose name this session writes. A session that never said so cannot write a resource."""
    session.info["caller"] = caller
    session.info["request_id"] = request_id


def give_reason(session: AsyncSession, reason: str) -> None:
    """Put a reason beside every entry this session writes from now on."""
    session.info["reason"] = reason


async def change_all(
    session: AsyncSession, model: type[Resource], ids: Collection[UUID], values: Mapping[str, object]
) -> None:
    """Give many rows the same values in one statement; each gets its new version and its line, as one by one.

    Those of them the session holds are stale afterwards.
    """
    if not ids:
        return
    await session.flush()
    territory = getattr(model, "territory_id", null()).label("territory_id")
    changed = (
        update(model)
        .where(model.id.in_(ids))
        .values({**values, "updated_at": clock.now(), "version": model.version + 1})
        .returning(model.id, model.version, territory)
        .execution_options(synchronize_session=False)
    )
    fields = sorted(values)
    lines = [
        _line(session.sync_session, model, row.id, row.version, row.territory_id, "update", fields)
        for row in await session.execute(changed)
    ]
    if lines:
        await session.execute(insert(JournalEntry), lines)


@event.listens_for(Session, "before_flush")
def _touch(session: Session, _context: UOWTransaction, _instances: object) -> None:
    """A change of a resource, or of rows that hang on it, moves its `updated_at` and so its version."""
    for row in _changed_rows(session):
        row.updated_at = clock.now()
        touch(row)  # also when the clock has not moved


@event.listens_for(Session, "after_flush")
def _record(session: Session, _context: UOWTransaction) -> None:
    write(
        session,
        [
            *entries(session, session.new, "insert"),
            *entries(session, _changed_rows(session), "update"),
            *entries(session, session.deleted, "delete"),
        ],
    )


def _changed_rows(session: Session) -> list[Resource]:
    written = session.info.get(WRITTEN, ())
    return [
        row for row in session.dirty if isinstance(row, Resource) and row not in written and session.is_modified(row)
    ]


def write(session: Session, written: Sequence[Mapping[str, object]]) -> None:
    """Add these entries, with what else this transaction writes."""
    if written:
        session.connection().execute(insert(JournalEntry), written)


def entries(session: Session, rows: Iterable[object], action: str, *, later_by: int = 0) -> Iterable[dict[str, object]]:
    """What the journal says of these rows. `later_by`: how far their version is still to move."""
    for row in rows:
        if isinstance(row, Resource):
            fields = _changed(row) if action == "update" else []
            territory_id = getattr(row, "territory_id", None)
            yield _line(session, type(row), row.id, row.version + later_by, territory_id, action, fields)


def _line(
    session: Session, kind: type[Resource], id_: UUID, version: int, territory_id: UUID | None, action: str,
    fields: Sequence[str],
) -> dict[str, object]:  # fmt: skip
    return {
        "at": clock.now(),
        "caller": session.info["caller"],
        "request_id": session.info.get("request_id"),
        "territory_id": territory_id,
        "resource": kind.__resource__,
        "resource_id": id_,
        "version": version,
        "action": action,
        "fields": fields,
        "reason": session.info.get("reason"),
    }


def _changed(row: Resource) -> list[str]:
    attributes = inspect(row).attrs
    return sorted(a.key for a in attributes if a.key not in UNTOLD and a.history.has_changes())
