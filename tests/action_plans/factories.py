"""Plans, actions and what hangs on them, each with the traits a test names and sensible values for the rest."""

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.action_plans.actions.models import Action, ActionActor, ActionActorRole, ActionState
from app.action_plans.means.models import Means, MeansKind, MeansUnit
from app.action_plans.mentorships.models import (
    CODE_LETTERS,
    FOLLOW_UP_MONTHS,
    FollowUp,
    Mentorship,
    MentorshipState,
    Situation,
)
from app.action_plans.mentorships.states import NOT_BEGUN
from app.action_plans.milestones.models import Milestone
from app.action_plans.notes.models import ActionNote
from app.action_plans.plans.models import ActionPlan, PlanState
from app.actors.models import Actor
from app.actors.people.models import Person
from app.core import clock
from app.core.publication import Publication
from app.territories.models import Programme, Territory
from tests import factories

_numbers = count(1)
PUBLISHED = {"publication": Publication.PUBLISHED}
STARTED, ENDED = date(2013, 9, 16), date(2014, 6, 20)
OF_STATE: dict[ActionState, dict[str, Any]] = {
    ActionState.PROPOSED: {},
    ActionState.SELECTED: {},
    ActionState.IN_PROGRESS: {"started_on": STARTED},
    ActionState.PAUSED: {"started_on": STARTED, "state_reason": "Financement attendu"},
    ActionState.COMPLETED: {"started_on": STARTED, "ended_on": ENDED},
    ActionState.ABANDONED: {"ended_on": ENDED, "state_reason": "Faute de lieu"},
}
"""What an action in a state says of itself."""


def publication(*, published: bool) -> dict[str, Any]:
    return {**PUBLISHED, "published_at": clock.now()} if published else {}


async def a_plan(
    session: AsyncSession,
    territory: Territory,
    *,
    programme: Programme | None = None,
    state: PlanState = PlanState.DRAFT,
    published: bool = False,
    **traits: Any,
) -> ActionPlan:
    """Cross-cutting unless a `theme` is given; adopted at an event of its own where its state needs one."""
    programme = programme or await factories.a_programme(session, territory)
    values = {"title": f"Plan {next(_numbers)}", "theme": None, **publication(published=published), **traits}
    if state is not PlanState.DRAFT and "adopted_at_event_id" not in values:
        values["adopted_at_event_id"] = (await factories.an_event(session, territory)).id
    row = ActionPlan(
        territory_id=territory.id, programme_id=programme.id, is_cross_cutting=values["theme"] is None, state=state,
        **values,
    )  # fmt: skip
    return await added(session, row)


async def an_action(
    session: AsyncSession,
    territory: Territory,
    *,
    plan: ActionPlan | None = None,
    state: ActionState = ActionState.PROPOSED,
    leads: tuple[Actor, ...] = (),
    partners: tuple[Actor, ...] = (),
    published: bool = False,
    **traits: Any,
) -> Action:
    """Cross-cutting unless `themes` are given; with the days and the reason its state needs."""
    plan = plan or await a_plan(session, territory)
    row = Action(
        territory_id=territory.id, plan_id=plan.id, state=state,
        **{
            "title": f"Action {next(_numbers)}", "themes": [], "needs": [],
            "is_cross_cutting": not traits.get("themes"), **OF_STATE[state], **publication(published=published),
            **traits,
        },
    )  # fmt: skip
    row.actors = [
        ActionActor(actor_id=actor.id, role=role, position=position)
        for role, actors in ((ActionActorRole.LEAD, leads), (ActionActorRole.PARTNER, partners))
        for position, actor in enumerate(actors, 1)
    ]
    return await added(session, row)


async def a_milestone(session: AsyncSession, action: Action, *, position: int = 1, **traits: Any) -> Milestone:
    values = {"title": f"Jalon {next(_numbers)}", **traits}
    row = Milestone(territory_id=action.territory_id, action_id=action.id, position=position, **values)
    return await added(session, row)


async def a_note(session: AsyncSession, action: Action, author: str, **traits: Any) -> ActionNote:
    row = ActionNote(
        territory_id=action.territory_id, action_id=action.id, author=author, **{"text": "Trois tuteurs.", **traits}
    )
    return await added(session, row)


async def a_mentorship(
    session: AsyncSession,
    action: Action,
    *,
    state: MentorshipState = MentorshipState.OPEN,
    mentor: Person | None = None,
    actor: Actor | None = None,
    **traits: Any,
) -> Mentorship:
    """With a mentor of its own, and the days and outcome its state needs, unless they are given."""
    territory = await session.get_one(Territory, action.territory_id)
    values: dict[str, Any] = {"follow_ups": []}
    if state is not MentorshipState.OPEN:
        actor = actor or await factories.an_actor(session, territory)
        mentor = mentor or await factories.a_person(session, territory, actors=(actor,))
        values |= {"mentor_id": mentor.id, "actor_id": actor.id}
    if state not in NOT_BEGUN:
        values |= {"started_on": STARTED, "follow_ups": [FollowUp(months=months) for months in FOLLOW_UP_MONTHS]}
    if state is MentorshipState.COMPLETED:
        values |= {"ended_on": ENDED, "outcome": Situation.APPRENTICESHIP}
    if state is MentorshipState.INTERRUPTED:
        values |= {"ended_on": ENDED, "state_reason": "Déménagement"}
    code = f"ABCDEFG{CODE_LETTERS[next(_numbers) % len(CODE_LETTERS)]}"
    row = Mentorship(
        territory_id=action.territory_id, action_id=action.id, mentee_code=code, state=state, **{**values, **traits}
    )
    return await added(session, row)


async def some_means(
    session: AsyncSession, *, programme: Programme | None = None, action: Action | None = None, **traits: Any
) -> Means:
    """For a programme or for an action."""
    holder = programme or action
    assert holder
    values = {
        "label": f"Budget {next(_numbers)}", "kind": MeansKind.BUDGET, "unit": MeansUnit.EUR,
        "planned_amount": Decimal(100), **traits,
    }  # fmt: skip
    if "provider" in values:
        values["provider_id"] = values.pop("provider").id
    row = Means(
        territory_id=holder.territory_id, programme_id=programme and programme.id, action_id=action and action.id,
        **values,
    )  # fmt: skip
    return await added(session, row)


async def added(session: AsyncSession, row: Any) -> Any:
    session.add(row)
    await session.commit()
    return row
