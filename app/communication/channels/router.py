"""`/v1/channels`: the sites, pages, bulletins and newspapers that speak of the territory's work."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.communication.channels import policy, service
from app.communication.channels.filters import ChannelFilters
from app.communication.channels.models import Channel
from app.communication.channels.policy import EditableChannel, VisibleChannel
from app.communication.channels.schemas import ChannelCreate, ChannelOut, ChannelUpdate
from app.core import idempotency
from app.core.db import remove
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST, ON_READ
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs

READ = [Depends(Needs("communication:read"))]
WRITE = [Depends(Needs("communication:write"))]
ONCE = Depends(idempotency.begin)

router = APIRouter(prefix="/channels", route_class=TransactionalRoute, tags=["communication"])


@router.get("", response_model=Page[ChannelOut], dependencies=READ, responses=ON_LIST)
async def list_channels(
    filters: Annotated[ChannelFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The channels of your territories, by name."""
    rows = await filters.narrow(session, policy.visible_to(caller))
    return await page(session, rows, asked, by=(Channel.sort_name, Channel.id))


@router.post("", status_code=201, response_model=ChannelOut, dependencies=[*WRITE, ONCE], responses=ON_CREATE)
async def create_channel(
    body: ChannelCreate, caller: CurrentCaller, session: OpenSession, response: Response
) -> Channel:
    """Add a channel to a territory."""
    return created(response, await service.create_channel(session, caller, body))


@router.get("/{channel_id:uuid}", response_model=ChannelOut, dependencies=READ, responses=ON_READ)
async def get_channel(channel: VisibleChannel, response: Response) -> Channel:
    """One channel."""
    return tagged(response, channel)


@router.patch("/{channel_id:uuid}", response_model=ChannelOut, dependencies=WRITE, responses=ON_EDIT)
async def update_channel(
    body: ChannelUpdate, channel: EditableChannel, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Channel:  # fmt: skip
    """Change the fields given."""
    require_match(channel, if_match)
    return tagged(response, await service.update_channel(session, caller, channel, body))


@router.delete("/{channel_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_channel(channel: EditableChannel, if_match: IfMatch, session: OpenSession) -> None:
    """Delete a channel in which nothing was published."""
    require_match(channel, if_match)
    await remove(session, channel)
