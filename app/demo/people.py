"""Contacts of the demonstration's organisations. All are invented, and marked so.

Their addresses are where nobody reads mail (RFC 2606), their numbers those kept for fiction (ARCEP 2018-0881).
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from faker import Faker

from app.actors.models import Actor, ActorKind
from app.actors.people.models import Affiliation, Person
from app.demo.actors import Cast, slug
from app.demo.rows import Rows, demo_id
from app.demo.territories import FIRST, territory_id

Values = dict[str, Any]

SEVERAL = {"school": 4, "club": 3, "dee": 2}
"""Contacts of the organisations the demonstration's accounts answer for; others have one."""
OTHERS = 25
"""How many organisations of today's territory have a contact; of the launch's, all have."""
INVITED_TWICE = 40
"""How many companies of the launch have a second contact, who was invited too."""
AGREED_SHARE = 0.8
AGREED_AT = datetime(2026, 1, 15, 9, tzinfo=UTC)
WAYS = ("Formulaire d’inscription", "Par courriel", "Lors d’une réunion plénière")
ROLES = {
    ActorKind.COMPANY: ("Gérance", "Ressources humaines"),
    ActorKind.ASSOCIATION: ("Présidence", "Coordination"),
    ActorKind.PUBLIC_BODY: ("Développement économique", "Insertion"),
    ActorKind.SCHOOL: ("Direction", "Relations avec les entreprises", "Professeur principal", "Orientation"),
    ActorKind.BUSINESS_CLUB: ("Présidence", "Trésorerie", "Animation"),
    ActorKind.OTHER: ("Contact",),
}


@dataclass(frozen=True)
class Contact:
    """A person who is there, and the organisation they speak for."""

    person_id: UUID
    actor: Actor


Contacts = Mapping[str, Contact]
"""The contacts of one territory, by the key of their organisation and a number: `club-0` is the club's first."""


async def put_people(rows: Rows, casts: dict[str, Cast]) -> dict[str, Contacts]:
    """Write the contacts of both territories and what they are to their organisations; answers those there are."""
    people, affiliations = {}, {}
    contacts: dict[str, dict[str, Contact]] = {territory: {} for territory in casts}
    for territory, cast in casts.items():
        for key, actor, person, affiliation in _contacts(territory, cast):
            person_id = demo_id("person", territory, key)
            people[person_id] = person
            affiliations[demo_id("affiliation", territory, key)] = {**affiliation, "person_id": person_id}
            contacts[territory][key] = Contact(person_id, actor)
    found = await rows.put(Person, people)
    there = {key: values for key, values in affiliations.items() if values["person_id"] in found}
    await rows.put(Affiliation, there)
    return {
        territory: {key: contact for key, contact in of_it.items() if contact.person_id in found}
        for territory, of_it in contacts.items()
    }


def _contacts(territory: str, cast: Cast) -> Iterator[tuple[str, Actor, Values, Values]]:
    """Each contact by a key of their own, with what they are and to whom."""
    place = territory_id(territory)
    for key, number in _numbers(territory, cast).items():
        actor = cast.actors[key]
        for n in range(number):
            role = ROLES[actor.kind][n % len(ROLES[actor.kind])]
            person = _person(place, f"{territory}/{key}/{n}", role)
            yield f"{key}-{n}", actor, person, _affiliation(place, actor, role)


def _numbers(territory: str, cast: Cast) -> dict[str, int]:
    """How many contacts each organisation has, for those that have some."""
    several = {key: number for key, number in SEVERAL.items() if key in cast.actors}
    others = [key for key in sorted(cast.actors) if key not in SEVERAL]
    if territory == FIRST:
        companies = [key for key in others if cast.actors[key].kind is ActorKind.COMPANY]
        return dict.fromkeys(others, 1) | dict.fromkeys(companies[:INVITED_TWICE], 2) | several
    chosen = random.Random(territory).sample(others, min(OTHERS, len(others)))
    return several | dict.fromkeys(chosen, 1)


WORDS = Faker("fr_FR")


def _person(place: UUID, seed: str, role: str) -> Values:
    WORDS.seed_instance(seed)
    chance = random.Random(seed)
    first_name, last_name = WORDS.first_name(), WORDS.last_name()
    has_agreed = chance.random() < AGREED_SHARE
    return {
        "territory_id": place,
        "first_name": first_name,
        "last_name": last_name,
        "job_title": role,
        "email": f"{slug(first_name)}.{slug(last_name)}@demo.example",
        "phone": f"+3363998{chance.randrange(10_000):04d}",
        "agreed_to_contact_at": AGREED_AT if has_agreed else None,
        "agreed_how": chance.choice(WAYS) if has_agreed else None,
        "is_demonstration": True,
    }


def _affiliation(place: UUID, actor: Actor, role: str) -> Values:
    return {"territory_id": place, "actor_id": actor.id, "role": role}
