"""Who sees accounts, and who gives and takes back roles.

An admin of a collectivité answers for the people of their territories; the operator for the admins and the
other operators. An account is seen by its roles, also those it had.
"""

from typing import Annotated, Any, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import ColumnElement, Select, exists, false, or_, select
from sqlalchemy.orm import selectinload

from app.core.db import one_or_404
from app.core.errors import NotAllowed, NotFound
from app.core.routing import OpenSession
from app.identity.accounts.grants import living
from app.identity.caller import Caller, CurrentCaller, Role
from app.identity.models import Account, Grant

OF_A_COLLECTIVITE = (Role.COLLECTIVITE, Role.REFERENT, Role.CLUB_MEMBER)


def grants_visible_to(caller: Caller) -> ColumnElement[bool]:
    """Which roles of an account a caller sees: also those they may give and take back."""
    match caller.role:
        case Role.OPERATOR:
            return or_(Grant.role == Role.OPERATOR, Grant.is_admin)
        case Role.COLLECTIVITE if caller.is_admin:
            return Grant.territory_id.in_(caller.territory_ids)
        case Role.COLLECTIVITE | Role.REFERENT | Role.CLUB_MEMBER | Role.PARTNER:
            return false()
        case unknown:
            assert_never(unknown)


def visible_to(caller: Caller) -> Select[Account]:
    """The accounts that have, or had, a role the caller answers for; with those roles and no others."""
    mine = grants_visible_to(caller)
    return (
        select(Account)
        .where(exists().where(Grant.account_id == Account.id, mine))
        .options(selectinload(Account.grants.and_(mine)))
        .execution_options(populate_existing=True)
    )


def may_give(caller: Caller, role: Role, territory_id: UUID | None, *, is_admin: bool) -> bool:
    """Whether the caller may give, or take back, this role."""
    if caller.role is Role.OPERATOR:
        return role is Role.OPERATOR or is_admin
    is_theirs = caller.role is Role.COLLECTIVITE and caller.is_admin and territory_id in caller.territory_ids
    return is_theirs and role in OF_A_COLLECTIVITE


async def require_sole_answer(session: OpenSession, caller: Caller, account: Account) -> None:
    """Raises `NotAllowed` when someone else answers for this account too: one then takes back one's own roles."""
    for grant in await living(session, account.id):
        if not may_give(caller, grant.role, grant.territory_id, is_admin=grant.is_admin):
            raise NotAllowed(reason="shared_account")


async def load(account_id: UUID, caller: CurrentCaller, session: OpenSession) -> Account:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(Account.id == account_id))


async def load_grant(account_id: UUID, grant_id: UUID, caller: CurrentCaller, session: OpenSession) -> Grant:
    """Raises `NotFound`."""
    rows: Select[Any] = select(Grant).where(Grant.id == grant_id, Grant.account_id == account_id)
    grant: Grant | None = await session.scalar(rows.where(grants_visible_to(caller)))
    if grant is None:
        raise NotFound
    return grant


VisibleAccount = Annotated[Account, Depends(load)]
VisibleGrant = Annotated[Grant, Depends(load_grant)]
