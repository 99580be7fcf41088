"""Who sees internship offers, and who may change them."""

from collections.abc import Iterable
from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, false, select
from sqlalchemy.orm import joinedload

from app.core.db import one_or_404, require_visible
from app.core.routing import OpenSession
from app.core.states import verbs_from
from app.identity.caller import Caller, CurrentCaller, Role
from app.internships.offers.models import InternshipOffer
from app.internships.offers.states import MOVES, OfferVerb


def visible_to(caller: Caller) -> Select[InternshipOffer]:
    """Whoever works in a territory sees what its organisations offer; the operator sees none."""
    offers = select(InternshipOffer).options(
        joinedload(InternshipOffer.host),
        joinedload(InternshipOffer.theme),
        joinedload(InternshipOffer.municipality),
    )
    match caller.role:
        case Role.COLLECTIVITE | Role.REFERENT | Role.CLUB_MEMBER | Role.PARTNER:
            return offers.where(InternshipOffer.territory_id.in_(caller.territory_ids))
        case Role.OPERATOR:
            return offers.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller) -> Select[InternshipOffer]:
    """The collectivité writes all offers of its territories, an organisation its own; a school only reads."""
    offers = visible_to(caller)
    match caller.role:
        case Role.COLLECTIVITE:
            return offers
        case Role.CLUB_MEMBER:
            return offers.where(InternshipOffer.host_id.in_(caller.actor_ids))
        case Role.REFERENT | Role.PARTNER | Role.OPERATOR:
            return offers.where(false())
        case unknown:
            assert_never(unknown)


def tell_actions(caller: Caller, offers: Iterable[InternshipOffer]) -> None:
    """Put in `allowed_actions` of each offer what the caller may do with it now."""
    for offer in offers:
        is_own = caller.role is Role.COLLECTIVITE or (
            caller.role is Role.CLUB_MEMBER and offer.host_id in caller.actor_ids
        )
        verbs = [OfferVerb.EDIT, OfferVerb.DELETE, *verbs_from(MOVES, offer.state)]
        offer.allowed_actions = verbs if is_own and "offers:write" in caller.scopes else []


async def load(offer_id: UUID, caller: CurrentCaller, session: OpenSession) -> InternshipOffer:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(InternshipOffer.id == offer_id))


async def load_editable(offer_id: UUID, caller: CurrentCaller, session: OpenSession) -> InternshipOffer:
    """Raises `NotFound`, or `NotAllowed` for an offer the caller only reads."""
    offer = await load(offer_id, caller, session)
    await require_visible(session, offer, within=editable(caller))
    return offer


VisibleOffer = Annotated[InternshipOffer, Depends(load)]
EditableOffer = Annotated[InternshipOffer, Depends(load_editable)]
