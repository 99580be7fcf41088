"""The audit trail: who did what, what was refused, and who read of persons. Codes and identifiers only.

What is done is noted in the transaction that does it; a refusal, which leaves no transaction, in one of its own.
"""

from uuid import UUID

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.identity import throttle
from app.identity.models import AuditEntry
from app.settings import signing_key

NOBODY = "anonymous"


def entry(
    caller: str,
    action: str,
    *,
    request: Request | None = None,
    resource: str | None = None,
    resource_id: UUID | None = None,
    territory_id: UUID | None = None,
    actor_id: UUID | None = None,
    is_allowed: bool = True,
    detail: str | None = None,
) -> AuditEntry:
    """One line of the trail. `caller` and `detail` are codes (`account:<id>`, `wrong-password`), never a name."""
    return AuditEntry(
        at=clock.now(),
        caller=caller,
        action=action,
        resource=resource,
        resource_id=resource_id,
        territory_id=territory_id,
        actor_id=actor_id,
        outcome="allowed" if is_allowed else "denied",
        detail=detail,
        address_hash=_address_of(request),
        request_id=getattr(request.state, "request_id", None) if request else None,
    )


def note(session: AsyncSession, line: AuditEntry) -> None:
    """Write the line with what this transaction does."""
    session.add(line)


async def record(request: Request, line: AuditEntry) -> None:
    """Write the line now, whatever becomes of the request."""
    async with request.app.state.database.session() as session:
        session.add(line)
        await session.commit()


def _address_of(request: Request | None) -> bytes | None:
    if request is None or request.client is None:
        return None
    return throttle.address_hash(signing_key(request.app.state.settings), request.client.host)[:16]
