"""Who sees people, and who may change them. Row-level security holds the same rule (`Caller.sight`, migration
`people`): what is forgotten here stays shut there."""

from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, and_, false, or_, select
from sqlalchemy.orm import selectinload

from app.actors.people.models import Affiliation, Person
from app.core.db import one_or_404, require_visible
from app.core.errors import NotAllowed
from app.core.routing import OpenSession
from app.identity.access import today_at
from app.identity.caller import Caller, CurrentCaller, Role


def visible_to(caller: Caller) -> Select[Person]:
    """The collectivité sees all people of its territory; a referent those of their school and a club member those
    of their organisation, present and past; a partner system and the operator none."""
    people = select(Person)
    match caller.role:
        case Role.COLLECTIVITE:
            return people.where(Person.territory_id.in_(caller.territory_ids))
        case Role.REFERENT | Role.CLUB_MEMBER:
            is_own = Person.affiliations.any(Affiliation.actor_id.in_(caller.own_actor_ids))
            return people.where(Person.territory_id.in_(caller.territory_ids), is_own)
        case Role.PARTNER | Role.OPERATOR:
            return people.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller) -> Select[Person]:
    """The collectivité changes all people of its territory, an organisation those who are of it today."""
    people = visible_to(caller)
    if caller.role not in (Role.REFERENT, Role.CLUB_MEMBER):
        return people
    until = Affiliation.valid_until
    is_present = or_(until.is_(None), until > today_at(Person.territory_id))
    return people.where(Person.affiliations.any(and_(Affiliation.actor_id.in_(caller.own_actor_ids), is_present)))


def affiliations_visible_to(caller: Caller) -> Select[Affiliation]:
    """The collectivité sees all affiliations of its territory, an organisation those to itself."""
    affiliations = select(Affiliation)
    match caller.role:
        case Role.COLLECTIVITE:
            return affiliations.where(Affiliation.territory_id.in_(caller.territory_ids))
        case Role.REFERENT | Role.CLUB_MEMBER:
            return affiliations.where(
                Affiliation.territory_id.in_(caller.territory_ids), Affiliation.actor_id.in_(caller.own_actor_ids)
            )
        case Role.PARTNER | Role.OPERATOR:
            return affiliations.where(false())
        case unknown:
            assert_never(unknown)


def affiliations_editable(caller: Caller) -> Select[Affiliation]:
    """Who sees an affiliation may change it."""
    return affiliations_visible_to(caller)


def affiliations_of(caller: Caller, person: Person) -> Select[Affiliation]:
    """What a person is to organisations, as far as the caller sees."""
    return affiliations_visible_to(caller).where(Affiliation.person_id == person.id)


def with_affiliations(caller: Caller, people: Select[Person]) -> Select[Person]:
    """The same people with what they are to organisations, as far as the caller sees."""
    ids = affiliations_visible_to(caller).with_only_columns(Affiliation.id)
    return people.options(selectinload(Person.affiliations.and_(Affiliation.id.in_(ids))))


def require_may_add(caller: Caller, territory_id: UUID) -> None:
    """Raises `NotAllowed` unless the caller may add people to this territory."""
    has_people = caller.role in (Role.COLLECTIVITE, Role.REFERENT, Role.CLUB_MEMBER)
    if not has_people or territory_id not in caller.territory_ids:
        raise NotAllowed(reason="out_of_sight")


async def load(person_id: UUID, caller: CurrentCaller, session: OpenSession) -> Person:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(Person.id == person_id))


async def load_editable(person_id: UUID, caller: CurrentCaller, session: OpenSession) -> Person:
    """Raises `NotFound`, or `NotAllowed` for a person the caller only reads."""
    person = await load(person_id, caller, session)
    await require_visible(session, person, within=editable(caller))
    return person


async def load_affiliation(affiliation_id: UUID, caller: CurrentCaller, session: OpenSession) -> Affiliation:
    """Raises `NotFound`."""
    return await one_or_404(session, affiliations_visible_to(caller).where(Affiliation.id == affiliation_id))


async def load_editable_affiliation(affiliation_id: UUID, caller: CurrentCaller, session: OpenSession) -> Affiliation:
    """Raises `NotFound`, or `NotAllowed` for an affiliation the caller only reads."""
    affiliation = await load_affiliation(affiliation_id, caller, session)
    await require_visible(session, affiliation, within=affiliations_editable(caller))
    return affiliation


VisiblePerson = Annotated[Person, Depends(load)]
EditablePerson = Annotated[Person, Depends(load_editable)]
VisibleAffiliation = Annotated[Affiliation, Depends(load_affiliation)]
EditableAffiliation = Annotated[Affiliation, Depends(load_editable_affiliation)]
