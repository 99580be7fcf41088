"""Roles given and taken back."""

from datetime import date
from uuid import UUID

from sqlalchemy import Text, Uuid, column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import Conflict, ErrorAt, IllegalTransition, InvalidInput
from app.identity.caller import Role
from app.identity.models import Account, Grant

ACTORS = table("actors", column("id", Uuid), column("territory_id", Uuid), column("kind", Text))  # a domain above
ON_AN_ACTOR = (Role.REFERENT, Role.CLUB_MEMBER)


async def give(
    session: AsyncSession,
    account: Account,
    role: Role,
    *,
    territory_id: UUID | None = None,
    actor_id: UUID | None = None,
    is_admin: bool = False,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Grant:
    """Give the account (its grants loaded) a role.

    Raises `InvalidInput` when what the role stands on is missing, too much, or not of the territory;
    `Conflict` when the account has another role, or this one already.
    """
    await _check(session, role, territory_id, actor_id, is_admin=is_admin, dates=(valid_from, valid_until))
    alive = await living(session, account.id)
    if any(grant.role is not role for grant in alive):
        raise Conflict(ErrorAt("#/role", "one_role"))
    if any((grant.territory_id, grant.actor_id) == (territory_id, actor_id) for grant in alive):
        raise Conflict(ErrorAt("#/role", "already_exists"))
    grant = Grant(
        account_id=account.id, role=role, territory_id=territory_id, actor_id=actor_id, is_admin=is_admin,
        valid_from=valid_from, valid_until=valid_until,
    )  # fmt: skip
    session.add(grant)
    account.updated_at = clock.now()
    await session.flush()
    return grant


async def revoke(session: AsyncSession, account: Account, grant: Grant) -> None:
    """Take a role back, at once. Raises `IllegalTransition` when it was."""
    if grant.revoked_at:
        raise IllegalTransition("revoked", "revoked", "already_done")
    grant.revoked_at = account.updated_at = clock.now()
    await session.flush()


async def living(session: AsyncSession, account_id: UUID) -> list[Grant]:
    """The grants of an account that were not revoked, whatever their dates."""
    rows = select(Grant).where(Grant.account_id == account_id, Grant.revoked_at.is_(None))
    return list((await session.scalars(rows)).all())


async def _check(
    session: AsyncSession, role: Role, territory_id: UUID | None, actor_id: UUID | None, *, is_admin: bool,
    dates: tuple[date | None, date | None],
) -> None:  # fmt: skip
    wanted = {"territory_id": role is not Role.OPERATOR, "actor_id": role in ON_AN_ACTOR}
    given = {"territory_id": territory_id is not None, "actor_id": actor_id is not None}
    faults = [
        ErrorAt(f"#/{name}", "missing" if wanted[name] else "none_required")
        for name in wanted
        if wanted[name] is not given[name]
    ]
    if is_admin and role is not Role.COLLECTIVITE:
        faults.append(ErrorAt("#/is_admin", "none_required"))
    if dates[0] and dates[1] and dates[0] >= dates[1]:
        faults.append(ErrorAt("#/valid_until", "invalid"))
    if role is Role.PARTNER:
        faults.append(ErrorAt("#/role", "invalid"))
    if actor_id and not faults:
        own = select(ACTORS.c.kind).where(ACTORS.c.id == actor_id, ACTORS.c.territory_id == territory_id)
        kind = await session.scalar(own)
        if kind is None or (role is Role.REFERENT and kind != "school"):
            faults.append(ErrorAt("#/actor_id", "unknown_reference"))
    if faults:
        raise InvalidInput(*faults)
