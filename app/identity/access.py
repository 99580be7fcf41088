"""From a token or a session to its caller: the grants alive today, narrowed. One statement, read at each request.

`grants_of_account` and `grants_of_client` are columns to put beside a lookup (of a token, of a session), so
that finding the token and its caller is one query; `caller_from` makes the caller of what they give.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, ScalarSelect, and_, cast, column, func, literal, or_, select, table
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import SQLCoreOperations

from app.identity import rights
from app.identity.caller import Caller, Role
from app.identity.models import Account, Client, Grant

OPERATORS_ZONE = "Europe/Paris"
TERRITORIES = table("territories", column("id"), column("timezone"))  # a domain above this one
Holder = SQLCoreOperations[UUID] | SQLCoreOperations[UUID | None]
Narrowing = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Held:
    """A role held today, on a territory and, for some roles, a school or an organisation."""

    role: Role
    territory_id: UUID | None
    actor_id: UUID | None
    is_admin: bool


def grants_of_account(account_id: Holder) -> ScalarSelect[Any]:
    """The grants alive today of an account that is not disabled, as a column (null: none)."""
    account, grant = aliased(Account), aliased(Grant)
    return _held(
        grant, account, account.id == grant.account_id, grant.account_id == account_id, account.disabled_at.is_(None)
    )


def grants_of_client(client_id: Holder) -> ScalarSelect[Any]:
    """The grants alive today of a client (its row's id) that is approved and not disabled, as a column."""
    client, grant = aliased(Client), aliased(Grant)
    alive = and_(client.approved_at.is_not(None), client.disabled_at.is_(None))
    return _held(grant, client, client.id == grant.client_id, grant.client_id == client_id, alive)


def today_at(territory_id: Holder) -> ColumnElement[date]:
    """The day it is now in a territory, as a column (France's where a row is of none)."""
    zone = select(TERRITORIES.c.timezone).where(TERRITORIES.c.id == territory_id).correlate_except(TERRITORIES)
    return cast(func.timezone(func.coalesce(zone.scalar_subquery(), OPERATORS_ZONE), func.now()), Date)


def is_alive(grant: type[Grant]) -> ColumnElement[bool]:
    """A grant that is not revoked, on a day it is valid, as its own territory counts days."""
    today = today_at(grant.territory_id)
    return and_(
        grant.revoked_at.is_(None),
        or_(grant.valid_from.is_(None), grant.valid_from <= today),
        or_(grant.valid_until.is_(None), grant.valid_until > today),
    )


def _held(
    grant: type[Grant], holder: Any, joined: ColumnElement[bool], *conditions: ColumnElement[bool]
) -> ScalarSelect[Any]:
    """Under names of its own, so that a statement about accounts or clients is not taken for what it is beside."""
    row = func.jsonb_build_array(grant.role, grant.territory_id, grant.actor_id, grant.is_admin)
    rows = select(func.jsonb_agg(row)).select_from(grant).join(holder, joined).where(*conditions, is_alive(grant))
    return rows.correlate_except(grant, holder).scalar_subquery()


def held(rows: Sequence[Sequence[Any]] | None) -> list[Held]:
    """The grants of one of the columns above."""
    return [
        Held(Role(role), territory and UUID(territory), actor and UUID(actor), is_admin)
        for role, territory, actor, is_admin in rows or ()
    ]


def caller_from(
    grants: Iterable[Held],
    *,
    id: str,  # noqa: A002 (the caller's own word)
    scopes: Iterable[str],
    narrowing: Narrowing | None = None,
    source: str | None = None,
) -> Caller | None:
    """The caller these grants make: role ∩ scopes ∩ narrowing. None when nothing is left.

    A narrowing to territories keeps the grants on them, one to schools or organisations (`actor_ids`) the
    grants on those; a grant that a narrowing does not speak of is lost. An admin's scopes are left only
    where every grant that is left is an admin's.
    """
    left = [grant for grant in grants if _is_within(grant, narrowing or {})]
    if not left:
        return None
    role = left[0].role
    is_admin = all(grant.is_admin for grant in left)
    effective = frozenset(scopes) & rights.allowed(role, is_admin=is_admin)
    if not effective:
        return None
    actors = frozenset(grant.actor_id for grant in left if grant.actor_id)
    return Caller(
        id=id,
        role=role,
        scopes=effective,
        territory_ids=frozenset(grant.territory_id for grant in left if grant.territory_id),
        actor_ids=frozenset() if role is Role.REFERENT else actors,
        school_ids=actors if role is Role.REFERENT else frozenset(),
        is_admin=is_admin,
        source=source,
    )


def _is_within(grant: Held, narrowing: Narrowing) -> bool:
    for name, own in (("territory_ids", grant.territory_id), ("actor_ids", grant.actor_id)):
        if name in narrowing and str(own) not in narrowing[name]:
            return False
    return True


async def caller_of(
    session: AsyncSession,
    *,
    account_id: UUID | None = None,
    client_id: UUID | None = None,
    scopes: Iterable[str],
    narrowing: Narrowing | None = None,
    source: str | None = None,
) -> Caller | None:
    """The caller an account or a client (its row's id) makes with these scopes, in one query; None: nothing is left."""
    if account_id is not None:
        grants, name = grants_of_account(literal(account_id)), f"account:{account_id}"
    elif client_id is not None:
        grants, name = grants_of_client(literal(client_id)), f"client:{client_id}"
    else:
        raise ValueError("an account or a client")
    alive = held(await session.scalar(select(grants)))
    return caller_from(alive, id=name, scopes=scopes, narrowing=narrowing, source=source)
