"""Plans, actions and what hangs on them as the matrix asks for them: the caller's organisation leads an `own` action
and helps in no other; a `neighbour`'s is published, a `hidden` one is not."""

from datetime import date, timedelta
from typing import Any

from app.action_plans.actions.models import Action, ActionState
from app.action_plans.mentorships.models import MentorshipState
from app.action_plans.plans.models import ActionPlan, PlanState
from app.core.publication import Publication
from tests import factories
from tests.action_plans.factories import a_mentorship, a_milestone, a_note, a_plan, an_action, some_means
from tests.permissions.world import Ask, Prepare, World, a_file, account_of, nothing

REASON = {"reason": "Faute de lieu"}
DAY = timedelta(days=1)


async def held_plan(world: World, whose: str, role: str, **traits: Any) -> ActionPlan:
    territory = world.territory(whose)
    plan = await a_plan(world.session, territory, **{"published": whose == "neighbour", **traits})
    await an_action(world.session, territory, plan=plan, leads=(world.actor(whose, role),))
    return plan


async def held_action(world: World, whose: str, role: str, **traits: Any) -> Action:
    values = {"published": whose == "neighbour", "leads": (world.actor(whose, role),), **traits}
    return await an_action(world.session, world.territory(whose), **values)


def plan(body: dict[str, Any] | None = None, **traits: Any) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        return Ask({"plan_id": (await held_plan(world, whose, role, **traits)).id}, body)

    return prepare


async def empty_plan(world: World, whose: str, _role: str) -> Ask:
    """A plan without actions, to be deleted."""
    row = await a_plan(world.session, world.territory(whose), published=whose == "neighbour")
    return Ask({"plan_id": row.id})


async def new_plan(world: World, whose: str, _role: str) -> Ask:
    programme = await world.programme(whose)
    return Ask({}, {"programme_id": str(programme.id), "title": "Nouveau", "is_cross_cutting": True})


async def adopted_plan(world: World, whose: str, role: str) -> Ask:
    event = await factories.an_event(world.session, world.territory(whose), starts_in=-DAY)
    return Ask({"plan_id": (await held_plan(world, whose, role)).id}, {"event_id": str(event.id)})


def action(body: dict[str, Any] | None = None, **traits: Any) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        return Ask({"action_id": (await held_action(world, whose, role, **traits)).id}, body)

    return prepare


async def new_action(world: World, whose: str, role: str) -> Ask:
    row = await held_plan(world, whose, role)
    body = {"plan_id": str(row.id), "title": "Nouvelle", "is_cross_cutting": True}
    return Ask({}, {**body, "lead_ids": [str(world.actor(whose, role).id)]})


def milestone(body: dict[str, Any] | None = None, **traits: Any) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        row = await a_milestone(world.session, await held_action(world, whose, role), **traits)
        return Ask({"milestone_id": row.id}, body)

    return prepare


async def all_milestones(world: World, whose: str, role: str) -> Ask:
    row = await held_action(world, whose, role)
    found = [await a_milestone(world.session, row, position=place) for place in (1, 2)]
    return Ask({"action_id": row.id}, {"milestone_ids": [str(one.id) for one in reversed(found)]})


def note(body: dict[str, Any] | None = None) -> Prepare:
    """`own`: written by the caller on an action of its own; `neighbour`: by another, on an action of its own too."""

    async def prepare(world: World, whose: str, role: str) -> Ask:
        author = f"{'client' if role == 'partner' else 'account'}:{account_of(role)}" if whose == "own" else "account:1"
        row = await held_action(world, "own" if whose == "neighbour" else whose, role)
        return Ask({"note_id": (await a_note(world.session, row, author)).id}, body)

    return prepare


def mentorship(state: MentorshipState = MentorshipState.OPEN, body: dict[str, Any] | None = None) -> Prepare:
    """Mentored for the caller's organisation, or another."""

    async def prepare(world: World, whose: str, role: str) -> Ask:
        row = await held_action(world, whose, role)
        actor = world.actor(whose, role)
        made = await a_mentorship(world.session, row, state=state, actor=actor)
        return Ask({"mentorship_id": made.id}, body)

    return prepare


