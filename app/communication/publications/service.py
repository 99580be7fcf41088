"""What writing a publication takes: a channel, and an event and an action of the same territory."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.action_plans.actions.models import Action
from app.action_plans.actions.policy import visible_to as actions_visible_to
from app.communication.channels.models import Channel
from app.communication.channels.policy import visible_to as channels_visible_to
from app.communication.publications.models import Publication
from app.communication.publications.policy import editable
from app.communication.publications.schemas import PublicationCreate, PublicationUpdate
from app.core.db import apply, save
from app.core.references import referred
from app.events.models import Event
from app.events.policy import visible_to as events_visible_to
from app.identity.caller import Caller


async def create_publication(session: AsyncSession, caller: Caller, body: PublicationCreate) -> Publication:
    """A new publication. Raises `InvalidInput` for a channel, an event or an action of elsewhere."""
    channel = await referred(session, channels_visible_to(caller), Channel, "channel_id", body.channel_id)
    publication = Publication(territory_id=channel.territory_id, channel=channel)
    return await _write(session, caller, publication, dict(body))


async def update_publication(
    session: AsyncSession, caller: Caller, publication: Publication, body: PublicationUpdate
) -> Publication:
    """Change the fields given. Raises as `create_publication`."""
    return await _write(session, caller, publication, body.given())


async def _write(
    session: AsyncSession, caller: Caller, publication: Publication, values: Mapping[str, Any]
) -> Publication:
    here = publication.territory_id
    if values.get("event_id"):
        events = events_visible_to(caller).where(Event.territory_id == here)
        await referred(session, events, Event, "event_id", values["event_id"])
    if values.get("action_id"):
        actions = actions_visible_to(caller).where(Action.territory_id == here)
        await referred(session, actions, Action, "action_id", values["action_id"])
    apply(publication, {name: value for name, value in values.items() if name != "channel_id"})
    return await save(session, publication, within=editable(caller))
