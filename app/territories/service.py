"""What changing a territory takes: its communes, those it takes over from, and the day it is there."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.db import save
from app.core.errors import ErrorAt, InvalidInput, pointer
from app.identity.caller import Caller
from app.territories.models import Municipality, Succession, Territory, TerritoryMunicipality
from app.territories.policy import territories_editable_by, territories_visible_to
from app.territories.schemas import Membership, Predecessor, TerritoryCreate


async def create_territory(session: AsyncSession, caller: Caller, body: TerritoryCreate) -> Territory:
    """A territory without communes nor predecessors yet."""
    territory = Territory(**body.model_dump(), memberships=[], predecessors=[])
    await save(session, territory, within=territories_editable_by(caller))
    await session.refresh(territory, ["successors"])
    return territory


async def replace_memberships(session: AsyncSession, territory: Territory, wanted: Sequence[Membership]) -> None:
    """Make these the communes of the territory; a period that stays keeps its row.

    Raises `InvalidInput` for a code that is no commune's.
    """
    codes = [membership.insee_code for membership in wanted]
    found = await session.scalars(select(Municipality.insee_code).where(Municipality.insee_code.in_(codes)))
    _require_known(codes, set(found), "insee_code")
    rows = {(row.insee_code, row.valid_from, row.valid_until): row for row in territory.memberships}
    territory.memberships = [
        rows.get((m.insee_code, m.valid_from, m.valid_until)) or TerritoryMunicipality(**m.model_dump()) for m in wanted
    ]


async def replace_predecessors(
    session: AsyncSession, caller: Caller, territory: Territory, wanted: Sequence[Predecessor]
) -> None:
    """Make these the territories it takes over from. Raises `InvalidInput` for one the caller does not see."""
    ids = [predecessor.predecessor_id for predecessor in wanted]
    seen = await session.scalars(territories_visible_to(caller).where(Territory.id.in_(ids)))
    _require_known(ids, {other.id for other in seen}, "predecessor_id")
    rows = {(row.predecessor_id, row.succeeds_on): row for row in territory.predecessors}
    territory.predecessors = [
        rows.get((p.predecessor_id, p.succeeds_on)) or Succession(**p.model_dump()) for p in wanted
    ]


async def today_in(session: AsyncSession, territory_id: UUID) -> date:
    """The calendar day it is now in the territory's own zone."""
    zone = await session.scalar(select(Territory.timezone).where(Territory.id == territory_id))
    return clock.now().astimezone(ZoneInfo(zone or "UTC")).date()


async def day_that_came(
    session: AsyncSession, territory_id: UUID, given: date | None, at: str = "#/on", *, planned: date | None = None
) -> date:
    """The day given; else the planned one, when it has come; else today, in the territory's own zone.

    Raises `InvalidInput` for a day to come, given in `at`.
    """
    today = await today_in(session, territory_id)
    if given and given > today:
        raise InvalidInput(ErrorAt(at, "day_to_come"))
    return given or min(planned or today, today)


def _require_known(given: Sequence[object], known: set[UUID] | set[str], field: str) -> None:
    faults = [
        ErrorAt(pointer("items", place, field), "unknown_reference")
        for place, value in enumerate(given)
        if value not in known
    ]
    if faults:
        raise InvalidInput(*faults)
