"""What writing people takes: affiliations within sight, and a person who goes only when no one else knows them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.actors.people import policy
from app.actors.people.models import Affiliation, Person
from app.actors.people.schemas import AffiliationCreate, PersonCreate
from app.actors.policy import editable as actors_editable
from app.actors.policy import visible_to as actors_visible_to
from app.core.bulk import among, ids_within, save_all
from app.core.db import apply, save
from app.core.errors import ErrorAt, InvalidInput, NotAllowed, pointer
from app.core.spreadsheets.sheet import Change
from app.identity.caller import Caller


async def create_person(session: AsyncSession, caller: Caller, body: PersonCreate) -> Person:
    """A new person with their affiliations.

    Raises `InvalidInput` for an actor of elsewhere, `NotAllowed` for a territory or organisation the caller does
    not answer for, or for a person an organisation adds without an affiliation to itself.
    """
    policy.require_may_add(caller, body.territory_id)
    await _require_actors(session, caller, body.territory_id, _placed(body.affiliations))
    return await save(session, _person(dict(body)), within=policy.editable(caller))


async def write_people(session: AsyncSession, caller: Caller, changes: Sequence[Change[Person]]) -> list[Person]:
    """Add and change many people at once. Affiliations that are not named stay. Raises as `create_person`."""
    people, others = [], []
    asked: dict[UUID, list[tuple[AffiliationCreate, str]]] = {}
    for change in changes:
        given = change.values.get("affiliations", ())
        if change.row is None:
            policy.require_may_add(caller, change.values["territory_id"])
            person, new = _person(change.values), given
        else:
            person = change.row
            apply(person, {name: value for name, value in change.values.items() if name != "affiliations"})
            new, changed = _merged(person, given)
            others += changed
        asked.setdefault(person.territory_id, []).extend(_placed(new))
        people.append(person)
    for territory_id, affiliations in asked.items():
        await _require_actors(session, caller, territory_id, affiliations)
    await save_all(session, people, within=policy.editable(caller))
    await save_all(session, others, within=policy.affiliations_editable(caller))
    return people


def _person(values: Mapping[str, Any]) -> Person:
    """A new person, with their affiliations."""
    person = Person(**{name: value for name, value in values.items() if name != "affiliations"})
    person.affiliations = [
        Affiliation(territory_id=person.territory_id, **affiliation.model_dump())
        for affiliation in values["affiliations"]
    ]
    return person


def _merged(person: Person, given: Sequence[AffiliationCreate]) -> tuple[list[AffiliationCreate], list[Affiliation]]:
    """Those of the affiliations given that are new, and all rows to write: new ones, and those whose days change.

    The same role at the same actor is the same affiliation when it begins on the same day, or is the only one.
    """
    left = list(person.affiliations)
    new, written = [], []
    for affiliation in sorted(given, key=lambda one: not any(_begins_as(row, one) for row in left)):
        same = [row for row in left if (row.actor_id, row.role) == (affiliation.actor_id, affiliation.role)]
        meant = next((row for row in same if _begins_as(row, affiliation)), same[0] if len(same) == 1 else None)
        if meant is None:
            new.append(affiliation)
            meant = Affiliation(territory_id=person.territory_id, person_id=person.id, actor_id=affiliation.actor_id)
        else:
            left.remove(meant)
        apply(meant, affiliation.model_dump(exclude={"actor_id"}))
        written.append(meant)
    return new, written


def _begins_as(row: Affiliation, one: AffiliationCreate) -> bool:
    return (row.actor_id, row.role, row.valid_from) == (one.actor_id, one.role, one.valid_from)


def _placed(affiliations: Sequence[AffiliationCreate]) -> list[tuple[AffiliationCreate, str]]:
    """Each with its place in the body."""
    return [(affiliation, pointer("affiliations", n, "actor_id")) for n, affiliation in enumerate(affiliations)]


async def add_affiliation(
    session: AsyncSession, caller: Caller, person: Person, body: AffiliationCreate
) -> Affiliation:
    """A new affiliation of a person. Raises as `create_person`, and `Conflict` when the same role holds already."""
    await _require_actors(session, caller, person.territory_id, [(body, "#/actor_id")])
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
    session: AsyncSession, caller: Caller, territory_id: UUID, given: Sequence[tuple[AffiliationCreate, str]]
) -> None:
    """Raises `InvalidInput` for actors that are not the territory's, `NotAllowed` for those of others. Each
    affiliation comes with its place in the body."""
    ids = {affiliation.actor_id for affiliation, _ in given}
    of_territory = actors_visible_to(caller).where(Actor.territory_id == territory_id, among(Actor.id, ids))
    actors = {actor.id: actor for actor in await session.scalars(of_territory)} if ids else {}
    faults = [ErrorAt(place, "unknown_reference") for affiliation, place in given if affiliation.actor_id not in actors]
    if faults:
        raise InvalidInput(*faults)
    if len(await ids_within(session, list(actors.values()), within=actors_editable(caller))) < len(actors):
        raise NotAllowed(reason="out_of_sight")
