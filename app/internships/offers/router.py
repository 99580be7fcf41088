"""`/v1/internship-offers`: seats that organisations keep for pupils."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.core import idempotency
from app.core.db import remove
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST, ON_READ, ON_VERB
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs
from app.internships.offers import policy, service
from app.internships.offers.filters import OfferFilters
from app.internships.offers.models import InternshipOffer
from app.internships.offers.policy import EditableOffer, VisibleOffer
from app.internships.offers.schemas import OfferCreate, OfferOut, OfferUpdate
from app.internships.offers.states import OfferVerb

READ = [Depends(Needs("offers:read"))]
WRITE = [Depends(Needs("offers:write"))]
VERB = [*WRITE, Depends(idempotency.begin)]

router = APIRouter(prefix="/internship-offers", route_class=TransactionalRoute, tags=["internships"])


@router.get("", response_model=Page[OfferOut], dependencies=READ, responses=ON_LIST)
async def list_internship_offers(
    filters: Annotated[OfferFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The offers of your territories, by first day; around a place, for a level, a theme or a period."""
    rows = await filters.narrow(session, policy.visible_to(caller))
    found = await page(session, rows, asked, by=(InternshipOffer.starts_on, InternshipOffer.id))
    policy.tell_actions(caller, found["items"])
    return found


@router.post("", status_code=201, response_model=OfferOut, dependencies=VERB, responses=ON_CREATE)
async def create_internship_offer(
    body: OfferCreate, caller: CurrentCaller, session: OpenSession, response: Response
) -> InternshipOffer:
    """Offer seats for pupils in an organisation."""
    return created(response, await service.create_offer(session, caller, body))


@router.get("/{offer_id:uuid}", response_model=OfferOut, dependencies=READ, responses=ON_READ)
async def get_internship_offer(offer: VisibleOffer, caller: CurrentCaller, response: Response) -> InternshipOffer:
    """One offer."""
    policy.tell_actions(caller, [offer])
    return tagged(response, offer)


@router.patch("/{offer_id:uuid}", response_model=OfferOut, dependencies=WRITE, responses=ON_EDIT)
async def update_internship_offer(
    body: OfferUpdate, offer: EditableOffer, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> InternshipOffer:  # fmt: skip
    """Change the fields given. Its state changes by `:close` and `:reopen`."""
    require_match(offer, if_match)
    return tagged(response, await service.update_offer(session, caller, offer, body))


@router.delete("/{offer_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_internship_offer(offer: EditableOffer, if_match: IfMatch, session: OpenSession) -> None:
    """Delete an offer."""
    require_match(offer, if_match)
    await remove(session, offer)


@router.post("/{offer_id:uuid}:close", response_model=OfferOut, dependencies=VERB, responses=ON_VERB)
async def close_internship_offer(
    offer: EditableOffer, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> InternshipOffer:
    """Offer no more seats."""
    require_match(offer, if_match)
    return tagged(response, await service.move_offer(session, caller, offer, OfferVerb.CLOSE))


@router.post("/{offer_id:uuid}:reopen", response_model=OfferOut, dependencies=VERB, responses=ON_VERB)
async def reopen_internship_offer(
    offer: EditableOffer, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> InternshipOffer:
    """Offer seats again."""
    require_match(offer, if_match)
    return tagged(response, await service.move_offer(session, caller, offer, OfferVerb.REOPEN))
