"""What writing a channel takes: a territory, and an owner of it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.actors.policy import visible_to as actors_visible_to
from app.communication.channels.models import Channel
from app.communication.channels.policy import editable
from app.communication.channels.schemas import ChannelCreate, ChannelUpdate
from app.core.db import apply, save
from app.core.references import referred
from app.identity.caller import Caller
from app.territories.models import Territory
from app.territories.policy import territories_visible_to


async def create_channel(session: AsyncSession, caller: Caller, body: ChannelCreate) -> Channel:
    """A new channel. Raises `InvalidInput` for a territory or an owner of elsewhere, `AlreadyExists` for its name."""
    territories = territories_visible_to(caller)
    territory = await referred(session, territories, Territory, "territory_id", body.territory_id)
    return await _write(session, caller, Channel(territory_id=territory.id, owner=None), dict(body))


async def update_channel(session: AsyncSession, caller: Caller, channel: Channel, body: ChannelUpdate) -> Channel:
    """Change the fields given. Raises as `create_channel`."""
    return await _write(session, caller, channel, body.given())


async def _write(session: AsyncSession, caller: Caller, channel: Channel, values: Mapping[str, Any]) -> Channel:
    written = {name: value for name, value in values.items() if name != "owner_id"}
    if "owner_id" in values:
        actors = actors_visible_to(caller).where(Actor.territory_id == channel.territory_id)
        id_ = values["owner_id"]
        written["owner"] = await referred(session, actors, Actor, "owner_id", id_) if id_ else None
    apply(channel, written)
    return await save(session, channel, within=editable(caller))
