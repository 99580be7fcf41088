"""Channels and publications as the matrix asks for them: `own` is kept by the caller's organisation."""

from typing import Any

from app.communication.channels.models import Channel
from tests.communication.factories import a_channel, a_publication
from tests.permissions.world import Ask, Prepare, World, made_in, nothing


async def kept_channel(world: World, whose: str, role: str) -> Channel:
    """A channel kept by the caller's organisation, by a neighbour, or abroad."""
    return await a_channel(world.session, world.territory(whose), owner=world.actor(whose, role))


def channel(body: dict[str, Any] | None = None) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        return Ask({"channel_id": (await kept_channel(world, whose, role)).id}, body)

    return prepare


def publication(body: dict[str, Any] | None = None) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        row = await a_publication(world.session, await kept_channel(world, whose, role))
        return Ask({"publication_id": row.id}, body)

    return prepare


async def new_publication(world: World, whose: str, role: str) -> Ask:
    out_in = await kept_channel(world, whose, role)
    return Ask({}, {"channel_id": str(out_in.id), "title": "Article", "published_on": "2016-11-15"})


PREPARE: dict[str, Prepare] = {
    "list_channels": nothing,
    "create_channel": made_in(name="Nouveau", kind="website"),
    "get_channel": channel(),
    "update_channel": channel({"name": "Autre nom"}),
    "delete_channel": channel(),
    "list_publications": nothing,
    "create_publication": new_publication,
    "get_publication": publication(),
    "update_publication": publication({"reach": 100}),
    "delete_publication": publication(),
}
