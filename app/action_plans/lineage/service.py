"""The chain of one action, in one statement: need → working group → meeting → proposal → decision
→ action → means.

Each link is chosen within its own policy, so that nobody learns of a row here that they could not open.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Date, Select, Text, case, cast, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.action_plans.actions.models import Action, ActionState, action_needs
from app.action_plans.actions.policy import visible_to as actions_visible_to
from app.action_plans.lineage.schemas import Link, LinkKind
from app.action_plans.means.models import Means
from app.action_plans.means.policy import visible_to as means_visible_to
from app.action_plans.plans.models import ActionPlan
from app.core.errors import NotFound
from app.dialogue.decisions.models import Decision
from app.dialogue.decisions.policy import visible_to as decisions_visible_to
from app.dialogue.needs.models import Need
from app.dialogue.needs.policy import visible_to as needs_visible_to
from app.dialogue.working_groups.models import WorkingGroup
from app.dialogue.working_groups.policy import visible_to as groups_visible_to
from app.events.models import Event
from app.events.policy import visible_to as events_visible_to
from app.identity.caller import Caller
from app.territories.models import Territory

Column = ColumnElement[Any] | InstrumentedAttribute[Any]
ORDER = list(LinkKind)


async def lineage_of(session: AsyncSession, caller: Caller, action_id: UUID) -> list[Link]:
    """The links of the chain within the caller's sight, in its order. Raises `NotFound` for an action out of it."""
    root = actions_visible_to(caller).where(Action.id == action_id).cte("root")
    found = union_all(*_links(caller, root)).subquery()
    rows = await session.execute(select(found).order_by(found.c.rank, found.c.on, found.c.id))
    links = [Link.model_validate(row) for row in rows]
    if not links:
        raise NotFound
    return links


def _links(caller: Caller, root: CTE) -> Iterator[Select[Any]]:
    """The links of each kind the token may read. The proposal of the action and what became of it are always there."""
    yield _link(select(root), LinkKind.ACTION, root.c.id, root.c.title, root.c.state, root.c.started_on)
    proposed = literal(ActionState.PROPOSED, Text)
    yield _link(select(root), LinkKind.PROPOSAL, root.c.id, root.c.title, proposed, _proposed_on(caller, root))
    if "needs:read" in caller.scopes:
        needs = needs_visible_to(caller).where(Need.id.in_(_needs_of(root)))
        yield _link(needs, LinkKind.NEED, Need.id, Need.statement, Need.state, Need.voiced_on)
    if "groups:read" in caller.scopes:
        took_up = select(Need.working_group_id).where(Need.id.in_(_needs_of(root)))
        groups = groups_visible_to(caller).where(
            or_(WorkingGroup.id == _of(root, "origin_group_id"), WorkingGroup.id.in_(took_up))
        )
        told = WorkingGroup.id, WorkingGroup.name, WorkingGroup.state, WorkingGroup.started_on
        yield _link(groups, LinkKind.WORKING_GROUP, *told)
    if "events:read" in caller.scopes:
        of_group = Event.working_group_id == _of(root, "origin_group_id")
        meetings = events_visible_to(caller).where(or_(Event.id == _of(root, "proposed_at_event_id"), of_group))
        yield _link(meetings, LinkKind.MEETING, Event.id, Event.title, Event.status, _day_of_event())
    if "decisions:read" in caller.scopes:
        adopted = select(ActionPlan.adopted_by_decision_id).where(ActionPlan.id == _of(root, "plan_id"))
        settled = or_(Decision.id == _of(root, "decision_id"), Decision.id == adopted.scalar_subquery())
        closed_on = cast(func.timezone(_zone(root), Decision.closed_at), Date)
        decisions = decisions_visible_to(caller).where(settled)
        yield _link(decisions, LinkKind.DECISION, Decision.id, Decision.question, Decision.state, closed_on)
    if "means:read" in caller.scopes:
        means = means_visible_to(caller).where(Means.action_id == _of(root, "id"))
        state = case((Means.real_amount.is_(None), "planned"), else_="real")
        yield _link(means, LinkKind.MEANS, Means.id, Means.label, state, Means.starts_on)


def _of(root: CTE, column: str) -> ColumnElement[UUID]:
    return select(root.c[column]).scalar_subquery()


def _needs_of(root: CTE) -> Select[UUID]:
    return select(action_needs.c.need_id).join(root, root.c.id == action_needs.c.action_id)


def _proposed_on(caller: Caller, root: CTE) -> ColumnElement[date]:
    """The day of the event that proposed it; where none is in sight, the day it was written down."""
    event = events_visible_to(caller).where(Event.id == root.c.proposed_at_event_id)
    held_on = event.with_only_columns(_day_of_event()).correlate(root).scalar_subquery()
    return func.coalesce(held_on, cast(func.timezone(_zone(root), root.c.created_at), Date))


def _zone(root: CTE) -> ColumnElement[str]:
    return select(Territory.timezone).where(Territory.id == _of(root, "territory_id")).scalar_subquery()


def _day_of_event() -> ColumnElement[date]:
    return cast(func.timezone(Event.timezone, Event.starts_at), Date)


def _link(rows: Select[Any], kind: LinkKind, id_: Column, title: Column, state: Column, on: Column) -> Select[Any]:
    columns: list[ColumnElement[Any]] = [
        literal(ORDER.index(kind)).label("rank"),
        literal(kind, Text).label("kind"),
        id_.label("id"),
        title.label("title"),
        cast(state, Text).label("state"),
        on.label("on"),
    ]
    return rows.with_only_columns(*columns)
