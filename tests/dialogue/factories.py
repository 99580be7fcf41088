"""Needs, working groups and their members, each with the traits a test names and sensible values for the rest."""

from datetime import date
from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor, ActorKind
from app.actors.people.models import Person
from app.core import clock
from app.core.publication import Publication
from app.dialogue.needs.models import Need, NeedState
from app.dialogue.working_groups.models import GroupLead, GroupMember, GroupState, LeadRole, WorkingGroup
from app.territories.models import Programme, Territory, Theme
from tests import factories
from tests.action_plans.factories import an_action

_numbers = count(1)
BEGAN, ENDED = date(2012, 11, 15), date(2013, 6, 20)
OF_STATE: dict[GroupState, dict[str, Any]] = {
    GroupState.FORMING: {},
    GroupState.ACTIVE: {"started_on": BEGAN},
    GroupState.CONCLUDED: {"started_on": BEGAN, "concluded_on": ENDED},
}
"""What a group in a state says of itself."""


def publication(*, published: bool) -> dict[str, Any]:
    return {"publication": Publication.PUBLISHED, "published_at": clock.now()} if published else {}


async def a_need(
    session: AsyncSession,
    territory: Territory,
    *,
    voiced_by: Actor | None = None,
    theme: Theme | None = None,
    state: NeedState = NeedState.VOICED,
    published: bool = False,
    with_action: bool = False,
    **traits: Any,
) -> Need:
    """An addressed one has an action; `with_action` gives one in any state."""
    voiced_by = voiced_by or await factories.an_actor(session, territory)
    theme = theme or await factories.a_theme(session, territory)
    row = Need(
        territory_id=territory.id, theme_id=theme.id, voiced_by_id=voiced_by.id, state_since=clock.now(),
        state=NeedState.QUALIFIED if state is NeedState.ADDRESSED else state,
        **{
            "statement": f"Besoin {next(_numbers)}", "severity": 3, "voiced_on": date(2014, 2, 3),
            "state_reason": "Dit deux fois" if state is NeedState.CLOSED else None,
            **publication(published=published), **traits,
        },
    )  # fmt: skip
    await added(session, row)
    if with_action or state is NeedState.ADDRESSED:
        await an_action(session, territory, needs=[row])
    row.state = state
    return await added(session, row)


async def a_pair(session: AsyncSession, territory: Territory) -> tuple[Actor, Actor, Actor, Person]:
    """An association, a company, and a facilitator: the actor and their person."""
    association = await factories.an_actor(session, territory, kind=ActorKind.ASSOCIATION)
    company = await factories.an_actor(session, territory, kind=ActorKind.COMPANY)
    outside = await factories.an_actor(session, territory, kind=ActorKind.OTHER)
    return association, company, outside, await factories.a_person(session, territory, actors=(outside,))


def a_lead(role: LeadRole, actor: Actor, person: Person | None = None, **traits: Any) -> GroupLead:
    return GroupLead(role=role, actor_id=actor.id, actor_kind=actor.kind, person_id=person and person.id, **traits)


async def a_group(
    session: AsyncSession,
    territory: Territory,
    *,
    programme: Programme | None = None,
    state: GroupState = GroupState.FORMING,
    led: bool | None = None,
    leads: tuple[GroupLead, ...] = (),
    members: tuple[tuple[Person, Actor], ...] = (),
    published: bool = False,
    **traits: Any,
) -> WorkingGroup:
    """`led`: by a pair and a facilitator of its own, as an active one is."""
    programme = programme or await factories.a_programme(session, territory)
    if "theme_id" not in traits:
        traits["theme_id"] = (await factories.a_theme(session, territory)).id
    if led or (led is None and state is GroupState.ACTIVE and not leads):
        association, company, outside, person = await a_pair(session, territory)
        leads = (
            a_lead(LeadRole.ASSOCIATION, association),
            a_lead(LeadRole.COMPANY, company),
            a_lead(LeadRole.FACILITATOR, outside, person),
        )
    row = WorkingGroup(
        territory_id=territory.id, programme_id=programme.id, state=state, leads=list(leads),
        **{"name": f"Groupe {next(_numbers)}", **OF_STATE[state], **publication(published=published), **traits},
    )  # fmt: skip
    await added(session, row)
    for person, actor in members:
        await a_member(session, row, person, actor)
    return row


async def a_member(
    session: AsyncSession, group: WorkingGroup, person: Person, actor: Actor, **traits: Any
) -> GroupMember:
    row = GroupMember(
        territory_id=group.territory_id, working_group_id=group.id, person_id=person.id, actor_id=actor.id,
        **{"valid_from": BEGAN, **traits},
    )  # fmt: skip
    return await added(session, row)


async def added(session: AsyncSession, row: Any) -> Any:
    session.add(row)
    await session.commit()
    return row
