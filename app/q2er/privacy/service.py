"""What goes on by itself: pupils whose time is over are reduced to their code, and erasures hold through a restore.

It sees the pupils of all schools, which no caller does, and answers with numbers alone.
"""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.core.bulk import among
from app.core.db import Database, let_see
from app.core.journal import attribute_to, give_reason
from app.q2er.pupils.models import Erasure, Pupil
from app.q2er.pupils.retention import blank, erasure_key, today
from app.q2er.pupils.service import note_erasures
from app.settings import Settings

CALLER = "upkeep"
AT_ONCE = 500


async def keep_up(database: Database, settings: Settings) -> None:
    """Re-apply erasures, then purge. Several workers share the work, pupil by pupil."""
    for work in (reapply_erasures, purge):
        async with database.session() as session:
            attribute_to(session, CALLER)
            await work(session, settings)
            await session.commit()


async def purge(session: AsyncSession, settings: Settings) -> int:
    """Reduce to their code the pupils whose day has come, unless they are to be handed over; answers how many."""
    if settings.pupil_disposition != "eliminate":
        return 0
    await let_see(session, school_ids=None)
    return await _blank_all(session, _known().where(Pupil.purge_on <= today()), "retention")


async def reapply_erasures(session: AsyncSession, settings: Settings) -> int:
    """Erase again whoever the ledger names and a restore has brought back; answers how many."""
    await let_see(session, school_ids=None)
    await exchange(session, settings.erasure_ledger)
    erased = set(await session.scalars(select(Erasure.key_hash)))
    if not erased:
        return 0
    there = await session.scalars(select(Pupil.id).where(Pupil.erased_at.is_(None)))
    back = [id_ for id_ in there if erasure_key(settings, id_) in erased]
    return await _blank_all(session, _known().where(among(Pupil.id, back)), "erased") if back else 0


async def exchange(session: AsyncSession, ledger: Path | None) -> None:
    """Bring the ledger of the database and that of the file up to each other: one line an erasure."""
    if ledger is None:
        return
    kept = _read(ledger)
    await note_erasures(session, kept)
    rows = await session.scalars(select(Erasure).order_by(Erasure.erased_at))
    lines = [_line(row.key_hash, row.erased_at) for row in rows if row.key_hash not in kept]
    if lines:
        with ledger.open("a", encoding="ascii") as file:
            file.writelines(lines)


def _known() -> Select[Pupil]:
    return (
        select(Pupil)
        .where(Pupil.erased_at.is_(None))
        .options(selectinload(Pupil.guardians), selectinload(Pupil.external_ids))
    )


async def _blank_all(session: AsyncSession, pupils: Select[Pupil], reason: str) -> int:
    give_reason(session, reason)
    done = 0
    while True:
        some = pupils.order_by(Pupil.id).limit(AT_ONCE).with_for_update(of=Pupil, skip_locked=True)
        found = (await session.scalars(some)).all()
        for pupil in found:
            blank(pupil)
        await session.flush()
        done += len(found)
        if len(found) < AT_ONCE:
            return done


def _line(key: bytes, erased_at: datetime) -> str:
    return f"{key.hex()} {erased_at.isoformat(timespec='seconds')}\n"


def _read(ledger: Path) -> Collection[bytes]:
    """The keys in the file; a line that was cut short by a crash is none."""
    if not ledger.exists():
        return set()
    words = [line.split() for line in ledger.read_text("ascii").splitlines()]
    return {bytes.fromhex(said[0]) for said in words if len(said) == 2 and len(said[0]) == 64}
