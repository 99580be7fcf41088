"""Who sees mentorships, and who may change them."""

from collections.abc import Iterable
from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, false, select
from sqlalchemy.orm import joinedload, selectinload, with_expression

from app.action_plans.mentorships.due import due_on
from app.action_plans.mentorships.models import FollowUp, Mentorship
from app.action_plans.mentorships.states import MOVES, NOT_BEGUN, MentorshipVerb
from app.action_plans.plans.policy import is_writer
from app.core.db import one_or_404, require_visible
from app.core.routing import OpenSession
from app.core.states import verbs_from
from app.identity.caller import Caller, CurrentCaller, Role


def visible_to(caller: Caller) -> Select[Mentorship]:
    """The collectivité sees all mentorships of its territories, a school or an organisation those its own people
    mentor; a partner system and the operator none."""
    mentorships = select(Mentorship).where(Mentorship.territory_id.in_(caller.territory_ids))
    match caller.role:
        case Role.COLLECTIVITE:
            return mentorships
        case Role.REFERENT | Role.CLUB_MEMBER:
            return mentorships.where(Mentorship.actor_id.in_(caller.own_actor_ids))
        case Role.PARTNER | Role.OPERATOR:
            return mentorships.where(false())
        case unknown:
            assert_never(unknown)


def in_full(mentorships: Select[Mentorship]) -> Select[Mentorship]:
    """The same mentorships with all that is shown of them."""
    started_on = select(Mentorship.started_on).where(Mentorship.id == FollowUp.mentorship_id).scalar_subquery()
    follow_ups = selectinload(Mentorship.follow_ups).options(with_expression(FollowUp.due_on, due_on(started_on)))
    return mentorships.options(joinedload(Mentorship.actor), follow_ups)


def editable(caller: Caller) -> Select[Mentorship]:
    """The collectivité writes the mentorships of its territories; no one else does."""
    mentorships = visible_to(caller)
    return mentorships if caller.role is Role.COLLECTIVITE else mentorships.where(false())


def tell_actions(caller: Caller, mentorships: Iterable[Mentorship]) -> None:
    """Put in `allowed_actions` of each mentorship what the caller may do with it now."""
    for mentorship in mentorships:
        own = MentorshipVerb.DELETE if mentorship.state in NOT_BEGUN else MentorshipVerb.EDIT
        mentorship.allowed_actions = [own, *verbs_from(MOVES, mentorship.state)] if is_writer(caller) else []


async def load(mentorship_id: UUID, caller: CurrentCaller, session: OpenSession) -> Mentorship:
    """Raises `NotFound`."""
    return await one_or_404(session, in_full(visible_to(caller)).where(Mentorship.id == mentorship_id))


async def load_editable(mentorship_id: UUID, caller: CurrentCaller, session: OpenSession) -> Mentorship:
    """Raises `NotFound`, or `NotAllowed` for a mentorship the caller only reads."""
    mentorship = await load(mentorship_id, caller, session)
    await require_visible(session, mentorship, within=editable(caller))
    return mentorship


VisibleMentorship = Annotated[Mentorship, Depends(load)]
EditableMentorship = Annotated[Mentorship, Depends(load_editable)]
