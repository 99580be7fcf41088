"""Who sees client applications, who may change them, and who approves them."""

from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, false, select

from app.core.db import one_or_404, require_visible
from app.core.routing import OpenSession
from app.identity.caller import Caller, CurrentCaller, Role
from app.identity.models import Client


def account_of(caller: Caller) -> UUID | None:
    """The account of a person; None for a system in its own name."""
    kind, _, name = caller.id.partition(":")
    return UUID(name) if kind == "account" else None


def visible_to(caller: Caller) -> Select[Client]:
    """One sees the clients one asked for; an admin those of their territories; the operator all."""
    clients = select(Client)
    own = Client.requested_by == account_of(caller)
    match caller.role:
        case Role.OPERATOR:
            return clients
        case Role.COLLECTIVITE if caller.is_admin:
            return clients.where(Client.territory_id.in_(caller.territory_ids))
        case Role.COLLECTIVITE | Role.REFERENT | Role.CLUB_MEMBER:
            return clients.where(own, Client.territory_id.in_(caller.territory_ids))
        case Role.PARTNER:
            return clients.where(false())
        case unknown:
            assert_never(unknown)


def approvable_by(caller: Caller) -> Select[Client]:
    """An admin approves for their territories, the operator for all."""
    if caller.role is Role.OPERATOR:
        return select(Client)
    is_admin = caller.role is Role.COLLECTIVITE and caller.is_admin
    return select(Client).where(Client.territory_id.in_(caller.territory_ids) if is_admin else false())


async def load(client_id: UUID, caller: CurrentCaller, session: OpenSession) -> Client:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(Client.id == client_id))


async def load_to_approve(client_id: UUID, caller: CurrentCaller, session: OpenSession) -> Client:
    """Raises `NotFound`, or `NotAllowed` for a client that someone else has to approve."""
    client = await load(client_id, caller, session)
    await require_visible(session, client, within=approvable_by(caller))
    return client


def may_approve(caller: Caller, client: Client) -> bool:
    """The same as `approvable_by`, of a row at hand."""
    if caller.role is Role.OPERATOR:
        return True
    return caller.role is Role.COLLECTIVITE and caller.is_admin and client.territory_id in caller.territory_ids


VisibleClient = Annotated[Client, Depends(load)]
ApprovableClient = Annotated[Client, Depends(load_to_approve)]
