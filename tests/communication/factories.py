"""Channels and publications for tests."""

from datetime import date
from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.communication.channels.models import Channel, ChannelKind
from app.communication.publications.models import Publication
from app.territories.models import Territory

_numbers = count(1)


async def a_channel(
    session: AsyncSession, territory: Territory, *, owner: Actor | None = None, **traits: Any
) -> Channel:
    values = {"name": f"Canal {next(_numbers)}", "kind": ChannelKind.WEBSITE, **traits}
    row = Channel(territory_id=territory.id, owner_id=owner and owner.id, **values)
    session.add(row)
    await session.commit()
    return row


async def a_publication(session: AsyncSession, channel: Channel, **traits: Any) -> Publication:
    values = {"title": f"Parution {next(_numbers)}", "published_on": date(2016, 11, 15), **traits}
    row = Publication(territory_id=channel.territory_id, channel=channel, **values)
    session.add(row)
    await session.commit()
    return row
