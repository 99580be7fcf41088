"""Internships as the matrix asks for them: `own` is offered by the caller's organisation."""

from typing import Any

from app.internships.offers.models import OfferState
from tests.internships.factories import OFFER, an_offer
from tests.permissions.world import Ask, Prepare, World, nothing


async def a_check(_world: World, _whose: str, _role: str) -> Ask:
    workday = {"weekday": 1, "starts": "09:00", "ends": "12:00"}
    period = {"starts_on": "2026-06-15", "ends_on": "2026-06-19"}
    return Ask({}, {"regime": "pfmp", **period, "timetable": [workday]})


async def new_offer(world: World, whose: str, role: str) -> Ask:
    return Ask({}, {**OFFER, "host_id": str(world.actor(whose, role).id)})


def offer(body: dict[str, Any] | None = None, **traits: Any) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        row = await an_offer(world.session, world.actor(whose, role), **traits)
        return Ask({"offer_id": row.id}, body)

    return prepare


PREPARE: dict[str, Prepare] = {
    "check_internship": a_check,
    "list_internship_offers": nothing,
    "create_internship_offer": new_offer,
    "get_internship_offer": offer(),
    "update_internship_offer": offer({"seats": 3}),
    "delete_internship_offer": offer(),
    "close_internship_offer": offer(),
    "reopen_internship_offer": offer(state=OfferState.CLOSED),
}