async def matched(world: World, whose: str, role: str) -> Ask:
    asked = await mentorship(MentorshipState.MATCHED)(world, whose, role)
    actor = world.actor(whose, role)
    mentor = await factories.a_person(world.session, world.territory(whose), actors=(actor,))
    return Ask(asked.path, {"mentor_id": str(mentor.id), "actor_id": str(actor.id)})


async def new_mentorship(world: World, whose: str, role: str) -> Ask:
    return Ask({}, {"action_id": str((await held_action(world, whose, role)).id)})


def means(body: dict[str, Any] | None = None) -> Prepare:
    """Given by the caller's organisation, or another; a `neighbour`'s are for a published action."""

    async def prepare(world: World, whose: str, role: str) -> Ask:
        row = await held_action(world, whose, role, leads=())
        made = await some_means(world.session, action=row, provider=world.actor(whose, role))
        return Ask({"means_id": made.id}, body)

    return prepare


async def new_means(world: World, whose: str, role: str) -> Ask:
    programme = await world.programme(whose)
    body = {"label": "Budget", "kind": "budget", "unit": "EUR", "planned_amount": "10"}
    return Ask({}, {**body, "programme_id": str(programme.id), "provider_id": str(world.actor(whose, role).id)})


OUT: dict[str, Any] = {"published": True}
PREPARE: dict[str, Prepare] = {
    "list_action_plans": nothing,
    "create_action_plan": new_plan,
    "get_action_plan": plan(),
    "update_action_plan": plan({"title": "Autre titre"}),
    "delete_action_plan": empty_plan,
    "adopt_action_plan": adopted_plan,
    "start_action_plan": plan(state=PlanState.ADOPTED),
    "close_action_plan": plan(state=PlanState.RUNNING),
    "publish_action_plan": plan({}, publication=Publication.DRAFT, published_at=None),
    "withdraw_action_plan": plan(REASON, **OUT),
    "list_actions": nothing,
    "create_action": new_action,
    "get_action": action(),
    "update_action": action({"title": "Autre titre"}),
    "delete_action": action(),
    "select_action": action(),
    "start_action": action(state=ActionState.SELECTED),
    "pause_action": action(REASON, state=ActionState.IN_PROGRESS),
    "resume_action": action(state=ActionState.PAUSED),
    "complete_action": action({"ended_on": "2014-06-20"}, state=ActionState.IN_PROGRESS),
    "abandon_action": action(REASON),
    "publish_action": action({}, publication=Publication.DRAFT, published_at=None),
    "withdraw_action": action(REASON, **OUT),
    "list_milestones": action(),
    "create_milestone": action({"title": "Nouveau"}),
    "order_milestones": all_milestones,
    "get_milestone": milestone(),
    "update_milestone": milestone({"title": "Autre titre"}),
    "delete_milestone": milestone(),
    "complete_milestone": milestone({}),
    "reopen_milestone": milestone(done_on=date(2013, 10, 24)),
    "list_action_notes": action(),
    "create_action_note": action({"text": "Trois tuteurs."}),
    "get_action_note": note(),
    "update_action_note": note({"text": "Quatre."}),
    "delete_action_note": note(),
    "list_mentorships": nothing,
    "create_mentorship": new_mentorship,
    "get_mentorship": mentorship(MentorshipState.MATCHED),
    "update_mentorship": mentorship(MentorshipState.ACTIVE, {"started_on": "2013-09-17"}),
    "delete_mentorship": mentorship(MentorshipState.MATCHED),
    "match_mentorship": matched,
    "start_mentorship": mentorship(MentorshipState.MATCHED, {}),
    "complete_mentorship": mentorship(MentorshipState.ACTIVE, {"outcome": "training"}),
    "interrupt_mentorship": mentorship(MentorshipState.ACTIVE, REASON),
    "record_follow_up": mentorship(MentorshipState.ACTIVE, {"months": 6, "situation": "training"}),
    "list_means": nothing,
    "import_means": a_file("libellé;nature\nSalle;locaux"),
    "total_means": nothing,
    "create_means": new_means,
    "get_means": means(),
    "update_means": means({"label": "Autre"}),
    "delete_means": means(),
}
