"""What writing people takes: affiliations within sight, and a person who goes only when no one else knows them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.actors.people import policy
from app.actors.people.models import Affiliation, Person
from app.actors.people.schemas import AffiliationCreate, PersonCreate
from app.actors.policy import editable as actors_editable
from app.actors.policy import visible_to as actors_visible_to
from app.core.db import require_visible, save
from app.core.errors import ErrorAt, InvalidInput, pointer
from app.identity.caller import Caller


async def create_person(session: AsyncSession, caller: Caller, body: PersonCreate) -> Person:
    """A new person with their affiliations.

    Raises `InvalidInput` for an actor of elsewhere, `NotAllowed` for a territory or organisation the caller does
    not answer for, or for a person an organisation adds without an affiliation to itself.
    """
    policy.require_may_add(caller, body.territory_id)
    places = [pointer("affiliations", n, "actor_id") for n in range(len(body.affiliations))]
    await _require_actors(session, caller, body.territory_id, body.affiliations, places)
    person = Person(**body.model_dump(exclude={"affiliations"}))
    person.affiliations = [
        Affiliation(territory_id=body.territory_id, **affiliation.model_dump()) for affiliation in body.affiliations
    ]
    return await save(session, person, within=policy.editable(caller))


async def add_affiliation(
    session: AsyncSession, caller: Caller, person: Person, body: AffiliationCreate
) -> Affiliation:
    """A new affiliation of a person. Raises as `create_person`, and `Conflict` when the same role holds already."""
    await _require_actors(session, caller, person.territory_id, [body], ["#/actor_id"])
    affiliation = Affiliation(territory_id=person.territory_id, person_id=person.id, **body.model_dump())
    return await save(session, affiliation, within=policy.affiliations_editable(caller))


async def delete_person(session: AsyncSession, caller: Caller, person: Person) -> None:
    """Delete a person and what they are to organisations within the caller's sight.

    Raises `StillReferenced` when they are of another organisation too. The person goes first: they are in an
    organisation's sight only as long as their affiliation to it is.
    """
    affiliations = list(await session.scalars(policy.affiliations_of(caller, person)))
    await session.execute(text("SET CONSTRAINTS affiliations_person_id_fkey DEFERRED"))
    await session.delete(person)
    await session.flush()
    for affiliation in affiliations:
        await session.delete(affiliation)
    await session.flush()
    await session.execute(text("SET CONSTRAINTS affiliations_person_id_fkey IMMEDIATE"))


async def _require_actors(
    session: AsyncSession, caller: Caller, territory_id: UUID, given: Sequence[AffiliationCreate], places: Sequence[str]
) -> None:
    """Raises `InvalidInput` for actors that are not the territory's, `NotAllowed` for those of others."""
    ids = {affiliation.actor_id for affiliation in given}
    of_territory = actors_visible_to(caller).where(Actor.territory_id == territory_id, Actor.id.in_(ids))
    actors = {actor.id: actor for actor in await session.scalars(of_territory)} if ids else {}
    faults = [
        ErrorAt(place, "unknown_reference")
        for affiliation, place in zip(given, places, strict=True)
        if affiliation.actor_id not in actors
    ]
    if faults:
        raise InvalidInput(*faults)
    for actor in actors.values():
        await require_visible(session, actor, within=actors_editable(caller))
