"""Who sees programmes and stages, and who may change them: as all that is a territory's (`territories/policy.py`)."""

from collections.abc import Collection
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.core.db import one_or_404, require_visible
from app.core.routing import OpenSession
from app.identity.caller import Caller, CurrentCaller
from app.territories.models import Programme, Stage, StageStatus
from app.territories.policy import administered_by, editable, visible_to
from app.territories.programmes.gates import is_open
from app.territories.programmes.schemas import StageAction

BY_STATUS = {
    StageStatus.PLANNED: (StageAction.START,),
    StageStatus.ACTIVE: (StageAction.COMPLETE,),
    StageStatus.DONE: (StageAction.REOPEN,),
}


def stages_of(programme: Programme) -> Select[Stage]:
    """The stages of a programme the caller sees."""
    return select(Stage).where(Stage.programme_id == programme.id)


async def tell_actions(session: AsyncSession, caller: Caller, stages: Collection[Stage]) -> None:
    """Put in `allowed_actions` of each stage what the caller may do with it now."""
    active = select(Stage.programme_id).where(Stage.status == StageStatus.ACTIVE)
    busy = set(await session.scalars(active.where(Stage.programme_id.in_({stage.programme_id for stage in stages}))))
    for stage in stages:
        is_closed = stage.status is StageStatus.ACTIVE and not await is_open(session, stage)
        is_free = stage.status is StageStatus.ACTIVE or stage.programme_id not in busy
        verbs = BY_STATUS[stage.status] if is_free and not is_closed else ()
        stage.allowed_actions = (*verbs, StageAction.UPDATE, StageAction.DELETE) if _may_edit(caller, stage) else ()


def _may_edit(caller: Caller, stage: Stage) -> bool:
    return stage.territory_id in administered_by(caller) and "programmes:write" in caller.scopes


async def load_programme(programme_id: UUID, caller: CurrentCaller, session: OpenSession) -> Programme:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller, Programme).where(Programme.id == programme_id))


async def load_editable_programme(programme_id: UUID, caller: CurrentCaller, session: OpenSession) -> Programme:
    """With its stages, held until the end of the request: their order changes as a whole.

    Raises `NotFound`, or `NotAllowed` for a programme the caller only reads.
    """
    held = visible_to(caller, Programme).options(selectinload(Programme.stages)).with_for_update(key_share=True)
    programme = await one_or_404(session, held.where(Programme.id == programme_id))
    await require_visible(session, programme, within=editable(caller, Programme))
    return programme


async def load_stage(stage_id: UUID, caller: CurrentCaller, session: OpenSession) -> Stage:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller, Stage).where(Stage.id == stage_id))


async def load_editable_stage(stage_id: UUID, caller: CurrentCaller, session: OpenSession) -> Stage:
    """Raises `NotFound`, or `NotAllowed` for a stage the caller only reads."""
    stage = await load_stage(stage_id, caller, session)
    await require_visible(session, stage, within=editable(caller, Stage))
    return stage


VisibleProgramme = Annotated[Programme, Depends(load_programme)]
EditableProgramme = Annotated[Programme, Depends(load_editable_programme)]
VisibleStage = Annotated[Stage, Depends(load_stage)]
EditableStage = Annotated[Stage, Depends(load_editable_stage)]
