"""What the parties think of a partnership: each its own reviews, read by the collectivité alone beside it."""

from fastapi import APIRouter, Depends, Response

from app.core import idempotency
from app.core.db import remove
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST_WITHIN, ON_READ
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs
from app.partnerships.models import Review
from app.partnerships.policy import InvolvingPartnership
from app.partnerships.reviews import policy, service
from app.partnerships.reviews.policy import EditableReview, VisibleReview
from app.partnerships.reviews.schemas import ReviewCreate, ReviewOut, ReviewUpdate

READ = [Depends(Needs("partnerships:read"))]
WRITE = [Depends(Needs("partnerships:review"))]
ONCE = Depends(idempotency.begin)

router = APIRouter(route_class=TransactionalRoute, tags=["partnerships"])


@router.get(
    "/partnerships/{partnership_id:uuid}/reviews",
    response_model=Page[ReviewOut],
    dependencies=READ,
    responses=ON_LIST_WITHIN,
)
async def list_partnership_reviews(
    partnership: InvolvingPartnership, asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The reviews you may read, by period: your own, or all of them for the collectivité."""
    return await page(session, policy.of_partnership(caller, partnership), asked, by=(Review.starts_on, Review.id))


@router.post(
    "/partnerships/{partnership_id:uuid}/reviews",
    status_code=201,
    response_model=ReviewOut,
    dependencies=[*WRITE, ONCE],
    responses=ON_CREATE,
)
async def create_partnership_review(
    body: ReviewCreate, partnership: InvolvingPartnership, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Review:  # fmt: skip
    """Review a partnership that has begun: a party in its own name, the collectivité as a party told it."""
    return created(response, await service.add_review(session, caller, partnership, body))


@router.get("/partnership-reviews/{review_id:uuid}", response_model=ReviewOut, dependencies=READ, responses=ON_READ)
async def get_partnership_review(review: VisibleReview, response: Response) -> Review:
    """One review."""
    return tagged(response, review)


@router.patch("/partnership-reviews/{review_id:uuid}", response_model=ReviewOut, dependencies=WRITE, responses=ON_EDIT)
async def update_partnership_review(
    body: ReviewUpdate, review: EditableReview, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Review:  # fmt: skip
    """Change the fields given."""
    require_match(review, if_match)
    return tagged(response, await service.update_review(session, caller, review, body))


@router.delete("/partnership-reviews/{review_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_partnership_review(review: EditableReview, if_match: IfMatch, session: OpenSession) -> None:
    """Take a review back."""
    require_match(review, if_match)
    await remove(session, review)
