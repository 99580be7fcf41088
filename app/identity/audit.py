"""The audit trail: who did what, what was refused, and who read of persons. Codes and identifiers only.

What is done is noted in the transaction that does it; a refusal, which leaves no transaction, in one of its own.
"""

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core import clock
from app.core.errors import NotAllowed
from app.identity import throttle
from app.identity.models import AuditEntry, Grant
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
    """One line of the trail. `caller` and `detail` are codes (`account:<id>`, `password`), never a name.

    A line about no place in particular is put where its caller works, so that whoever answers for them reads it.
    """
    return AuditEntry(
        at=clock.now(),
        caller=caller,
        action=action,
        resource=resource,
        resource_id=resource_id,
        territory_id=territory_id or _of_first_grant(caller, Grant.territory_id),
        actor_id=actor_id or _of_first_grant(caller, Grant.actor_id),
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


def reading(request: Request, line: AuditEntry) -> None:
    """Say, in a route that reads of persons, whom it told of; written before the answer leaves."""
    request.state.readings = [*getattr(request.state, "readings", []), line]


class OfTerritory(Protocol):
    """A row that people are named in."""

    id: Any
    territory_id: Any


def naming(request: Request, caller: str, resource: str, named: Sequence[OfTerritory]) -> None:
    """Say, in a route that answers rows of `resource`, in which of them it named people, if in any."""
    if named:
        line = entry(
            caller,
            request.scope["route"].name,
            request=request,
            resource=resource,
            resource_id=named[0].id if len(named) == 1 else None,
            territory_id=named[0].territory_id,
            detail=f"rows:{len(named)}",
        )
        reading(request, line)


async def after_route(request: Request, refused: NotAllowed | None) -> None:
    """Write what a route of `/v1` leaves to say once its transaction has ended: a refusal, or what it read."""
    lines = getattr(request.state, "readings", [])
    if refused is not None:
        caller = getattr(request.state, "caller", None)
        detail = str(refused.params.get("reason") or refused.params.get("scopes") or "not-allowed")
        operation = getattr(request.scope.get("route"), "name", "unknown")
        who = caller.id if caller else NOBODY
        lines = [entry(who, operation, request=request, is_allowed=False, detail=detail)]
    if lines:
        async with request.app.state.database.session() as session:
            session.add_all(lines)
            await session.commit()


def _of_first_grant(caller: str, wanted: InstrumentedAttribute[UUID | None]) -> Any:
    """Where the caller works: of its first role, its territory or its school or organisation."""
    kind, _, name = caller.partition(":")
    if kind not in ("account", "client"):
        return None
    own = (Grant.account_id if kind == "account" else Grant.client_id) == UUID(name)
    rows = select(wanted).where(own, Grant.revoked_at.is_(None)).order_by(Grant.id).limit(1)
    return rows.scalar_subquery()


def _address_of(request: Request | None) -> bytes | None:
    if request is None or request.client is None:
        return None
    return throttle.address_hash(signing_key(request.app.state.settings), request.client.host)[:16]
