"""Who sees reviews, and who may write them: a party its own; the collectivité reads all, and enters those of parties
that told them otherwise than through an account."""

from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, false, select

from app.core.db import one_or_404, require_visible
from app.core.errors import ErrorAt, NotAllowed
from app.core.routing import OpenSession
from app.identity.caller import Caller, CurrentCaller, Role
from app.partnerships.models import Partnership, Review


def visible_to(caller: Caller) -> Select[Review]:
    """The collectivité sees all reviews of its territories, a school or an organisation its own, others none."""
    reviews = select(Review).where(Review.territory_id.in_(caller.territory_ids))
    match caller.role:
        case Role.COLLECTIVITE:
            return reviews
        case Role.REFERENT | Role.CLUB_MEMBER:
            return reviews.where(Review.actor_id.in_(caller.own_actor_ids))
        case Role.PARTNER | Role.OPERATOR:
            return reviews.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller) -> Select[Review]:
    """A party changes its own; the collectivité those it entered, never the words of a party itself."""
    reviews = visible_to(caller)
    return reviews.where(Review.is_by_party.is_(False)) if caller.role is Role.COLLECTIVITE else reviews


def of_partnership(caller: Caller, partnership: Partnership) -> Select[Review]:
    """The reviews of one partnership, as far as the caller sees."""
    return visible_to(caller).where(Review.partnership_id == partnership.id)


def require_may_speak_for(caller: Caller, actor_id: UUID) -> None:
    """Raises `NotAllowed` unless the caller may put words into this party's mouth: its own account, or the
    collectivité, to whom it told them."""
    if caller.role is not Role.COLLECTIVITE and actor_id not in caller.own_actor_ids:
        raise NotAllowed(ErrorAt("#/actor_id", "not_your_actor"))


async def load(review_id: UUID, caller: CurrentCaller, session: OpenSession) -> Review:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(Review.id == review_id))


async def load_editable(
    review: Annotated[Review, Depends(load)], caller: CurrentCaller, session: OpenSession
) -> Review:
    """Raises `NotFound`, or `NotAllowed` for a review that is a party's own words."""
    await require_visible(session, review, within=editable(caller))
    return review


VisibleReview = Annotated[Review, Depends(load)]
EditableReview = Annotated[Review, Depends(load_editable)]
