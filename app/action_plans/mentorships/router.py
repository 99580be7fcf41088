"""`/v1/mentorships`: mentors at the side of young people, who are known by a code."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.action_plans.mentorships import policy, service
from app.action_plans.mentorships.filters import MentorshipFilters
from app.action_plans.mentorships.models import Mentorship
from app.action_plans.mentorships.policy import EditableMentorship, VisibleMentorship
from app.action_plans.mentorships.schemas import (
    FollowUpRecord,
    MentorshipComplete,
    MentorshipCreate,
    MentorshipInterrupt,
    MentorshipMatch,
    MentorshipOut,
    MentorshipStart,
    MentorshipUpdate,
)
from app.core import idempotency
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST, ON_READ, ON_VERB
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs

READ = [Depends(Needs("plans:read"))]
WRITE = [Depends(Needs("plans:write"))]
VERB = [*WRITE, Depends(idempotency.begin)]
TODAY = MentorshipStart()

router = APIRouter(prefix="/mentorships", route_class=TransactionalRoute, tags=["actions"])


@router.get("", response_model=Page[MentorshipOut], dependencies=READ, responses=ON_LIST)
async def list_mentorships(
    filters: Annotated[MentorshipFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The mentorships you see, in the order they were opened."""
    rows = await filters.apply(session, policy.in_full(policy.visible_to(caller)))
    found = await page(session, rows, asked, by=(Mentorship.created_at, Mentorship.id))
    policy.tell_actions(caller, found["items"])
    return found


@router.post("", status_code=201, response_model=MentorshipOut, dependencies=VERB, responses=ON_CREATE)
async def create_mentorship(
    body: MentorshipCreate, caller: CurrentCaller, session: OpenSession, response: Response
) -> Mentorship:
    """Open a mentorship within an action, and get the code of its mentee."""
    return created(response, await service.create_mentorship(session, caller, body))


@router.get("/{mentorship_id:uuid}", response_model=MentorshipOut, dependencies=READ, responses=ON_READ)
async def get_mentorship(mentorship: VisibleMentorship, caller: CurrentCaller, response: Response) -> Mentorship:
    """One mentorship."""
    policy.tell_actions(caller, [mentorship])
    return tagged(response, mentorship)


@router.patch("/{mentorship_id:uuid}", response_model=MentorshipOut, dependencies=WRITE, responses=ON_EDIT)
async def update_mentorship(
    body: MentorshipUpdate, mentorship: EditableMentorship, if_match: IfMatch, caller: CurrentCaller,
    session: OpenSession, response: Response,
) -> Mentorship:  # fmt: skip
    """Put the days or the outcome right. Its state changes by verbs."""
    require_match(mentorship, if_match)
    return tagged(response, await service.update_mentorship(session, caller, mentorship, body))


@router.delete("/{mentorship_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_mentorship(mentorship: EditableMentorship, if_match: IfMatch, session: OpenSession) -> None:
    """Delete a mentorship that has not begun."""
    require_match(mentorship, if_match)
    await service.delete_mentorship(session, mentorship)


@router.post("/{mentorship_id:uuid}:match", response_model=MentorshipOut, dependencies=VERB, responses=ON_VERB)
async def match_mentorship(
    body: MentorshipMatch, mentorship: EditableMentorship, if_match: IfMatch, caller: CurrentCaller,
    session: OpenSession, response: Response,
) -> Mentorship:  # fmt: skip
    """Say who mentors; until it has begun, say it again to change the mentor."""
    require_match(mentorship, if_match)
    return tagged(response, await service.match_mentorship(session, caller, mentorship, body))


@router.post("/{mentorship_id:uuid}:start", response_model=MentorshipOut, dependencies=VERB, responses=ON_VERB)
async def start_mentorship(
    mentorship: EditableMentorship, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response, body: MentorshipStart = TODAY,
) -> Mentorship:  # fmt: skip
    """Begin a matched mentorship; follow-ups are due 6, 12, 18 and 24 months later."""
    require_match(mentorship, if_match)
    return tagged(response, await service.start_mentorship(session, caller, mentorship, body))


@router.post("/{mentorship_id:uuid}:complete", response_model=MentorshipOut, dependencies=VERB, responses=ON_VERB)
async def complete_mentorship(
    body: MentorshipComplete, mentorship: EditableMentorship, if_match: IfMatch, caller: CurrentCaller,
    session: OpenSession, response: Response,
) -> Mentorship:  # fmt: skip
    """Say how a mentorship ended."""
    require_match(mentorship, if_match)
    return tagged(response, await service.complete_mentorship(session, caller, mentorship, body))


@router.post("/{mentorship_id:uuid}:interrupt", response_model=MentorshipOut, dependencies=VERB, responses=ON_VERB)
async def interrupt_mentorship(
    body: MentorshipInterrupt, mentorship: EditableMentorship, if_match: IfMatch, caller: CurrentCaller,
    session: OpenSession, response: Response,
) -> Mentorship:  # fmt: skip
    """Say why a mentorship ended early."""
    require_match(mentorship, if_match)
    return tagged(response, await service.interrupt_mentorship(session, caller, mentorship, body))


@router.post("/{mentorship_id:uuid}:follow-up", response_model=MentorshipOut, dependencies=VERB, responses=ON_VERB)
async def record_follow_up(
    body: FollowUpRecord, mentorship: EditableMentorship, if_match: IfMatch, caller: CurrentCaller,
    session: OpenSession, response: Response,
) -> Mentorship:  # fmt: skip
    """Say what became of the mentee 6, 12, 18 or 24 months after the start."""
    require_match(mentorship, if_match)
    return tagged(response, await service.record_follow_up(session, caller, mentorship, body))
