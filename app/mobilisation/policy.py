"""Whose mobilisation is counted: only those who see all of a territory's lists see what they add up to."""

from typing import assert_never
from uuid import UUID

from sqlalchemy import Select

from app.actors.models import Actor
from app.actors.people.models import Person
from app.actors.people.policy import visible_to as people_visible_to
from app.actors.policy import visible_to as actors_visible_to
from app.identity.caller import Caller, Role


def territories_counted(caller: Caller) -> frozenset[UUID]:
    """The collectivité's territories; none for those who see a part of the lists only."""
    match caller.role:
        case Role.COLLECTIVITE:
            return caller.territory_ids
        case Role.REFERENT | Role.CLUB_MEMBER | Role.PARTNER | Role.OPERATOR:
            return frozenset()
        case unknown:
            assert_never(unknown)


def actors_counted(caller: Caller) -> Select[Actor]:
    """The actors a figure opens onto."""
    return actors_visible_to(caller).where(Actor.territory_id.in_(territories_counted(caller)))


def people_counted(caller: Caller) -> Select[Person]:
    """The people a figure opens onto."""
    return people_visible_to(caller).where(Person.territory_id.in_(territories_counted(caller)))
