"""What writing means takes, and what they add up to."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncSession

from app.action_plans.actions.models import Action
from app.action_plans.actions.policy import visible_to as actions_visible_to
from app.action_plans.means import policy
from app.action_plans.means.models import Means
from app.action_plans.means.schemas import MeansCreate, MeansTotal, MeansUpdate
from app.actors.models import Actor
from app.actors.policy import visible_to as actors_visible_to
from app.core.db import apply, save
from app.core.errors import ErrorAt, InvalidInput
from app.core.references import referred
from app.identity.caller import Caller
from app.territories.models import Programme
from app.territories.policy import visible_to as owned_visible_to


async def create_means(session: AsyncSession, caller: Caller, body: MeansCreate) -> Means:
    """New means. Raises `InvalidInput` unless they are for one programme or one action within sight."""
    territory_id = await _territory_of(session, caller, body)
    return await _write(session, caller, Means(territory_id=territory_id, provider=None), dict(body))


async def update_means(session: AsyncSession, caller: Caller, means: Means, body: MeansUpdate) -> Means:
    """Change the fields given. Raises `InvalidInput`."""
    return await _write(session, caller, means, body.given())


async def total(session: AsyncSession, means: Select[Means]) -> list[MeansTotal]:
    """What the means of a selection add up to, kind by kind and unit by unit."""
    by = Means.kind, Means.unit
    sums = means.with_only_columns(
        *by,
        func.count().label("count"),
        func.sum(Means.planned_amount).label("planned_amount"),
        func.sum(Means.real_amount).label("real_amount"),
        (func.count() - func.count(Means.real_amount)).label("without_real"),
    )
    rows = await session.execute(sums.group_by(*by).order_by(*by))
    return [MeansTotal.model_validate(row) for row in rows]


async def _territory_of(session: AsyncSession, caller: Caller, body: MeansCreate) -> UUID:
    if (body.programme_id is None) == (body.action_id is None):
        raise InvalidInput(ErrorAt("#", "one_subject"))
    if body.programme_id:
        programmes = owned_visible_to(caller, Programme)
        return (await referred(session, programmes, Programme, "programme_id", body.programme_id)).territory_id
    assert body.action_id
    actions = actions_visible_to(caller)
    return (await referred(session, actions, Action, "action_id", body.action_id)).territory_id


async def _write(session: AsyncSession, caller: Caller, means: Means, values: Mapping[str, Any]) -> Means:
    written = {name: value for name, value in values.items() if name != "provider_id"}
    if "provider_id" in values:
        actors = actors_visible_to(caller).where(Actor.territory_id == means.territory_id)
        id_ = values["provider_id"]
        written["provider"] = await referred(session, actors, Actor, "provider_id", id_) if id_ else None
    apply(means, written)
    return await save(session, means, within=policy.editable(caller))
