"""Which demonstration was loaded last: the audit trail tells, so that a second start need not load it again."""

import hashlib
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.db import Database
from app.demo.rows import CALLER
from app.demo.territories import TIMEZONE
from app.identity import audit
from app.identity.models import AuditEntry

ACTION = "load_demonstration"
ZONE = ZoneInfo(TIMEZONE)


def edition(today: date | None = None) -> str:
    """A code of what a load would write: of the demonstration's own files, and of the week its season is around."""
    today = today or clock.now().astimezone(ZONE).date()
    here = Path(__file__).parent
    files = sorted(path for kind in ("*.py", "data/*.toml") for path in here.glob(kind))
    content = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    year, week, _ = today.isocalendar()
    return f"{year}-W{week:02d}-{content[:16]}"


async def note(session: AsyncSession, today: date) -> None:
    """Put on record that this edition was loaded, in the transaction that loads it."""
    session.add(audit.entry(CALLER, ACTION, detail=edition(today)))


async def is_current(database: Database) -> bool:
    """Whether the last demonstration loaded is today's."""
    last = select(AuditEntry.detail).where(AuditEntry.caller == CALLER, AuditEntry.action == ACTION)
    async with database.session(read_only=True) as session:
        return await session.scalar(last.order_by(AuditEntry.seq.desc()).limit(1)) == edition()
