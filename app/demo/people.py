"""Contacts of the demonstration's organisations. All are invented, and marked so.

Their addresses are where nobody reads mail (RFC 2606), their numbers those kept for fiction (ARCEP 2018-0881).
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from faker import Faker

from app.actors.models import Actor, ActorKind
from app.actors.people.models import Affiliation, Person
from app.demo.actors import Cast, slug
from app.demo.rows import Rows, demo_id
from app.demo.territories import territory_id

Values = dict[str, Any]

SEVERAL = {"school": 4, "club": 3, "dee": 2}
"""Contacts of the organisations the demonstration's accounts answer for; others have one."""
OTHERS = 25
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


async def put_people(rows: Rows, casts: dict[str, Cast]) -> None:
    """Write the contacts of both territories and what they are to their organisations."""
    people, affiliations = {}, {}
    for territory, cast in casts.items():
        for key, person, affiliation in _contacts(territory, cast):
            person_id = demo_id("person", territory, key)
            people[person_id] = person
            affiliations[demo_id("affiliation", territory, key)] = {**affiliation, "person_id": person_id}
    found = await rows.put(Person, people)
    there = {key: values for key, values in affiliations.items() if values["person_id"] in found}
    await rows.put(Affiliation, there)


def _contacts(territory: str, cast: Cast) -> Iterator[tuple[str, Values, Values]]:
    """Each contact by a key of their own, with what they are and to whom."""
    place = territory_id(territory)
    others = [key for key in sorted(cast.actors) if key not in SEVERAL]
    chosen = random.Random(territory).sample(others, min(OTHERS, len(others)))
    for key in [*(key for key in SEVERAL if key in cast.actors), *chosen]:
        actor = cast.actors[key]
        for n in range(SEVERAL.get(key, 1)):
            role = ROLES[actor.kind][n % len(ROLES[actor.kind])]
            yield f"{key}-{n}", _person(place, f"{territory}/{key}/{n}", role), _affiliation(place, actor, role)


def _person(place: UUID, seed: str, role: str) -> Values:
    words = Faker("fr_FR")
    words.seed_instance(seed)
    chance = random.Random(seed)
    first_name, last_name = words.first_name(), words.last_name()
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
