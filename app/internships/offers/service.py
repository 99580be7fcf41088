"""What writing an offer takes: a host of the territory, a tutor of that host, a theme of that territory."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.actors.people.models import Affiliation, Person
from app.actors.people.policy import visible_to as people_visible_to
from app.actors.policy import visible_to as actors_visible_to
from app.core.db import apply, one_or_404, save
from app.core.references import referred
from app.core.states import led_by
from app.identity.caller import Caller
from app.internships.offers import policy
from app.internships.offers.models import InternshipOffer, OfferState
from app.internships.offers.schemas import OfferCreate, OfferUpdate
from app.internships.offers.states import MOVES, OfferVerb
from app.territories.models import Theme
from app.territories.policy import visible_to as owned_visible_to


async def create_offer(session: AsyncSession, caller: Caller, body: OfferCreate) -> InternshipOffer:
    """An open offer. Raises `InvalidInput` for a host, a tutor or a theme of elsewhere, `NotAllowed` for a host that
    is not the caller's."""
    host = await referred(session, actors_visible_to(caller), Actor, "host_id", body.host_id)
    offer = InternshipOffer(territory_id=host.territory_id, host_id=host.id, state=OfferState.OPEN)
    return await _write(
        session, caller, offer, {name: value for name, value in dict(body).items() if name != "host_id"}
    )


async def update_offer(
    session: AsyncSession, caller: Caller, offer: InternshipOffer, body: OfferUpdate
) -> InternshipOffer:
    """Change the fields given. Raises `InvalidInput` for a tutor or a theme of elsewhere."""
    return await _write(session, caller, offer, body.given())


async def move_offer(session: AsyncSession, caller: Caller, offer: InternshipOffer, verb: OfferVerb) -> InternshipOffer:
    """Open ⇄ closed. Raises `IllegalTransition`."""
    offer.state = led_by(MOVES, verb, offer.state, what="offer")
    return await _saved(session, caller, offer)


async def _write(
    session: AsyncSession, caller: Caller, offer: InternshipOffer, values: Mapping[str, Any]
) -> InternshipOffer:
    if values.get("theme_id"):
        themes = owned_visible_to(caller, Theme).where(Theme.territory_id == offer.territory_id)
        await referred(session, themes, Theme, "theme_id", values["theme_id"])
    if values.get("tutor_id"):
        tutors = people_visible_to(caller).where(Person.affiliations.any(Affiliation.actor_id == offer.host_id))
        await referred(session, tutors, Person, "tutor_id", values["tutor_id"])
    apply(offer, values)
    return await _saved(session, caller, offer)


async def _saved(session: AsyncSession, caller: Caller, offer: InternshipOffer) -> InternshipOffer:
    await save(session, offer, within=policy.editable(caller))
    rows = policy.visible_to(caller).where(InternshipOffer.id == offer.id).execution_options(populate_existing=True)
    written = await one_or_404(session, rows)
    policy.tell_actions(caller, [written])
    return written
