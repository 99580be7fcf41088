"""The channels the source names, and what was told there of the first years."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from app.communication.channels.models import Channel, ChannelKind
from app.communication.publications.models import Publication
from app.demo.actors import Cast
from app.demo.plans import action_id
from app.demo.rows import Rows, demo_id
from app.demo.territories import FIRST, Entry, read, territory_id

Values = dict[str, Any]


class ChannelEntry(Entry):
    """A channel; `owner` is the key of an organisation."""

    key: str
    kind: ChannelKind
    name: str
    owner: str | None = None


class PublicationEntry(Entry):
    """What was published on a channel, of an event or of an action."""

    channel: str
    title: str
    date: date
    event: str | None = None
    action: str | None = None


@cache
def channels() -> tuple[ChannelEntry, ...]:
    """The channels of the data file, checked."""
    return tuple(ChannelEntry.model_validate(table) for table in read("partnerships")["channel"])


@cache
def publications() -> tuple[PublicationEntry, ...]:
    """The publications of the data file, checked."""
    return tuple(PublicationEntry.model_validate(table) for table in read("partnerships")["publication"])


async def put_communication(rows: Rows, cast: Cast, events: Mapping[str, UUID], actions: Collection[str]) -> None:
    """Write the channels, and the publications that speak of an event or an action there is, by their keys."""
    wanted = {demo_id("channel", entry.key): _channel(entry, cast) for entry in channels()}
    found = await rows.put(Channel, wanted)
    told = {}
    for entry in publications():
        event = events.get(entry.event or "")
        action = action_id(entry.action) if entry.action and entry.action in actions else None
        if demo_id("channel", entry.channel) in found and (event or action):
            told[demo_id("publication", entry.title)] = _publication(entry, event, action)
    await rows.put(Publication, told)


def _channel(entry: ChannelEntry, cast: Cast) -> Values:
    owner = cast.actors.get(entry.owner or "")
    return {
        "territory_id": territory_id(FIRST), "kind": entry.kind, "name": entry.name,
        "owner_id": owner.id if owner else None,
    }  # fmt: skip


def _publication(entry: PublicationEntry, event: UUID | None, action: UUID | None) -> Values:
    return {
        "territory_id": territory_id(FIRST), "channel_id": demo_id("channel", entry.channel), "title": entry.title,
        "published_on": entry.date, "event_id": event, "action_id": action, "is_demonstration": True,
    }  # fmt: skip
