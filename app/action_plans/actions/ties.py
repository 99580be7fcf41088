"""What an action is tied to: themes, actors, the event that proposed it; each of its territory and in sight."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.action_plans.actions.models import Action, ActionActor, ActionActorRole
from app.actors.models import Actor
from app.actors.policy import visible_to as actors_visible_to
from app.core.db import touch
from app.core.errors import ErrorAt, InvalidInput, pointer
from app.core.references import all_referred, referred
from app.events.models import Event
from app.events.policy import visible_to as events_visible_to
from app.identity.caller import Caller
from app.territories.models import Theme
from app.territories.policy import visible_to as themes_visible_to

ROLES = {"lead_ids": ActionActorRole.LEAD, "partner_ids": ActionActorRole.PARTNER}
LISTS = {"theme_ids", *ROLES}


async def tie(session: AsyncSession, caller: Caller, action: Action, values: Mapping[str, Any]) -> dict[str, Any]:
    """Tie the action to the rows that `values` name, and give back the values that are its own.

    Raises `InvalidInput` for a row of elsewhere, and for an actor that would lead and help at once.
    """
    if "theme_ids" in values:
        themes = themes_visible_to(caller, Theme).where(Theme.territory_id == action.territory_id)
        action.themes = await all_referred(session, themes, Theme, "theme_ids", values["theme_ids"])
    if ROLES.keys() & values.keys():
        await _tie_actors(session, caller, action, values)
    if values.get("proposed_at_event_id"):
        events = events_visible_to(caller).where(Event.territory_id == action.territory_id)
        await referred(session, events, Event, "proposed_at_event_id", values["proposed_at_event_id"])
    return {name: value for name, value in values.items() if name not in LISTS}


async def _tie_actors(session: AsyncSession, caller: Caller, action: Action, values: Mapping[str, Any]) -> None:
    """Who leads and who helps, in this order; a tie that stays keeps its row."""
    actors = actors_visible_to(caller).where(Actor.territory_id == action.territory_id)
    wanted: dict[ActionActorRole, Sequence[Actor]] = {}
    for field, role in ROLES.items():
        kept = action.leads if role is ActionActorRole.LEAD else action.partners
        wanted[role] = await all_referred(session, actors, Actor, field, values[field]) if field in values else kept
    _refuse_both(wanted, "partner_ids" if "partner_ids" in values else "lead_ids")
    known = {link.actor_id: link for link in action.actors}
    links = []
    for role, found in wanted.items():
        for position, actor in enumerate(found, 1):
            link = known.get(actor.id) or ActionActor(actor_id=actor.id, role=role, position=position)
            if (link.role, link.position) != (role, position):
                touch(action)
            link.role, link.position = role, position
            links.append(link)
    action.actors = links


def _refuse_both(wanted: Mapping[ActionActorRole, Sequence[Actor]], field: str) -> None:
    leads, partners = ([actor.id for actor in wanted[role]] for role in ActionActorRole)
    given, others = (partners, leads) if field == "partner_ids" else (leads, partners)
    faults = [ErrorAt(pointer(field, place), "lead_or_partner") for place, id_ in enumerate(given) if id_ in others]
    if faults:
        raise InvalidInput(*faults)
