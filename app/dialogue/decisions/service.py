"""What is decided when a decision is prepared, opened, closed or called off."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete as delete_rows
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value
from uuid_utils.compat import uuid7

from app.core import clock
from app.core.db import apply, one_or_404, remove, save
from app.core.errors import Conflict, ErrorAt, pointer
from app.core.journal import give_reason
from app.core.references import referred
from app.dialogue.decisions import policy, states
from app.dialogue.decisions.methods import columns_of
from app.dialogue.decisions.models import Decision, DecisionOption, DecisionState
from app.dialogue.decisions.schemas import DecisionCancel, DecisionCreate, DecisionFields, DecisionUpdate, QuorumKind
from app.dialogue.decisions.states import DecisionVerb
from app.dialogue.working_groups.models import WorkingGroup
from app.dialogue.working_groups.policy import visible_to as groups_visible_to
from app.events.models import Event
from app.events.policy import visible_to as events_visible_to
from app.identity.caller import Caller
from app.territories.models import Programme, Theme
from app.territories.policy import visible_to as territorys_visible_to

DATES = {"opens_at", "closes_at"}
SET_APART = {"options", "method", "quorum"}


async def create(session: AsyncSession, caller: Caller, body: DecisionCreate) -> Decision:
    """A draft. Raises `NotAllowed`, and `InvalidInput` for a context of elsewhere."""
    policy.require_may_write(caller, body.territory_id)
    decision = Decision(territory_id=body.territory_id, options=[])
    await _fill(session, caller, decision, body, dict(body))
    return await saved(session, caller, decision)


async def update(session: AsyncSession, caller: Caller, decision: Decision, body: DecisionUpdate) -> Decision:
    """The fields given. Raises `InvalidInput`, and `Conflict` for what is frozen once the vote is open."""
    given = body.given()
    frozen = given.keys() - DATES if decision.state is DecisionState.OPEN else given.keys()
    if frozen and decision.state is not DecisionState.DRAFT:
        raise Conflict(
            *(ErrorAt(pointer(name), "frozen_once_open") for name in sorted(frozen)),
            reason=f"decision_{decision.state}",
        )
    await _fill(session, caller, decision, body, given)
    return await saved(session, caller, decision)


async def delete(session: AsyncSession, decision: Decision) -> None:
    """Leave nothing of a draft. Raises `Conflict` for what was put to the vote or called off."""
    reason = states.blocker(DecisionVerb.DELETE, decision, clock.now())
    if reason:
        raise Conflict(ErrorAt("#", "drafts_only"), reason=reason)
    await remove(session, decision)


async def open_vote(session: AsyncSession, caller: Caller, decision: Decision) -> Decision:
    """From now on, only its dates change. Raises `IllegalTransition`."""
    now = clock.now()
    states.move(DecisionVerb.OPEN, decision, now)
    decision.opened_at = now
    return await saved(session, caller, decision)


async def close(session: AsyncSession, caller: Caller, decision: Decision) -> Decision:
    """No ballot comes in any more. Of a secret vote the database now destroys what ties ballots to electors.

    Raises `IllegalTransition`.
    """
    now = clock.now()
    states.move(DecisionVerb.CLOSE, decision, now)
    decision.closed_at = now
    return await saved(session, caller, decision)


async def cancel(session: AsyncSession, caller: Caller, decision: Decision, body: DecisionCancel) -> Decision:
    """There will be no vote; ballots already cast are deleted. Raises `IllegalTransition`."""
    now = clock.now()
    states.move(DecisionVerb.CANCEL, decision, now)
    give_reason(session, body.reason)
    decision.cancelled_at, decision.cancellation_reason = now, body.reason
    return await saved(session, caller, decision)


async def _fill(
    session: AsyncSession, caller: Caller, decision: Decision, body: DecisionFields, given: Mapping[str, Any]
) -> None:
    await _require_context(session, caller, decision.territory_id, given)
    apply(decision, {name: value for name, value in given.items() if name not in SET_APART})
    if "method" in given:
        apply(decision, columns_of(body.method))
    if "quorum" in given:
        kind, value = (body.quorum.kind, body.quorum.value) if body.quorum else (None, None)
        decision.quorum_voters = value if kind is QuorumKind.BALLOTS else None
        decision.quorum_percent = value if kind is QuorumKind.PERCENT else None
    if "options" in given:
        await _replace_options(session, decision, body)


async def _replace_options(session: AsyncSession, decision: Decision, body: DecisionFields) -> None:
    """Those that were go first: two of them never have one place, nor are two the status quo."""
    if decision.options:
        await session.execute(delete_rows(DecisionOption).where(DecisionOption.decision_id == decision.id))
        set_committed_value(decision, "options", [])
    decision.options = [
        DecisionOption(id=uuid7(), position=position, **option.model_dump())
        for position, option in enumerate(body.options, 1)
    ]


async def _require_context(session: AsyncSession, caller: Caller, territory_id: UUID, given: Mapping[str, Any]) -> None:
    """Raises `InvalidInput` for a programme, group, event or theme that is not the territory's."""
    kinds: tuple[tuple[str, Any, Any], ...] = (
        ("programme_id", Programme, territorys_visible_to(caller, Programme)),
        ("working_group_id", WorkingGroup, groups_visible_to(caller)),
        ("event_id", Event, events_visible_to(caller)),
        ("theme_id", Theme, territorys_visible_to(caller, Theme)),
    )
    for field, kind, rows in kinds:
        if given.get(field):
            await referred(session, rows.where(kind.territory_id == territory_id), kind, field, given[field])


async def saved(session: AsyncSession, caller: Caller, decision: Decision) -> Decision:
    """The decision as it now stands in the database, with all that is shown of it."""
    await save(session, decision, within=policy.editable(caller))
    rows = policy.in_full(policy.visible_to(caller), caller).where(Decision.id == decision.id)
    return await one_or_404(session, rows.execution_options(populate_existing=True))
