"""Who sees channels, and who may change them. They stand in public: whoever works in a territory reads them."""

from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, false, select
from sqlalchemy.orm import joinedload

from app.communication.channels.models import Channel
from app.core.db import one_or_404, require_visible
from app.core.routing import OpenSession
from app.identity.caller import Caller, CurrentCaller, Role


def visible_to(caller: Caller) -> Select[Channel]:
    """Whoever works in a territory sees its channels; the operator sees none."""
    channels = select(Channel).options(joinedload(Channel.owner))
    match caller.role:
        case Role.COLLECTIVITE | Role.REFERENT | Role.CLUB_MEMBER | Role.PARTNER:
            return channels.where(Channel.territory_id.in_(caller.territory_ids))
        case Role.OPERATOR:
            return channels.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller) -> Select[Channel]:
    """The collectivité writes the channels of its territories; no one else does."""
    channels = visible_to(caller)
    return channels if caller.role is Role.COLLECTIVITE else channels.where(false())


async def load(channel_id: UUID, caller: CurrentCaller, session: OpenSession) -> Channel:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(Channel.id == channel_id))


async def load_editable(
    channel: Annotated[Channel, Depends(load)], caller: CurrentCaller, session: OpenSession
) -> Channel:
    """Raises `NotFound`, or `NotAllowed` for a channel the caller only reads."""
    await require_visible(session, channel, within=editable(caller))
    return channel


VisibleChannel = Annotated[Channel, Depends(load)]
EditableChannel = Annotated[Channel, Depends(load_editable)]
