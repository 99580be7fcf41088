"""Internships for tests, each with sensible values for what a test does not name."""

from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.internships.offers.models import InternshipOffer

OFFER: dict[str, Any] = {
    "title": "Découvrir l’atelier", "tasks": "Suivre une commande", "regime": "observation_2nde", "levels": ["2nde"],
    "seats": 2, "starts_on": "2027-06-14", "ends_on": "2027-06-25",
}  # fmt: skip
"""The body of an offer, without its host."""


async def an_offer(session: AsyncSession, host: Actor, **traits: Any) -> InternshipOffer:
    dates = {"starts_on": date(2027, 6, 14), "ends_on": date(2027, 6, 25)}
    row = InternshipOffer(
        territory_id=host.territory_id, host_id=host.id, **{**OFFER, "dangerous_work": [], **dates, **traits}
    )
    session.add(row)
    await session.commit()
    return row
