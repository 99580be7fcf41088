"""`/v1/actors`: the organisations of a territory."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.actors import policy, service
from app.actors.filters import ActorFilters
from app.actors.models import Actor
from app.actors.policy import EditableActor, RemovableActor, VisibleActor
from app.actors.schemas import ActorCreate, ActorOut, ActorUpdate
from app.core import idempotency
from app.core.db import remove
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST, ON_READ
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs

READ = [Depends(Needs("actors:read"))]
WRITE = [Depends(Needs("actors:write"))]
ONCE = Depends(idempotency.begin)

router = APIRouter(prefix="/actors", route_class=TransactionalRoute, tags=["actors"])


@router.get("", response_model=Page[ActorOut], dependencies=READ, responses=ON_LIST)
async def list_actors(
    filters: Annotated[ActorFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The actors of your territories, by name."""
    rows = await filters.apply(session, policy.visible_to(caller))
    return await page(session, rows, asked, by=(Actor.sort_name, Actor.id))


@router.post("", status_code=201, response_model=ActorOut, dependencies=[*WRITE, ONCE], responses=ON_CREATE)
async def create_actor(body: ActorCreate, caller: CurrentCaller, session: OpenSession, response: Response) -> Actor:
    """Add an actor to a territory. A partner system names it with a source of its own."""
    return created(response, await service.create_actor(session, caller, body))


@router.get("/{actor_id:uuid}", response_model=ActorOut, dependencies=READ, responses=ON_READ)
async def get_actor(actor: VisibleActor, response: Response) -> Actor:
    """One actor."""
    return tagged(response, actor)


@router.patch("/{actor_id:uuid}", response_model=ActorOut, dependencies=WRITE, responses=ON_EDIT)
async def update_actor(
    body: ActorUpdate,
    actor: EditableActor,
    if_match: IfMatch,
    caller: CurrentCaller,
    session: OpenSession,
    response: Response,
) -> Actor:
    """Change the fields given."""
    require_match(actor, if_match)
    return tagged(response, await service.update_actor(session, caller, actor, body))


@router.delete("/{actor_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_actor(actor: RemovableActor, if_match: IfMatch, session: OpenSession) -> None:
    """Delete an actor nothing speaks of. One that has closed is rather given its `valid_until`."""
    require_match(actor, if_match)
    await remove(session, actor)
