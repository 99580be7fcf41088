"""The life of a mentorship: open → matched → active → completed or interrupted, and what became of the mentee."""

import secrets

from sqlalchemy.ext.asyncio import AsyncSession

from app.action_plans.actions.models import Action
from app.action_plans.actions.policy import visible_to as actions_visible_to
from app.action_plans.mentorships import policy
from app.action_plans.mentorships.models import (
    CODE_LETTERS,
    FOLLOW_UP_MONTHS,
    FollowUp,
    Mentorship,
    MentorshipState,
)
from app.action_plans.mentorships.schemas import (
    FollowUpRecord,
    MentorshipComplete,
    MentorshipCreate,
    MentorshipInterrupt,
    MentorshipMatch,
    MentorshipStart,
    MentorshipUpdate,
)
from app.action_plans.mentorships.states import MOVES, NOT_BEGUN, MentorshipVerb
from app.actors.models import Actor
from app.actors.people.models import Affiliation, Person
from app.actors.people.policy import affiliations_visible_to
from app.actors.people.policy import visible_to as people_visible_to
from app.actors.policy import visible_to as actors_visible_to
from app.core.db import apply, one_or_404, remove, save, touch
from app.core.errors import ErrorAt, IllegalTransition, InvalidInput
from app.core.filters import holds_on
from app.core.references import referred
from app.core.states import led_by
from app.identity.caller import Caller
from app.territories.service import day_that_came, today_in

CODE_LENGTH = 8


async def create_mentorship(session: AsyncSession, caller: Caller, body: MentorshipCreate) -> Mentorship:
    """An open mentorship, with a code for the mentee. Raises `InvalidInput` for an action out of sight."""
    action = await referred(session, actions_visible_to(caller), Action, "action_id", body.action_id)
    mentorship = Mentorship(
        territory_id=action.territory_id,
        action_id=action.id,
        mentee_code="".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH)),
        state=MentorshipState.OPEN,
        follow_ups=[],
    )
    return await _saved(session, caller, mentorship)


async def update_mentorship(
    session: AsyncSession, caller: Caller, mentorship: Mentorship, body: MentorshipUpdate
) -> Mentorship:
    """Put its days or its outcome right. Raises `InvalidInput`."""
    values = body.given()
    for name in ("started_on", "ended_on"):
        if name in values:
            await day_that_came(session, mentorship.territory_id, values[name], f"#/{name}")
    apply(mentorship, values)
    return await _saved(session, caller, mentorship)


async def match_mentorship(
    session: AsyncSession, caller: Caller, mentorship: Mentorship, body: MentorshipMatch
) -> Mentorship:
    """Open or matched → matched, with someone who is of the organisation today.

    Raises `IllegalTransition`, `InvalidInput`.
    """
    state = led_by(MOVES, MentorshipVerb.MATCH, mentorship.state, what="mentorship")
    people = people_visible_to(caller).where(Person.territory_id == mentorship.territory_id)
    mentor = await referred(session, people, Person, "mentor_id", body.mentor_id)
    actors = actors_visible_to(caller).where(Actor.territory_id == mentorship.territory_id)
    actor = await referred(session, actors, Actor, "actor_id", body.actor_id)
    today = await today_in(session, mentorship.territory_id)
    between = affiliations_visible_to(caller).where(
        Affiliation.person_id == mentor.id,
        Affiliation.actor_id == actor.id,
        holds_on(today, Affiliation.valid_from, Affiliation.valid_until),
    )
    if await session.scalar(between.limit(1)) is None:
        raise InvalidInput(ErrorAt("#/actor_id", "not_of_actor"))
    mentorship.state, mentorship.mentor_id, mentorship.actor_id = state, mentor.id, actor.id
    return await _saved(session, caller, mentorship)


async def start_mentorship(
    session: AsyncSession, caller: Caller, mentorship: Mentorship, body: MentorshipStart
) -> Mentorship:
    """Matched → active: follow-ups are due from now on. Raises `IllegalTransition`, `InvalidInput`."""
    state = led_by(MOVES, MentorshipVerb.START, mentorship.state, what="mentorship")
    started_on = await day_that_came(session, mentorship.territory_id, body.started_on, "#/started_on")
    mentorship.state, mentorship.started_on = state, started_on
    mentorship.follow_ups = [FollowUp(months=months) for months in FOLLOW_UP_MONTHS]
    return await _saved(session, caller, mentorship)


async def complete_mentorship(
    session: AsyncSession, caller: Caller, mentorship: Mentorship, body: MentorshipComplete
) -> Mentorship:
    """Active → completed, with an outcome. Raises `IllegalTransition`, `InvalidInput`."""
    return await _end(session, caller, mentorship, MentorshipVerb.COMPLETE, body)


async def interrupt_mentorship(
    session: AsyncSession, caller: Caller, mentorship: Mentorship, body: MentorshipInterrupt
) -> Mentorship:
    """Active → interrupted, for a reason. Raises `IllegalTransition`, `InvalidInput`."""
    return await _end(session, caller, mentorship, MentorshipVerb.INTERRUPT, body, reason=body.reason)


async def record_follow_up(
    session: AsyncSession, caller: Caller, mentorship: Mentorship, body: FollowUpRecord
) -> Mentorship:
    """Say what became of the mentee so many months after the start. Raises `IllegalTransition`, `InvalidInput`."""
    led_by(MOVES, MentorshipVerb.FOLLOW_UP, mentorship.state, what="mentorship")
    done_on = await day_that_came(session, mentorship.territory_id, body.done_on, "#/done_on")
    if mentorship.started_on and done_on < mentorship.started_on:
        raise InvalidInput(ErrorAt("#/done_on", "dates_reversed"))
    follow_up = next(row for row in mentorship.follow_ups if row.months == body.months)
    follow_up.done_on, follow_up.situation, follow_up.note = done_on, body.situation, body.note
    touch(mentorship)
    return await _saved(session, caller, mentorship)


async def delete_mentorship(session: AsyncSession, mentorship: Mentorship) -> None:
    """Take an offer away that came to nothing. Raises `IllegalTransition` for a mentorship that has begun."""
    if mentorship.state not in NOT_BEGUN:
        raise IllegalTransition(mentorship.state, "deleted", f"mentorship_{mentorship.state}")
    await remove(session, mentorship)


async def _end(
    session: AsyncSession,
    caller: Caller,
    mentorship: Mentorship,
    verb: MentorshipVerb,
    body: MentorshipComplete | MentorshipInterrupt,
    reason: str | None = None,
) -> Mentorship:
    state = led_by(MOVES, verb, mentorship.state, what="mentorship")
    ended_on = await day_that_came(session, mentorship.territory_id, body.ended_on, "#/ended_on")
    mentorship.state, mentorship.ended_on = state, ended_on
    mentorship.outcome, mentorship.state_reason = body.outcome, reason
    return await _saved(session, caller, mentorship)


async def _saved(session: AsyncSession, caller: Caller, mentorship: Mentorship) -> Mentorship:
    """Written, and read again with all that is shown of it."""
    await save(session, mentorship, within=policy.editable(caller))
    shown = policy.in_full(policy.visible_to(caller)).where(Mentorship.id == mentorship.id)
    mentorship = await one_or_404(session, shown.execution_options(populate_existing=True))
    policy.tell_actions(caller, [mentorship])
    return mentorship
