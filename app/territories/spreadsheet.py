"""What every sheet of a territory's rows shares: its territory, by slug, and the names of its themes and communes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.bulk import among
from app.core.spreadsheets.cells import Named
from app.core.spreadsheets.kinds import Reference
from app.core.spreadsheets.lookups import among_few, goes_by, matched
from app.core.spreadsheets.sheet import Column, Lookup
from app.identity.caller import Caller
from app.territories.models import Municipality, Territory, Theme
from app.territories.policy import municipalities, territories_visible_to, visible_to

TERRITORY: Column[Any] = Column(
    "territory", Reference("territories"), field="territory_id", get=lambda row: row.territory_id
)
"""Which territory a row is of; may be left out by who works in one only."""


@dataclass(frozen=True)
class Ground:
    """The territories a caller works in: their names, their zones, and which is meant where none is named."""

    lookups: Mapping[str, Lookup]
    zones: Mapping[UUID, ZoneInfo]
    defaults: Mapping[str, UUID]


async def ground(session: AsyncSession, caller: Caller) -> Ground:
    """Where a caller's sheets stand."""
    territories = territories_visible_to(caller)
    found = (await session.scalars(territories)).unique().all()
    lookups = {
        "territories": among_few(Territory, territories, lambda row: (row.slug, row.name), territory=None),
        "themes": among_few(Theme, visible_to(caller, Theme), lambda row: (row.slug, row.name)),
        "municipalities": Lookup(_municipalities_named, _municipality_names),
    }
    zones = {territory.id: ZoneInfo(territory.timezone) for territory in found}
    return Ground(lookups, zones, {"territory": found[0].id} if len(found) == 1 else {})


async def _municipalities_named(session: AsyncSession, asked: Collection[str]) -> list[Named]:
    """Communes by INSEE code, whose first zero a spreadsheet may have dropped, or by name."""
    codes = {name: name.strip().upper().zfill(5) for name in asked}
    rows = municipalities().where(
        or_(among(Municipality.insee_code, set(codes.values())), goes_by(Municipality.sort_name, asked))
    )
    found = (await session.scalars(rows)).all()
    by_code = {commune.insee_code: commune for commune in found}
    coded = [Named(name, code, None) for name, code in codes.items() if code in by_code]
    others = [name for name, code in codes.items() if code not in by_code]
    return coded + matched(others, found, lambda commune: [commune.name], lambda commune: (commune.insee_code, None))


async def _municipality_names(_session: AsyncSession, codes: Collection[Any]) -> Mapping[Any, str]:
    return {code: code for code in codes}
