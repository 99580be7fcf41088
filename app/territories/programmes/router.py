"""`/v1/programmes` and `/v1/stages`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.core import idempotency
from app.core.db import apply, remove, save
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST, ON_LIST_WITHIN, ON_READ, ON_VERB
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs
from app.territories.filters import OwnedFilters
from app.territories.models import Programme, Stage
from app.territories.policy import editable, visible_to
from app.territories.programmes import policy, service
from app.territories.programmes.policy import EditableProgramme, EditableStage, VisibleProgramme, VisibleStage
from app.territories.programmes.schemas import (
    ProgrammeCreate,
    ProgrammeOut,
    ProgrammeUpdate,
    StageCreate,
    StageMove,
    StageOrder,
    StageOut,
    StageReopen,
    StageUpdate,
)

READ = [Depends(Needs("programmes:read"))]
WRITE = [Depends(Needs("programmes:write"))]
ONCE = Depends(idempotency.begin)
NOW = StageMove()

router = APIRouter(route_class=TransactionalRoute, tags=["territories"])


@router.get("/programmes", response_model=Page[ProgrammeOut], dependencies=READ, responses=ON_LIST)
async def list_programmes(
    filters: Annotated[OwnedFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The programmes of your territories, by name."""
    rows = await filters.apply(session, visible_to(caller, Programme), Programme)
    return await page(session, rows, asked, by=(Programme.name, Programme.id))


@router.post(
    "/programmes", status_code=201, response_model=ProgrammeOut, dependencies=[*WRITE, ONCE], responses=ON_CREATE
)
async def create_programme(
    body: ProgrammeCreate, caller: CurrentCaller, session: OpenSession, response: Response
) -> Programme:
    """Add a programme to a territory you administer."""
    programme = Programme(**body.model_dump(), stages=[])
    return created(response, await save(session, programme, within=editable(caller, Programme)))


@router.get("/programmes/{programme_id:uuid}", response_model=ProgrammeOut, dependencies=READ, responses=ON_READ)
async def get_programme(programme: VisibleProgramme, response: Response) -> Programme:
    """One programme."""
    return tagged(response, programme)


@router.patch("/programmes/{programme_id:uuid}", response_model=ProgrammeOut, dependencies=WRITE, responses=ON_EDIT)
async def update_programme(
    body: ProgrammeUpdate,
    programme: EditableProgramme,
    if_match: IfMatch,
    caller: CurrentCaller,
    session: OpenSession,
    response: Response,
) -> Programme:
    """Change the fields given."""
    require_match(programme, if_match)
    apply(programme, body.given())
    return tagged(response, await save(session, programme, within=editable(caller, Programme)))


@router.delete("/programmes/{programme_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_programme(programme: EditableProgramme, if_match: IfMatch, session: OpenSession) -> None:
    """Delete a programme with its stages."""
    require_match(programme, if_match)
    await remove(session, programme)


@router.get(
    "/programmes/{programme_id:uuid}/stages", response_model=Page[StageOut], dependencies=READ, responses=ON_LIST_WITHIN
)
async def list_stages(
    programme: VisibleProgramme, asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The stages of a programme, in their order."""
    found = await page(session, policy.stages_of(programme), asked, by=(Stage.position, Stage.id))
    await policy.tell_actions(session, caller, found["items"])
    return found


@router.post(
    "/programmes/{programme_id:uuid}/stages",
    status_code=201,
    response_model=StageOut,
    dependencies=[*WRITE, ONCE],
    responses=ON_CREATE,
)
async def create_stage(
    body: StageCreate, programme: EditableProgramme, caller: CurrentCaller, session: OpenSession, response: Response
) -> Stage:
    """Add a planned stage after the others."""
    stage = service.add_stage(programme, body)
    return created(response, await service.save_stage(session, caller, stage))


@router.put(
    "/programmes/{programme_id:uuid}/stage-order", response_model=ProgrammeOut, dependencies=WRITE, responses=ON_EDIT
)
async def order_stages(
    body: StageOrder,
    programme: EditableProgramme,
    if_match: IfMatch,
    caller: CurrentCaller,
    session: OpenSession,
    response: Response,
) -> Programme:
    """Put all the stages in another order. Answers the programme with its new version."""
    require_match(programme, if_match)
    service.order_stages(programme, body.stage_ids)
    return tagged(response, await save(session, programme, within=editable(caller, Programme)))


@router.get("/stages/{stage_id:uuid}", response_model=StageOut, dependencies=READ, responses=ON_READ)
async def get_stage(stage: VisibleStage, caller: CurrentCaller, session: OpenSession, response: Response) -> Stage:
    """One stage."""
    await policy.tell_actions(session, caller, [stage])
    return tagged(response, stage)


@router.patch("/stages/{stage_id:uuid}", response_model=StageOut, dependencies=WRITE, responses=ON_EDIT)
async def update_stage(
    body: StageUpdate,
    stage: EditableStage,
    if_match: IfMatch,
    caller: CurrentCaller,
    session: OpenSession,
    response: Response,
) -> Stage:
    """Change the fields given. Its state changes by `:start`, `:complete` and `:reopen`."""
    require_match(stage, if_match)
    apply(stage, body.given())
    return tagged(response, await service.save_stage(session, caller, stage))


@router.delete("/stages/{stage_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_stage(stage: EditableStage, if_match: IfMatch, session: OpenSession) -> None:
    """Delete a stage; those after it move up."""
    require_match(stage, if_match)
    await service.remove_stage(session, stage)


@router.post("/stages/{stage_id:uuid}:start", response_model=StageOut, dependencies=[*WRITE, ONCE], responses=ON_VERB)
async def start_stage(
    stage: EditableStage,
    if_match: IfMatch,
    caller: CurrentCaller,
    session: OpenSession,
    response: Response,
    body: StageMove = NOW,
) -> Stage:
    """Start a planned stage, while no other of the programme is active."""
    require_match(stage, if_match)
    await service.start_stage(session, stage, body.on)
    return tagged(response, await service.save_stage(session, caller, stage))


@router.post(
    "/stages/{stage_id:uuid}:complete", response_model=StageOut, dependencies=[*WRITE, ONCE], responses=ON_VERB
)
async def complete_stage(
    stage: EditableStage,
    if_match: IfMatch,
    caller: CurrentCaller,
    session: OpenSession,
    response: Response,
    body: StageMove = NOW,
) -> Stage:
    """Complete the active stage. With a gate, its checklist must hold; else what is missing is told item by item."""
    require_match(stage, if_match)
    await service.complete_stage(session, stage, body.on)
    return tagged(response, await service.save_stage(session, caller, stage))


@router.post("/stages/{stage_id:uuid}:reopen", response_model=StageOut, dependencies=[*WRITE, ONCE], responses=ON_VERB)
async def reopen_stage(
    body: StageReopen,
    stage: EditableStage,
    if_match: IfMatch,
    caller: CurrentCaller,
    session: OpenSession,
    response: Response,
) -> Stage:
    """Take up again a stage that was done, while no other of the programme is active."""
    require_match(stage, if_match)
    await service.reopen_stage(session, stage, body.reason)
    return tagged(response, await service.save_stage(session, caller, stage))
