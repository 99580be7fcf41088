"""The life of a working group: forming → active → concluded, who leads it, and its way to its readers."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.actors.models import Actor, ActorKind
from app.actors.people.models import Affiliation
from app.actors.policy import visible_to as actors_visible_to
from app.core import clock, publication
from app.core.db import apply, one_or_404, remove, save
from app.core.errors import Conflict, ErrorAt, IllegalTransition, InvalidInput, pointer
from app.core.journal import give_reason
from app.core.publication import Publish, Withdraw
from app.core.references import referred
from app.core.states import led_by
from app.dialogue.working_groups import policy
from app.dialogue.working_groups.models import GroupLead, GroupMember, GroupState, LeadRole, WorkingGroup
from app.dialogue.working_groups.schemas import (
    Lead,
    WorkingGroupActivate,
    WorkingGroupConclude,
    WorkingGroupCreate,
    WorkingGroupReopen,
    WorkingGroupUpdate,
)
from app.dialogue.working_groups.states import MOVES, GroupVerb, missing
from app.events.registrations import participants
from app.events.registrations.schemas import Participant
from app.identity.caller import Caller
from app.territories.models import Programme, Theme
from app.territories.policy import visible_to as owned_visible_to
from app.territories.service import day_that_came

KINDS = {LeadRole.ASSOCIATION: ActorKind.ASSOCIATION, LeadRole.COMPANY: ActorKind.COMPANY}
HELD_LATER = "working_group_leads_role_excl, working_group_leads_actor_excl, require_group_stands"


async def create_group(session: AsyncSession, caller: Caller, body: WorkingGroupCreate) -> WorkingGroup:
    """A group that forms. Raises `NotAllowed`, `InvalidInput` for what is of elsewhere, `Conflict` for leads that
    exclude another."""
    policy.require_animator(caller)
    programmes = owned_visible_to(caller, Programme)
    programme = await referred(session, programmes, Programme, "programme_id", body.programme_id)
    group = WorkingGroup(territory_id=programme.territory_id, state=GroupState.FORMING, leads=[])
    return await _write(session, caller, group, dict(body))


async def update_group(
    session: AsyncSession, caller: Caller, group: WorkingGroup, body: WorkingGroupUpdate
) -> WorkingGroup:
    """Change the fields given. Raises as `create_group`, and `InvalidInput` when an active group would lose its pair
    or its facilitator."""
    return await _write(session, caller, group, body.given())


async def activate_group(
    session: AsyncSession, caller: Caller, group: WorkingGroup, body: WorkingGroupActivate
) -> WorkingGroup:
    """Forming → active, on a day its pair and facilitator stand. Raises `IllegalTransition`, `InvalidInput`."""
    state = led_by(MOVES, GroupVerb.ACTIVATE, group.state, what="group")
    day = await day_that_came(session, group.territory_id, body.on)
    _require_standing(group, state, day)
    group.state, group.started_on = state, day
    return await _saved(session, caller, group)


async def conclude_group(
    session: AsyncSession, caller: Caller, group: WorkingGroup, body: WorkingGroupConclude
) -> WorkingGroup:
    """Forming or active → concluded. Raises `IllegalTransition`; `InvalidInput` for a day before it began."""
    state = led_by(MOVES, GroupVerb.CONCLUDE, group.state, what="group")
    day = await day_that_came(session, group.territory_id, body.on)
    if group.started_on and day < group.started_on:
        raise InvalidInput(ErrorAt("#/on", "dates_reversed"))
    if body.reason:
        give_reason(session, body.reason)
    group.state, group.state_reason, group.concluded_on = state, body.reason, day
    return await _saved(session, caller, group)


async def reopen_group(
    session: AsyncSession, caller: Caller, group: WorkingGroup, body: WorkingGroupReopen
) -> WorkingGroup:
    """Concluded → active, for a reason the journal keeps. Raises `IllegalTransition`, also while someone to lead it is
    missing today."""
    state = led_by(MOVES, GroupVerb.REOPEN, group.state, what="group")
    today = await day_that_came(session, group.territory_id, None)
    _require_standing(group, state, today)
    give_reason(session, body.reason)
    group.state, group.state_reason, group.concluded_on = state, None, None
    group.started_on = group.started_on or today
    return await _saved(session, caller, group)


async def publish_group(session: AsyncSession, caller: Caller, group: WorkingGroup, body: Publish) -> WorkingGroup:
    """Show it to the territory, now or at `publish_at`. Raises `IllegalTransition`."""
    publication.publish(group, body.publish_at, clock.now())
    return await _saved(session, caller, group)


async def withdraw_group(session: AsyncSession, caller: Caller, group: WorkingGroup, body: Withdraw) -> WorkingGroup:
    """Take it back from its readers. Raises `IllegalTransition`."""
    give_reason(session, body.reason)
    publication.withdraw(group, clock.now())
    return await _saved(session, caller, group)


async def delete_group(session: AsyncSession, group: WorkingGroup) -> None:
    """Leave nothing, or a tombstone of what was published. Raises `StillReferenced` once it has members or meetings."""
    if publication.was_public(group, clock.now()):
        await publication.bury(session, group, group.territory_id, clock.now())
    await remove(session, group)


async def facilitator_is_member(session: AsyncSession, group_id: UUID) -> bool:
    """Whether a person facilitates the group while they are a member of it."""
    rows = _facilitating(group_id, GroupMember).where(GroupMember.working_group_id == GroupLead.working_group_id)
    return await session.scalar(rows) is not None


async def _facilitator_is_of_pair(session: AsyncSession, group: WorkingGroup) -> bool:
    pair = aliased(GroupLead)
    rows = _facilitating(group.id, Affiliation).join(pair, pair.actor_id == Affiliation.actor_id)
    led = rows.where(pair.working_group_id == group.id, pair.role != LeadRole.FACILITATOR, _overlap(pair, GroupLead))
    return await session.scalar(led) is not None


def _facilitating(group_id: UUID, kind: type[GroupMember] | type[Affiliation]) -> Any:
    """Rows of `kind` that hold of a facilitator while they facilitate the group."""
    joined = select(literal(1)).select_from(GroupLead).join(kind, kind.person_id == GroupLead.person_id).limit(1)
    return joined.where(
        GroupLead.working_group_id == group_id, GroupLead.role == LeadRole.FACILITATOR, _overlap(kind, GroupLead)
    )


def _overlap(one: Any, other: Any) -> ColumnElement[bool]:
    periods = (func.daterange(row.valid_from, row.valid_until) for row in (one, other))
    overlap: ColumnElement[bool] = next(periods).op("&&")(next(periods))
    return overlap


def _require_standing(group: WorkingGroup, state: GroupState, day: date) -> None:
    faults = [ErrorAt("#/leads", f"lacks_{role}") for role in missing(group.leads, day)]
    if faults:
        raise IllegalTransition(group.state, state, "group_lacks_leads", *faults)


async def _write(session: AsyncSession, caller: Caller, group: WorkingGroup, values: Mapping[str, Any]) -> WorkingGroup:
    if "theme_id" in values:
        themes = owned_visible_to(caller, Theme).where(Theme.territory_id == group.territory_id)
        await referred(session, themes, Theme, "theme_id", values["theme_id"])
    apply(group, {name: value for name, value in values.items() if name != "leads"})
    if "leads" in values:
        group.leads = await _leads(session, caller, group, values["leads"])
    written = await _saved(session, caller, group)
    if "leads" in values:
        await _require_outside(session, group)
    return written


async def _leads(session: AsyncSession, caller: Caller, group: WorkingGroup, given: Sequence[Lead]) -> list[GroupLead]:
    """The leads given, one that stays keeping its row. Raises `InvalidInput`."""
    places = [pointer("leads", place) for place in range(len(given))]
    named = [Participant(person_id=lead.person_id, actor_id=lead.actor_id) for lead in given]
    await participants.require(session, caller, group.territory_id, list(zip(named, places, strict=True)))
    actors = actors_visible_to(caller).where(Actor.id.in_({lead.actor_id for lead in given}))
    found = {actor.id: actor for actor in await session.scalars(actors)} if given else {}
    _require_fit(given, found)
    kept = {tuple(getattr(row, name) for name in Lead.model_fields): row for row in group.leads}
    return [
        kept.get(tuple(value for _, value in lead))
        or GroupLead(**lead.model_dump(), actor_kind=found[lead.actor_id].kind)
        for lead in given
    ]


def _require_fit(given: Sequence[Lead], actors: Mapping[Any, Actor]) -> None:
    """An association, a company, and a facilitator with a name. Raises `InvalidInput`."""
    faults = [
        ErrorAt(pointer("leads", place, "actor_id"), f"lead_not_{lead.role}")
        for place, lead in enumerate(given)
        if KINDS.get(lead.role, actors[lead.actor_id].kind) is not actors[lead.actor_id].kind
    ]
    faults += [
        ErrorAt(pointer("leads", place, "person_id"), "facilitator_unnamed")
        for place, lead in enumerate(given)
        if lead.role is LeadRole.FACILITATOR and lead.person_id is None
    ]
    if faults:
        raise InvalidInput(*faults)


async def _require_outside(session: AsyncSession, group: WorkingGroup) -> None:
    """Raises `Conflict` for a facilitator who is of the pair or of the group."""
    if await _facilitator_is_of_pair(session, group):
        raise Conflict(ErrorAt("#/leads", "facilitator_of_pair"))
    if await facilitator_is_member(session, group.id):
        raise Conflict(ErrorAt("#/leads", "facilitator_is_member"))


async def _saved(session: AsyncSession, caller: Caller, group: WorkingGroup) -> WorkingGroup:
    """Written, held to what the database looks at last, and read again with all that is shown of it."""
    await save(session, group, within=policy.editable(caller))
    await session.execute(text(f"SET CONSTRAINTS {HELD_LATER} IMMEDIATE"))
    await session.execute(text(f"SET CONSTRAINTS {HELD_LATER} DEFERRED"))
    shown = policy.in_full(policy.visible_to(caller)).where(WorkingGroup.id == group.id)
    group = await one_or_404(session, shown.execution_options(populate_existing=True))
    policy.tell(caller, [group])
    return group
