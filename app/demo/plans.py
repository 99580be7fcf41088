"""The action plans of the report-back, their actions, the tutoring by the club's leaders, and the means."""

import random
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from app.action_plans.actions.models import Action, ActionActor, ActionActorRole, ActionState
from app.action_plans.means.models import Means, MeansKind, MeansUnit
from app.action_plans.mentorships.models import FOLLOW_UP_MONTHS, FollowUp, Mentorship, MentorshipState, Situation
from app.action_plans.milestones.models import Milestone
from app.action_plans.plans.models import ActionPlan, PlanState
from app.actors.models import Actor
from app.core.publication import Publication
from app.demo.actors import Cast
from app.demo.dialogue import dialogue, group_id, pair_of, programme_id
from app.demo.events import instant
from app.demo.people import Contacts
from app.demo.rows import Rows, demo_id
from app.demo.territories import FIRST, Entry, read, territory_id, theme_id
from app.dialogue.needs.models import Need
from app.territories.models import Theme

Values = dict[str, Any]

REPORT_BACK, REPORTED_ON = "restitution-2013", date(2013, 6, 20)
TUTORED = 12
"""Young people of the tutoring; the source says "un groupe de jeunes"."""
CODE = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


class PlanEntry(Entry):
    """An action plan."""

    key: str
    theme: str | None = None
    title: str
    summary: str
    starts_on: date
    ends_on: date
    state: PlanState


class ActionEntry(Entry):
    """An action. `planned` and `real`: first and last day; `beneficiaries`: planned and real."""

    key: str
    plan: str
    proposed_at: str = REPORT_BACK
    title: str
    objective: str
    description: str
    needs: tuple[str, ...] = ()
    leads: tuple[str, ...]
    partners: tuple[str, ...] = ()
    state: ActionState
    reason: str | None = None
    planned: tuple[date, date]
    real: tuple[date, ...]
    beneficiaries: tuple[int, ...]
    milestones: tuple[tuple[str, date], ...] = ()
    is_demonstration: bool = True


class MeansEntry(Entry):
    """Means for an action, or for the programme when none is named."""

    key: str
    kind: MeansKind
    unit: MeansUnit
    label: str
    provider: str
    planned: Decimal
    real: Decimal
    action: str | None = None
    starts_on: date
    ends_on: date | None = None
    is_demonstration: bool = True


class Plans(Entry):
    """The whole of `plans.toml`."""

    plan: tuple[PlanEntry, ...]
    action: tuple[ActionEntry, ...]
    means: tuple[MeansEntry, ...]


@cache
def plans() -> Plans:
    """The plans' data file, checked."""
    return Plans.model_validate(read("plans"))


def plan_id(key: str) -> UUID:
    """The identifier of a plan."""
    return demo_id("action-plan", key)


def action_id(key: str) -> UUID:
    """The identifier of an action."""
    return demo_id("action", key)


@dataclass(frozen=True)
class Ground:
    """What the plans stand on, as far as it is there: events, needs and groups by their keys."""

    cast: Cast
    contacts: Contacts
    themes: Mapping[UUID, Theme]
    events: Mapping[str, UUID]
    needs: Mapping[str, Need]
    groups: Collection[str]


async def put_plans(rows: Rows, ground: Ground) -> dict[str, ActionEntry]:
    """Write the plans and what hangs on them; answers the actions there are, by their keys."""
    adopted_at = ground.events.get(REPORT_BACK)
    if adopted_at is None:
        return {}
    found = await rows.put(ActionPlan, {plan_id(entry.key): _plan(entry, adopted_at) for entry in plans().plan})
    there = [entry for entry in plans().action if plan_id(entry.plan) in found]
    wanted = {action_id(entry.key): _action(entry, ground) for entry in there}
    actions = await rows.put(Action, wanted, Action.themes, Action.actors, Action.needs)
    there = [entry for entry in there if action_id(entry.key) in actions]
    await rows.put(Milestone, dict(milestone for entry in there for milestone in _milestones(entry)))
    if action_id("tutorat") in actions:
        await rows.put(Mentorship, dict(_mentorships(ground.contacts)), Mentorship.follow_ups)
    known = {None, *(entry.key for entry in there)}
    means = {
        demo_id("means", entry.key): _means(entry, ground.cast) for entry in plans().means if entry.action in known
    }
    await rows.put(Means, means)
    return {entry.key: entry for entry in there}


def _published() -> Values:
    return {"publication": Publication.PUBLISHED, "published_at": instant(REPORTED_ON, time(21))}


