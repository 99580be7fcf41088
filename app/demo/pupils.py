"""Pupils of the demonstration's school this school year. All are invented, and marked so.

Ten of them are canaries: their names, like no others, must never be met outside the school. Who looks at what the
platform says to anyone else looks for `CANARY`.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from faker import Faker

from app.actors.models import Actor
from app.demo.actors import Cast, slug
from app.demo.rows import Rows, demo_id
from app.q2er.classes.models import SchoolClass
from app.q2er.pupils.models import Guardian, Level, Pupil, PupilExternalId
from app.q2er.pupils.retention import FIRST_MONTH, purge_day, school_year_of

Values = dict[str, Any]

CLASSES = {
    "2nde 1": Level.SECONDE, "2nde 2": Level.SECONDE, "2nde 3": Level.SECONDE, "2nde 4": Level.SECONDE,
    "1re 1": Level.PREMIERE, "1re 2": Level.PREMIERE, "1re STMG": Level.PREMIERE, "Tle 1": Level.TERMINALE,
}  # fmt: skip
PER_CLASS = 25
"""200 pupils in all, as many as the source says an edition reaches."""
CANARIES = 10
CANARY = "Zzcanari"
"""In every name, address and identifier of a canary."""
AGES = {Level.SECONDE: 15, Level.PREMIERE: 16, Level.TERMINALE: 17}
"""How old most pupils of a level are in the year it begins in."""
TWO_GUARDIANS_SHARE = 0.7
KEPT_YEARS = 1
WORDS = Faker("fr_FR")


async def put_pupils(rows: Rows, cast: Cast, *, today: date) -> None:
    """Write the classes of the school year `today` is in, and their pupils with their guardians."""
    school = cast.actors["school"]
    year = school_year_of(today)
    classes = {demo_id("class", year, name): _class(school, year, name) for name in CLASSES}
    await rows.put(SchoolClass, classes)
    await rows.put(Pupil, dict(_pupils(school, year)), Pupil.guardians, Pupil.external_ids)


def _class(school: Actor, year: str, name: str) -> Values:
    return {
        "territory_id": school.territory_id, "school_id": school.id, "school_year": year, "name": name,
        "level": CLASSES[name], "headcount": PER_CLASS, "is_demonstration": True,
    }  # fmt: skip


def _pupils(school: Actor, year: str) -> Iterator[tuple[UUID, Values]]:
    """Each by the identifier of their place in the school, the canaries spread over the classes."""
    begins = date(int(year[:4]), FIRST_MONTH, 1)
    for place, name in enumerate(CLASSES):
        for n in range(PER_CLASS):
            number = place * PER_CLASS + n
            every = len(CLASSES) * PER_CLASS // CANARIES
            canary = f"{CANARY}-{number // every:02d}" if number % every == 0 else None
            pupil = _pupil(f"{year}/{number}", begins, CLASSES[name], canary)
            told = {
                "territory_id": school.territory_id, "school_id": school.id, "class_name": name,
                "level": CLASSES[name], "school_year": year, "purge_on": purge_day(begins, KEPT_YEARS),
                "is_demonstration": True,
                "external_ids": [PupilExternalId(school_id=school.id, source="pronote", id=canary or f"{number:04d}")],
            }  # fmt: skip
            yield demo_id("pupil", year, str(number)), {**pupil, **told}


def _pupil(seed: str, begins: date, level: Level, canary: str | None) -> Values:
    WORDS.seed_instance(seed)
    chance = random.Random(seed)
    last_name = canary or WORDS.last_name()
    born = date(begins.year - AGES[level], 1, 1) + timedelta(days=chance.randrange(365))
    guardians = [_guardian(1, last_name, canary)]
    if chance.random() < TWO_GUARDIANS_SHARE:
        guardians.append(_guardian(2, canary or WORDS.last_name(), canary))
    return {
        "first_name": f"{canary}-plume" if canary else WORDS.first_name(),
        "last_name": last_name, "birth_date": born, "guardians": guardians,
    }  # fmt: skip


def _guardian(position: int, last_name: str, canary: str | None) -> Guardian:
    first_name = f"{canary}-nid" if canary else WORDS.first_name()
    address = f"{slug(first_name)}.{slug(last_name)}@demo.example"
    return Guardian(position=position, first_name=first_name, last_name=last_name, email=address)
