"""Who sees territories and what is theirs, and who may change it.

Everyone sees the territories they work in, with their themes and programmes; the admins of the collectivité
change them. The operator sees and makes territories, and no row of their business.
"""

from typing import Annotated, Any, TypeVar, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, false, select
from sqlalchemy.orm import joinedload, selectinload

from app.core.db import one_or_404, require_visible
from app.core.routing import OpenSession
from app.identity.caller import Caller, CurrentCaller, Role
from app.territories.models import Municipality, Programme, Stage, Territory, TerritoryMunicipality, Theme

Row = TypeVar("Row", Theme, Programme, Stage)


def territories_visible_to(caller: Caller) -> Select[Territory]:
    """The operator sees every territory, the others those they work in."""
    territories = select(Territory).options(selectinload(Territory.predecessors), selectinload(Territory.successors))
    match caller.role:
        case Role.OPERATOR:
            return territories
        case Role.COLLECTIVITE | Role.REFERENT | Role.CLUB_MEMBER | Role.PARTNER:
            return territories.where(Territory.id.in_(caller.territory_ids))
        case unknown:
            assert_never(unknown)


def territories_editable_by(caller: Caller) -> Select[Territory]:
    """The operator makes and changes territories; an admin of the collectivité changes their own."""
    territories = territories_visible_to(caller)
    if caller.role is Role.OPERATOR:
        return territories
    return territories.where(Territory.id.in_(administered_by(caller)))


def visible_to(caller: Caller, kind: type[Row]) -> Select[Row]:
    """Whoever works in a territory sees its themes, programmes and stages."""
    rows: Select[Any] = select(kind)
    match caller.role:
        case Role.COLLECTIVITE | Role.REFERENT | Role.CLUB_MEMBER | Role.PARTNER:
            return rows.where(kind.territory_id.in_(caller.territory_ids))
        case Role.OPERATOR:
            return rows.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller, kind: type[Row]) -> Select[Row]:
    """Its admins change the themes, programmes and stages of a territory."""
    return visible_to(caller, kind).where(kind.territory_id.in_(administered_by(caller)))


def administered_by(caller: Caller) -> frozenset[UUID]:
    """The territories the caller is an admin of: only a collectivité has admins."""
    is_admin = caller.role is Role.COLLECTIVITE and caller.is_admin
    return caller.territory_ids if is_admin else frozenset()


def memberships_of(territory: Territory) -> Select[TerritoryMunicipality]:
    """The communes of a territory the caller sees, with their names."""
    return (
        select(TerritoryMunicipality)
        .where(TerritoryMunicipality.territory_id == territory.id)
        .options(joinedload(TerritoryMunicipality.municipality))
    )


def municipalities() -> Select[Municipality]:
    """The communes of France: a nomenclature, which everyone reads."""
    return select(Municipality)


async def load_territory(territory_id: UUID, caller: CurrentCaller, session: OpenSession) -> Territory:
    """Raises `NotFound`."""
    return await one_or_404(session, territories_visible_to(caller).where(Territory.id == territory_id))


async def load_editable_territory(territory_id: UUID, caller: CurrentCaller, session: OpenSession) -> Territory:
    """With its communes. Raises `NotFound`, or `NotAllowed` for a territory the caller only reads."""
    with_communes = territories_visible_to(caller).options(selectinload(Territory.memberships))
    territory = await one_or_404(session, with_communes.where(Territory.id == territory_id))
    await require_visible(session, territory, within=territories_editable_by(caller))
    return territory


async def load_theme(theme_id: UUID, caller: CurrentCaller, session: OpenSession) -> Theme:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller, Theme).where(Theme.id == theme_id))


async def load_editable_theme(theme_id: UUID, caller: CurrentCaller, session: OpenSession) -> Theme:
    """Raises `NotFound`, or `NotAllowed` for a theme the caller only reads."""
    theme = await load_theme(theme_id, caller, session)
    await require_visible(session, theme, within=editable(caller, Theme))
    return theme


VisibleTerritory = Annotated[Territory, Depends(load_territory)]
EditableTerritory = Annotated[Territory, Depends(load_editable_territory)]
VisibleTheme = Annotated[Theme, Depends(load_theme)]
EditableTheme = Annotated[Theme, Depends(load_editable_theme)]
