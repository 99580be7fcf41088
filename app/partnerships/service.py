"""The life of a partnership: prospect → in discussion → active → suspended or ended, the ways back, and its way to
the public."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.core import clock, publication
from app.core.db import apply, remove, save
from app.core.errors import IllegalTransition
from app.core.journal import give_reason
from app.core.publication import Publish, Withdraw
from app.core.references import referred
from app.core.states import led_by
from app.identity.caller import Caller
from app.partnerships import policy
from app.partnerships.models import Partnership, PartnershipStage, Party
from app.partnerships.schemas import PartnershipCreate, PartnershipUpdate
from app.partnerships.states import MOVES, PartnershipVerb, lacks_parties
from app.territories.models import Territory, Theme
from app.territories.policy import territories_visible_to
from app.territories.policy import visible_to as owned_visible_to
from app.territories.service import day_that_came


async def create_partnership(session: AsyncSession, caller: Caller, body: PartnershipCreate) -> Partnership:
    """A prospect. Raises `InvalidInput` for a territory or a theme of elsewhere."""
    territories = territories_visible_to(caller)
    territory = await referred(session, territories, Territory, "territory_id", body.territory_id)
    partnership = Partnership(territory_id=territory.id, stage=PartnershipStage.PROSPECT, theme=None, parties=[])
    return await _write(session, caller, partnership, dict(body))


async def update_partnership(
    session: AsyncSession, caller: Caller, partnership: Partnership, body: PartnershipUpdate
) -> Partnership:
    """Change the fields given. Raises as `create_partnership`."""
    return await _write(session, caller, partnership, body.given())


async def delete_partnership(session: AsyncSession, partnership: Partnership) -> None:
    """Leave nothing, or a tombstone of what anyone could see. Raises `StillReferenced` once it was reviewed."""
    if publication.was_public(partnership, clock.now()):
        await publication.bury(session, partnership, partnership.territory_id, clock.now())
    parties = select(Party).where(Party.partnership_id == partnership.id).options(selectinload(Party.contributions))
    await session.scalars(parties.execution_options(populate_existing=True))  # what they give goes before them
    await remove(session, partnership)


async def move(
    session: AsyncSession,
    caller: Caller,
    partnership: Partnership,
    verb: PartnershipVerb,
    *,
    reason: str | None = None,
    on: date | None = None,
) -> Partnership:
    """Take it where the verb leads; `on` is the day it ended. The journal keeps the reason.

    Raises `IllegalTransition`, also to active with fewer than two parties; `InvalidInput` for a day to come.
    """
    stage = led_by(MOVES, verb, partnership.stage, what="partnership")
    if stage is PartnershipStage.ACTIVE and lacks_parties(partnership):
        raise IllegalTransition(partnership.stage, stage, "partnership_lacks_parties")
    if reason:
        give_reason(session, reason)
    is_over = stage is PartnershipStage.ENDED
    last = await day_that_came(session, partnership.territory_id, on, planned=partnership.ends_on) if is_over else None
    is_told = is_over or stage is PartnershipStage.SUSPENDED
    partnership.stage, partnership.stage_reason, partnership.ended_on = stage, reason if is_told else None, last
    return await _saved(session, caller, partnership)


async def publish_partnership(
    session: AsyncSession, caller: Caller, partnership: Partnership, body: Publish
) -> Partnership:
    """Announce it, now or at `publish_at`. Raises `IllegalTransition`."""
    publication.publish(partnership, body.publish_at, clock.now())
    return await _saved(session, caller, partnership)


async def withdraw_partnership(
    session: AsyncSession, caller: Caller, partnership: Partnership, body: Withdraw
) -> Partnership:
    """Take it back from its readers. Raises `IllegalTransition`."""
    give_reason(session, body.reason)
    publication.withdraw(partnership, clock.now())
    return await _saved(session, caller, partnership)


async def _write(
    session: AsyncSession, caller: Caller, partnership: Partnership, values: Mapping[str, Any]
) -> Partnership:
    written = {name: value for name, value in values.items() if name != "theme_id"}
    if "theme_id" in values:
        themes = owned_visible_to(caller, Theme).where(Theme.territory_id == partnership.territory_id)
        id_ = values["theme_id"]
        written["theme"] = await referred(session, themes, Theme, "theme_id", id_) if id_ else None
    apply(partnership, written)
    return await _saved(session, caller, partnership)


async def _saved(session: AsyncSession, caller: Caller, partnership: Partnership) -> Partnership:
    await save(session, partnership, within=policy.editable(caller))
    policy.tell_actions(caller, [partnership])
    return partnership
