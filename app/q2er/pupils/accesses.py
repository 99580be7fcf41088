"""Who read of pupils, one line a pupil, so that each can be told; and all that is held on one."""

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity import audit
from app.identity.caller import Caller
from app.identity.trail.policy import TrailEntry
from app.q2er.pupils import policy
from app.q2er.pupils.holdings import held
from app.q2er.pupils.models import Pupil
from app.q2er.pupils.schemas import AccessLogEntry, PupilFile, PupilOut

MOST_ACCESSES = 1000


class OfSchool(Protocol):
    """A pupil by code, and where they are."""

    id: UUID
    school_id: UUID
    territory_id: UUID


def note_reading(request: Request, caller: Caller, pupils: Iterable[OfSchool]) -> None:
    """Put on record that this caller read of these pupils, by the operation they asked for."""
    lines = [
        audit.entry(
            caller.id, request.scope["route"].name, request=request, resource=Pupil.__resource__,
            resource_id=pupil.id, territory_id=pupil.territory_id, actor_id=pupil.school_id,
        )
        for pupil in pupils
    ]  # fmt: skip
    for line in lines:
        audit.reading(request, line)


async def told(session: AsyncSession, lines: Iterable[TrailEntry]) -> list[AccessLogEntry]:
    """The lines of the trail as whoever answers for the pupil may tell them: accounts by their name."""
    lines = list(lines)
    accounts = {UUID(line.caller.partition(":")[2]) for line in lines if line.caller.startswith("account:")}
    names = {f"account:{row.id}": row.display_name for row in await session.scalars(policy.named(accounts))}
    return [
        AccessLogEntry(
            at=line.at, caller=line.caller, name=names.get(line.caller), action=line.action, fields=line.fields,
            detail=line.detail,
        )
        for line in lines
    ]  # fmt: skip


async def whole_file(session: AsyncSession, caller: Caller, pupil: Pupil) -> PupilFile:
    """All that is held on a pupil within the caller's sight, entries merged into them included."""
    duplicates = (await session.scalars(policy.duplicates_of(caller, pupil).order_by(Pupil.id))).all()
    latest = policy.accesses_to(pupil).order_by(TrailEntry.seq.desc()).limit(MOST_ACCESSES)
    return PupilFile(
        pupil=PupilOut.model_validate(pupil),
        duplicates=[PupilOut.model_validate(row) for row in duplicates],
        held=dict(await held(session, [pupil.id, *(row.id for row in duplicates)])),
        accesses=await told(session, await session.scalars(latest)),
    )
