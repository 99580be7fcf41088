"""`/v1/clients`: applications ask to be let in, admins approve them."""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response, status

from app.core import idempotency
from app.core.db import save
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST, ON_READ, ON_VERB
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import Caller, CurrentCaller, Needs
from app.identity.models import Client
from app.identity.oauth.clients import service
from app.identity.oauth.clients.policy import ApprovableClient, VisibleClient, account_of, may_approve, visible_to
from app.identity.oauth.clients.schemas import ClientCreate, ClientCreated, ClientUpdate, ClientView

READ = [Depends(Needs("clients:read"))]
WRITE = [Depends(Needs("clients:write"))]
APPROVE = [Depends(Needs("clients:approve"))]
KEYED = Depends(idempotency.begin)

router = APIRouter(prefix="/clients", tags=["clients"], route_class=TransactionalRoute)


def view(client: Client, caller: Caller, **more: Any) -> dict[str, Any]:
    """The client as this caller sees it."""
    state = "disabled" if client.disabled_at else "approved" if client.approved_at else "requested"
    actions = {"update", "delete", *(["roll-secret"] if client.secret_hash else [])}
    if may_approve(caller, client):
        actions |= {"disable" if state == "approved" else "approve"}
    fields = {name: getattr(client, name, None) for name in ClientView.model_fields}
    return fields | {
        "is_confidential": client.secret_hash is not None,
        "state": state,
        "allowed_actions": sorted(actions),
        **more,
    }


@router.get("", response_model=Page[ClientView], dependencies=READ, responses=ON_LIST)
async def list_clients(asked: PageAsked, caller: CurrentCaller, session: OpenSession) -> dict[str, object]:
    """Client applications: one's own requests; an admin sees those of the territory."""
    found: dict[str, Any] = await page(session, visible_to(caller), asked, by=[Client.id])
    return found | {"items": [view(client, caller) for client in found["items"]]}


@router.post("", response_model=ClientCreated, status_code=status.HTTP_201_CREATED, dependencies=[*WRITE, KEYED],
             responses=ON_CREATE)  # fmt: skip
async def create_client(
    body: ClientCreate, caller: CurrentCaller, session: OpenSession, request: Request, response: Response
) -> dict[str, Any]:
    """Ask for an application to be let in. Its secret is in this answer only."""
    client, secret = await service.create_client(session, **body.model_dump(), requested_by=account_of(caller))
    await save(session, client, within=visible_to(caller))
    idempotency.keep_without(request, "client_secret")
    return view(created(response, client), caller, client_secret=secret)


@router.get("/{client_id:uuid}", response_model=ClientView, dependencies=READ, responses=ON_READ)
async def read_client(client: VisibleClient, caller: CurrentCaller, response: Response) -> dict[str, Any]:
    """One client application."""
    return view(tagged(response, client), caller)


@router.patch("/{client_id:uuid}", response_model=ClientView, dependencies=WRITE, responses=ON_EDIT)
async def update_client(
    body: ClientUpdate, client: VisibleClient, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> dict[str, Any]:  # fmt: skip
    """Change the fields given; other addresses or scopes have to be approved again."""
    require_match(client, if_match)
    await service.update(session, caller, client, body)
    await save(session, client, within=visible_to(caller))
    return view(tagged(response, client), caller)


@router.delete("/{client_id:uuid}", status_code=status.HTTP_204_NO_CONTENT, dependencies=WRITE, responses=ON_DELETE)
async def delete_client(client: VisibleClient, if_match: IfMatch, session: OpenSession) -> None:
    """Take the application away, with all its tokens."""
    require_match(client, if_match)
    await session.delete(client)


@router.post("/{client_id:uuid}:approve", response_model=ClientView, dependencies=[*APPROVE, KEYED], responses=ON_VERB)
async def approve_client(
    client: ApprovableClient, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> dict[str, Any]:
    """Let it in, or in again; a system of its own becomes a partner of the territory."""
    require_match(client, if_match)
    await service.approve(session, client)
    return view(tagged(response, client), caller)


@router.post("/{client_id:uuid}:disable", response_model=ClientView, dependencies=[*APPROVE, KEYED], responses=ON_VERB)
async def disable_client(
    client: ApprovableClient, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> dict[str, Any]:
    """Shut it out: all its tokens end now."""
    require_match(client, if_match)
    await service.disable(session, client)
    return view(tagged(response, client), caller)


@router.post("/{client_id:uuid}:roll-secret", response_model=ClientCreated, dependencies=[*WRITE, KEYED],
             responses=ON_VERB)  # fmt: skip
async def roll_client_secret(
    client: VisibleClient, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, request: Request,
    response: Response,
) -> dict[str, Any]:  # fmt: skip
    """A new secret, in this answer only; the former is refused from now on."""
    require_match(client, if_match)
    secret = await service.roll_secret(session, client)
    idempotency.keep_without(request, "client_secret")
    return view(tagged(response, client), caller, client_secret=secret)
