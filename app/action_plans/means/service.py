"""What writing means takes, and what they add up to."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from app.action_plans.actions.models import Action
from app.action_plans.actions.policy import visible_to as actions_visible_to
from app.action_plans.means import policy
from app.action_plans.means.models import Means
from app.action_plans.means.schemas import MeansCreate, MeansTotal, MeansUpdate
from app.actors.models import Actor
from app.actors.policy import visible_to as actors_visible_to
from app.core.bulk import among, save_all
from app.core.db import R, apply
from app.core.errors import ErrorAt, InvalidInput
from app.core.spreadsheets.sheet import Change
from app.identity.caller import Caller
from app.territories.models import Programme
from app.territories.policy import visible_to as owned_visible_to


async def create_means(session: AsyncSession, caller: Caller, body: MeansCreate) -> Means:
    """New means. Raises `InvalidInput` unless they are for one programme or one action within sight."""
    return (await write_means(session, caller, [Change(None, dict(body))]))[0]


async def update_means(session: AsyncSession, caller: Caller, means: Means, body: MeansUpdate) -> Means:
    """Change the fields given. Raises `InvalidInput`."""
    return (await write_means(session, caller, [Change(means, body.given())]))[0]


async def write_means(session: AsyncSession, caller: Caller, changes: Sequence[Change[Means]]) -> list[Means]:
    """Add and change many means at once. Raises `InvalidInput`."""
    programmes = await _named(session, owned_visible_to(caller, Programme), Programme, changes, "programme_id")
    actions = await _named(session, actions_visible_to(caller), Action, changes, "action_id")
    actors = await _named(session, actors_visible_to(caller), Actor, changes, "provider_id")
    written = []
    for change in changes:
        means = change.row or Means(territory_id=_territory_of(change.values, programmes, actions))
        apply(means, change.values)
        if "provider_id" in change.values:
            set_committed_value(means, "provider", _provider(means, actors))
        written.append(means)
    await save_all(session, written, within=policy.editable(caller))
    return written


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


async def _named(
    session: AsyncSession, rows: Select[R], kind: type[R], changes: Sequence[Change[Means]], field: str
) -> dict[UUID, R]:
    """The rows within sight that the changes name in this field."""
    ids = {id_ for change in changes if (id_ := change.values.get(field))}
    found = (await session.scalars(rows.where(among(kind.id, ids)))).unique() if ids else ()
    return {row.id: row for row in found}


def _territory_of(
    values: Mapping[str, Any], programmes: Mapping[UUID, Programme], actions: Mapping[UUID, Action]
) -> UUID:
    programme_id, action_id = values.get("programme_id"), values.get("action_id")
    if (programme_id is None) == (action_id is None):
        raise InvalidInput(ErrorAt("#", "one_subject"))
    subject = programmes.get(programme_id) if programme_id else actions.get(action_id) if action_id else None
    if subject is None:
        raise InvalidInput(ErrorAt("#/programme_id" if programme_id else "#/action_id", "unknown_reference"))
    return subject.territory_id


def _provider(means: Means, actors: Mapping[UUID, Actor]) -> Actor | None:
    """The actor of the same territory that gives them. Raises `InvalidInput`."""
    if means.provider_id is None:
        return None
    actor = actors.get(means.provider_id)
    if actor is None or actor.territory_id != means.territory_id:
        raise InvalidInput(ErrorAt("#/provider_id", "unknown_reference"))
    return actor