def _plan(entry: PlanEntry, adopted_at: UUID) -> Values:
    return _published() | {
        **entry.model_dump(exclude={"key", "theme"}), "territory_id": territory_id(FIRST),
        "programme_id": programme_id(), "theme_id": theme_id(FIRST, entry.theme) if entry.theme else None,
        "is_cross_cutting": entry.theme is None, "adopted_at_event_id": adopted_at, "is_demonstration": True,
    }  # fmt: skip


def _action(entry: ActionEntry, ground: Ground) -> Values:
    plan = next(plan for plan in plans().plan if plan.key == entry.plan)
    keys = [plan.theme] if plan.theme else [each.theme for each in plans().plan if each.theme]
    in_theme = {theme_id(FIRST, key) for key in keys}
    planned, real = (*entry.beneficiaries, None)[:2]
    is_of_group = entry.plan in ground.groups and entry.proposed_at == REPORT_BACK
    return _published() | {
        **entry.model_dump(include={"title", "objective", "description", "state", "is_demonstration"}),
        "territory_id": territory_id(FIRST), "plan_id": plan_id(entry.plan), "is_cross_cutting": plan.theme is None,
        "proposed_at_event_id": ground.events.get(entry.proposed_at),
        "origin_group_id": group_id(entry.plan) if is_of_group else None,
        "state_reason": entry.reason, "planned_start_on": entry.planned[0], "planned_end_on": entry.planned[1],
        "started_on": entry.real[0], "ended_on": entry.real[1] if len(entry.real) > 1 else None,
        "beneficiaries_planned": planned, "beneficiaries_real": real,
        "themes": [theme for theme in ground.themes.values() if theme.id in in_theme],
        "actors": list(_actors(entry, ground.cast)),
        "needs": [ground.needs[key] for key in entry.needs if key in ground.needs],
    }  # fmt: skip


def _actors(entry: ActionEntry, cast: Cast) -> Iterator[ActionActor]:
    group = next((group for group in dialogue().group if group.key == entry.plan), None)
    pair: dict[str, Actor | None] = {role.value: actor for role, actor in pair_of(group, cast).items()} if group else {}
    for role, words in ((ActionActorRole.LEAD, entry.leads), (ActionActorRole.PARTNER, entry.partners)):
        found = [actor for word in words if (actor := pair.get(word, cast.actors.get(word)))]
        for position, actor in enumerate(found, 1):
            yield ActionActor(actor_id=actor.id, role=role, position=position)


def _milestones(entry: ActionEntry) -> Iterator[tuple[UUID, Values]]:
    for position, (title, day) in enumerate(entry.milestones, 1):
        yield demo_id("milestone", entry.key, str(position)), {
            "territory_id": territory_id(FIRST), "action_id": action_id(entry.key), "position": position,
            "title": title, "due_on": day, "done_on": day,
        }  # fmt: skip


def _mentorships(contacts: Contacts) -> Iterator[tuple[UUID, Values]]:
    """Each young person under a code, mentored by one of the club's leaders in turn, and followed up for two years."""
    mentors = [contact for key, contact in sorted(contacts.items()) if key.startswith("club-")]
    chance = random.Random("tutorat")
    for n in range(TUTORED if mentors else 0):
        outcome = chance.choices(list(Situation)[:4], weights=(7, 2, 2, 1))[0]
        mentor = mentors[n % len(mentors)]
        yield demo_id("mentorship", str(n)), {
            "territory_id": territory_id(FIRST), "action_id": action_id("tutorat"),
            "mentee_code": "".join(chance.choices(CODE, k=8)), "mentor_id": mentor.person_id,
            "actor_id": mentor.actor.id, "state": MentorshipState.COMPLETED, "started_on": date(2013, 11, 15),
            "ended_on": date(2014, 6, 30), "outcome": outcome, "is_demonstration": True,
            "follow_ups": [_follow_up(months, outcome) for months in FOLLOW_UP_MONTHS],
        }  # fmt: skip


def _follow_up(months: int, situation: Situation) -> FollowUp:
    whole = 10 + months  # from November 2013
    return FollowUp(months=months, done_on=date(2013 + whole // 12, whole % 12 + 1, 15), situation=situation)


def _means(entry: MeansEntry, cast: Cast) -> Values:
    provider = cast.actors.get(entry.provider)
    return {
        **entry.model_dump(include={"kind", "unit", "label", "starts_on", "ends_on", "is_demonstration"}),
        "territory_id": territory_id(FIRST), "provider_id": provider.id if provider else None,
        "programme_id": None if entry.action else programme_id(),
        "action_id": action_id(entry.action) if entry.action else None,
        "planned_amount": entry.planned, "real_amount": entry.real,
    }  # fmt: skip
