"""The life of a need: voiced → qualified → addressed → closed, the ways back, and its way to its readers."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.actors.policy import visible_to as actors_visible_to
from app.core import clock, publication
from app.core.db import R, apply, one_or_404, remove, save
from app.core.errors import IllegalTransition
from app.core.journal import give_reason
from app.core.publication import Publish, Withdraw
from app.core.references import referred
from app.core.states import led_by
from app.dialogue.needs import policy
from app.dialogue.needs.models import Need, NeedState
from app.dialogue.needs.schemas import NeedCreate, NeedQualify, NeedUpdate
from app.dialogue.needs.states import MOVES, NeedVerb
from app.dialogue.working_groups.models import WorkingGroup
from app.dialogue.working_groups.policy import visible_to as groups_visible_to
from app.events.models import Event
from app.events.policy import visible_to as events_visible_to
from app.identity.caller import Caller
from app.territories.models import Territory, Theme
from app.territories.policy import territories_visible_to
from app.territories.policy import visible_to as owned_visible_to
from app.territories.service import day_that_came


async def create_need(session: AsyncSession, caller: Caller, body: NeedCreate) -> Need:
    """A voiced need. Raises `InvalidInput` for what is of elsewhere or a day to come, `NotAllowed` for the voice of
    an actor the caller does not answer for."""
    territories = territories_visible_to(caller)
    territory = await referred(session, territories, Territory, "territory_id", body.territory_id)
    need = Need(territory_id=territory.id, state=NeedState.VOICED, state_since=clock.now())
    return await _write(session, caller, need, dict(body))


async def update_need(session: AsyncSession, caller: Caller, need: Need, body: NeedUpdate) -> Need:
    """Change the fields given. Raises as `create_need`."""
    return await _write(session, caller, need, body.given())


async def qualify_need(session: AsyncSession, caller: Caller, need: Need, body: NeedQualify) -> Need:
    """Voiced → qualified, with what that settles. Raises `IllegalTransition`, `InvalidInput`."""
    _turn(need, NeedVerb.QUALIFY)
    settled = {name: value for name, value in body if value is not None}
    return await _write(session, caller, need, settled)


async def address_need(session: AsyncSession, caller: Caller, need: Need) -> Need:
    """Qualified → addressed. Raises `IllegalTransition`, also without an action."""
    source = need.state
    _turn(need, NeedVerb.ADDRESS)
    if not need.has_action:
        raise IllegalTransition(source, need.state, "need_has_no_action")
    return await _saved(session, caller, need)


async def turn_need(session: AsyncSession, caller: Caller, need: Need, verb: NeedVerb, reason: str) -> Need:
    """Send back, close or reopen it, for a reason told with it and kept in the journal. Raises `IllegalTransition`."""
    _turn(need, verb, reason)
    give_reason(session, reason)
    return await _saved(session, caller, need)


async def publish_need(session: AsyncSession, caller: Caller, need: Need, body: Publish) -> Need:
    """Show it to the territory, now or at `publish_at`. Raises `IllegalTransition`."""
    publication.publish(need, body.publish_at, clock.now())
    return await _saved(session, caller, need)


async def withdraw_need(session: AsyncSession, caller: Caller, need: Need, body: Withdraw) -> Need:
    """Take it back from its readers. Raises `IllegalTransition`."""
    give_reason(session, body.reason)
    publication.withdraw(need, clock.now())
    return await _saved(session, caller, need)


async def delete_need(session: AsyncSession, need: Need) -> None:
    """Leave nothing, or a tombstone of what was published. Raises `StillReferenced` for a need with an action."""
    if publication.was_public(need, clock.now()):
        await publication.bury(session, need, need.territory_id, clock.now())
    await remove(session, need)


def _turn(need: Need, verb: NeedVerb, reason: str | None = None) -> None:
    need.state = led_by(MOVES, verb, need.state, what="need")
    need.state_reason, need.state_since = reason, clock.now()


async def _write(session: AsyncSession, caller: Caller, need: Need, values: Mapping[str, Any]) -> Need:
    """Set what was said, each row it names being of the need's territory and in the caller's sight."""
    if "voiced_on" in values:
        day = await day_that_came(session, need.territory_id, values["voiced_on"], "#/voiced_on")
        values = {**values, "voiced_on": day}
    rows: dict[str, tuple[Select[Any], type[Any]]] = {
        "theme_id": (owned_visible_to(caller, Theme), Theme),
        "voiced_by_id": (actors_visible_to(caller), Actor),
        "voiced_at_event_id": (events_visible_to(caller), Event),
        "working_group_id": (groups_visible_to(caller), WorkingGroup),
    }
    for name, (among, kind) in rows.items():
        if values.get(name) and values[name] != getattr(need, name):
            await _require_here(session, need, among, kind, name, values[name])
    apply(need, values)
    return await _saved(session, caller, need)


async def _require_here(
    session: AsyncSession, need: Need, among: Select[R], kind: type[Any], name: str, id_: Any
) -> None:
    await referred(session, among.where(kind.territory_id == need.territory_id), kind, name, id_)


async def _saved(session: AsyncSession, caller: Caller, need: Need) -> Need:
    """Written, and read again with all that is shown of it."""
    await save(session, need, within=policy.editable(caller))
    shown = policy.in_full(policy.visible_to(caller), caller).where(Need.id == need.id)
    need = await one_or_404(session, shown.execution_options(populate_existing=True))
    policy.tell_actions(caller, [need])
    return need
