"""What writing a review takes: a party, a partnership that has begun, and a period that is over."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import apply, save
from app.core.errors import Conflict, ErrorAt, InvalidInput
from app.identity.caller import Caller, Role
from app.partnerships.models import Partnership, PartnershipStage, Party, Review
from app.partnerships.reviews import policy
from app.partnerships.reviews.schemas import ReviewCreate, ReviewUpdate
from app.territories.service import day_that_came

NOT_BEGUN = (PartnershipStage.PROSPECT, PartnershipStage.IN_DISCUSSION)


async def add_review(session: AsyncSession, caller: Caller, partnership: Partnership, body: ReviewCreate) -> Review:
    """A new review. Raises `InvalidInput` for an actor that is no party or a day to come, `NotAllowed` for another's
    words, `Conflict` before the partnership has begun or where the party's periods overlap."""
    policy.require_may_speak_for(caller, body.actor_id)
    if partnership.stage in NOT_BEGUN:
        raise Conflict(ErrorAt("path:partnership_id", "not_begun"))
    party = select(Party.id).where(Party.partnership_id == partnership.id, Party.actor_id == body.actor_id)
    if await session.scalar(party) is None:
        raise InvalidInput(ErrorAt("#/actor_id", "unknown_reference"))
    review = Review(territory_id=partnership.territory_id, partnership_id=partnership.id, **dict(body))
    return await _saved(session, caller, review)


async def update_review(session: AsyncSession, caller: Caller, review: Review, body: ReviewUpdate) -> Review:
    """Change the fields given; what a party changes is its own words from then on. Raises as `add_review`."""
    apply(review, body.given())
    return await _saved(session, caller, review)


async def _saved(session: AsyncSession, caller: Caller, review: Review) -> Review:
    await day_that_came(session, review.territory_id, review.ends_on, "#/ends_on")
    review.is_by_party = caller.role is not Role.COLLECTIVITE
    return await save(session, review, within=policy.editable(caller))
