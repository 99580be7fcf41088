"""The life of a stage: planned → active → done, at most one active at a time; and the order of the stages."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.core.db import save, touch
from app.core.errors import ErrorAt, IllegalTransition, InvalidInput
from app.core.journal import give_reason
from app.identity.caller import Caller
from app.territories.models import Programme, Stage, StageStatus
from app.territories.policy import editable
from app.territories.programmes import gates
from app.territories.programmes.policy import tell_actions
from app.territories.programmes.schemas import StageCreate
from app.territories.service import day_that_came


def add_stage(programme: Programme, body: StageCreate) -> Stage:
    """A stage after the others of the programme."""
    stage = Stage(
        territory_id=programme.territory_id,
        position=len(programme.stages) + 1,
        status=StageStatus.PLANNED,
        **body.model_dump(),
    )
    programme.stages.append(stage)
    return stage


def order_stages(programme: Programme, stage_ids: Sequence[UUID]) -> None:
    """Put the stages in this order. Raises `InvalidInput` unless each is named once."""
    stages = {stage.id: stage for stage in programme.stages}
    if stages.keys() != set(stage_ids):
        raise InvalidInput(ErrorAt("#/stage_ids", "not_all_stages"))
    _number([stages[stage_id] for stage_id in stage_ids])
    touch(programme)


async def remove_stage(session: AsyncSession, stage: Stage) -> None:
    """Delete the stage and close the gap it leaves."""
    held = select(Programme).options(selectinload(Programme.stages)).with_for_update(key_share=True)
    programme = (await session.scalars(held.where(Programme.id == stage.programme_id))).one()
    programme.stages.remove(stage)
    _number(programme.stages)
    await session.flush()


async def save_stage(session: AsyncSession, caller: Caller, stage: Stage) -> Stage:
    """Write the stage, and tell what the caller may do with it next."""
    await save(session, stage, within=editable(caller, Stage))
    await tell_actions(session, caller, [stage])
    return stage


def _number(stages: Sequence[Stage]) -> None:
    for position, stage in enumerate(stages, 1):
        stage.position = position


async def start_stage(session: AsyncSession, stage: Stage, on: date | None) -> None:
    """Planned → active. Raises `IllegalTransition`, also while another stage is active."""
    await _require(session, stage, StageStatus.PLANNED, StageStatus.ACTIVE)
    starts_on = await day_that_came(session, stage.territory_id, on, planned=stage.starts_on)
    stage.status, stage.starts_on = StageStatus.ACTIVE, starts_on


async def complete_stage(session: AsyncSession, stage: Stage, on: date | None) -> None:
    """Active → done. Raises `IllegalTransition`, also while its checklist does not hold; `InvalidInput` for a day
    before its first."""
    await _require(session, stage, StageStatus.ACTIVE, StageStatus.DONE)
    ends_on = await day_that_came(session, stage.territory_id, on, planned=stage.ends_on)
    if stage.starts_on and ends_on < stage.starts_on:
        raise InvalidInput(ErrorAt("#/on", "dates_reversed"))
    await gates.require_open(session, stage)
    stage.status, stage.ends_on = StageStatus.DONE, ends_on


async def reopen_stage(session: AsyncSession, stage: Stage, reason: str) -> None:
    """Done → active, for a reason the journal keeps. Raises `IllegalTransition`, also while another is active."""
    await _require(session, stage, StageStatus.DONE, StageStatus.ACTIVE)
    give_reason(session, reason)
    stage.status, stage.ends_on = StageStatus.ACTIVE, None


async def _require(session: AsyncSession, stage: Stage, source: StageStatus, target: StageStatus) -> None:
    if stage.status is not source:
        raise IllegalTransition(stage.status, target, f"stage_is_not_{source}")
    others = select(Stage.id).where(Stage.programme_id == stage.programme_id, Stage.status == StageStatus.ACTIVE)
    if target is StageStatus.ACTIVE and await session.scalar(others):
        raise IllegalTransition(source, target, "another_stage_is_active")
