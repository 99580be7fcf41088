"""`/v1/territories`, with their communes and predecessors; `/v1/municipalities`; `/v1/themes`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.core import idempotency
from app.core.db import apply, remove, save
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST, ON_LIST_WITHIN, ON_READ
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs
from app.territories import policy, service
from app.territories.filters import MembershipFilters, MunicipalityFilters, OwnedFilters, TerritoryFilters
from app.territories.models import Municipality, Territory, TerritoryMunicipality, Theme
from app.territories.policy import EditableTerritory, EditableTheme, VisibleTerritory, VisibleTheme
from app.territories.schemas import (
    MembershipOut,
    Memberships,
    MunicipalityOut,
    Predecessors,
    TerritoryCreate,
    TerritoryOut,
    TerritoryUpdate,
    ThemeCreate,
    ThemeOut,
    ThemeUpdate,
)

READ = [Depends(Needs("territories:read"))]
WRITE = [Depends(Needs("territories:write"))]
READ_THEMES = [Depends(Needs("themes:read"))]
WRITE_THEMES = [Depends(Needs("themes:write"))]
ONCE = Depends(idempotency.begin)

router = APIRouter(route_class=TransactionalRoute, tags=["territories"])


@router.get("/territories", response_model=Page[TerritoryOut], dependencies=READ, responses=ON_LIST)
async def list_territories(
    filters: Annotated[TerritoryFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The territories you work in, by slug."""
    rows = filters.apply(policy.territories_visible_to(caller))
    return await page(session, rows, asked, by=(Territory.slug,))


@router.post(
    "/territories", status_code=201, response_model=TerritoryOut, dependencies=[*WRITE, ONCE], responses=ON_CREATE
)
async def create_territory(
    body: TerritoryCreate, caller: CurrentCaller, session: OpenSession, response: Response
) -> Territory:
    """Add a territory. Only the operator of the platform does."""
    return created(response, await service.create_territory(session, caller, body))


@router.get("/territories/{territory_id:uuid}", response_model=TerritoryOut, dependencies=READ, responses=ON_READ)
async def get_territory(territory: VisibleTerritory, response: Response) -> Territory:
    """One territory, with those it follows and those that follow it."""
    return tagged(response, territory)


@router.patch("/territories/{territory_id:uuid}", response_model=TerritoryOut, dependencies=WRITE, responses=ON_EDIT)
async def update_territory(
    body: TerritoryUpdate,
    territory: EditableTerritory,
    if_match: IfMatch,
    caller: CurrentCaller,
    session: OpenSession,
    response: Response,
) -> Territory:
    """Change the fields given. A succession must still lie within the dates."""
    require_match(territory, if_match)
    apply(territory, body.given())
    return tagged(response, await save(session, territory, within=policy.territories_editable_by(caller)))


@router.get(
    "/territories/{territory_id:uuid}/municipalities",
    response_model=Page[MembershipOut],
    dependencies=READ,
    responses=ON_LIST_WITHIN,
)
async def list_territory_municipalities(
    filters: Annotated[MembershipFilters, Query()], territory: VisibleTerritory, asked: PageAsked, session: OpenSession
) -> object:
    """The communes of a territory, by INSEE code, each with the period it belongs."""
    rows = filters.apply(policy.memberships_of(territory))
    return await page(session, rows, asked, by=(TerritoryMunicipality.insee_code, TerritoryMunicipality.id))


@router.put(
    "/territories/{territory_id:uuid}/municipalities",
    response_model=TerritoryOut,
    dependencies=WRITE,
    responses=ON_EDIT,
)
async def replace_territory_municipalities(
    body: Memberships,
    territory: EditableTerritory,
    if_match: IfMatch,
    caller: CurrentCaller,
    session: OpenSession,
    response: Response,
) -> Territory:
    """Say all the communes the territory has, had and will have. Answers the territory with its new version."""
    require_match(territory, if_match)
    await service.replace_memberships(session, territory, body.items)
    return tagged(response, await save(session, territory, within=policy.territories_editable_by(caller)))


@router.put(
    "/territories/{territory_id:uuid}/predecessors", response_model=TerritoryOut, dependencies=WRITE, responses=ON_EDIT
)
async def replace_predecessors(
    body: Predecessors,
    territory: EditableTerritory,
    if_match: IfMatch,
    caller: CurrentCaller,
    session: OpenSession,
    response: Response,
) -> Territory:
    """Say all the territories it takes over from: each has ended on that day, and none succeeds itself."""
    require_match(territory, if_match)
    await service.replace_predecessors(session, caller, territory, body.items)
    return tagged(response, await save(session, territory, within=policy.territories_editable_by(caller)))


@router.get("/municipalities", response_model=Page[MunicipalityOut], dependencies=READ, responses=ON_LIST)
async def list_municipalities(
    filters: Annotated[MunicipalityFilters, Query()], asked: PageAsked, session: OpenSession
) -> object:
    """The communes known here, by INSEE code."""
    return await page(session, filters.apply(policy.municipalities()), asked, by=(Municipality.insee_code,))


@router.get("/themes", response_model=Page[ThemeOut], dependencies=READ_THEMES, responses=ON_LIST)
async def list_themes(
    filters: Annotated[OwnedFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The themes of your territories, in their order."""
    rows = await filters.apply(session, policy.visible_to(caller, Theme), Theme)
    return await page(session, rows, asked, by=(Theme.territory_id, Theme.position, Theme.id))


@router.post(
    "/themes", status_code=201, response_model=ThemeOut, dependencies=[*WRITE_THEMES, ONCE], responses=ON_CREATE
)
async def create_theme(body: ThemeCreate, caller: CurrentCaller, session: OpenSession, response: Response) -> Theme:
    """Add a theme to a territory you administer."""
    theme = Theme(**body.model_dump())
    return created(response, await save(session, theme, within=policy.editable(caller, Theme)))


@router.get("/themes/{theme_id:uuid}", response_model=ThemeOut, dependencies=READ_THEMES, responses=ON_READ)
async def get_theme(theme: VisibleTheme, response: Response) -> Theme:
    """One theme."""
    return tagged(response, theme)


@router.patch("/themes/{theme_id:uuid}", response_model=ThemeOut, dependencies=WRITE_THEMES, responses=ON_EDIT)
async def update_theme(
    body: ThemeUpdate,
    theme: EditableTheme,
    if_match: IfMatch,
    caller: CurrentCaller,
    session: OpenSession,
    response: Response,
) -> Theme:
    """Change the fields given."""
    require_match(theme, if_match)
    apply(theme, body.given())
    return tagged(response, await save(session, theme, within=policy.editable(caller, Theme)))


@router.delete("/themes/{theme_id:uuid}", status_code=204, dependencies=WRITE_THEMES, responses=ON_DELETE)
async def delete_theme(theme: EditableTheme, if_match: IfMatch, session: OpenSession) -> None:
    """Delete a theme nothing speaks of."""
    require_match(theme, if_match)
    await remove(session, theme)
