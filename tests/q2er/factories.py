"""Rows of Q2ER for tests, each with sensible values for what a test does not name."""

from datetime import date
from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.core import clock
from app.core.db import let_see
from app.core.publication import Publication
from app.q2er.classes.models import SchoolClass
from app.q2er.editions.models import Edition
from app.q2er.pupils.models import Guardian, Level, Pupil, PupilExternalId
from app.q2er.pupils.retention import school_year_of, today
from app.q2er.sequences.models import Sequence, SequenceKind
from app.territories.models import Programme, Territory
from tests import factories

_numbers = count(1)


async def a_pupil(
    session: AsyncSession,
    school: Actor,
    *,
    guardians: tuple[dict[str, Any], ...] = (),
    external_ids: tuple[tuple[str, str], ...] = (),
    **traits: Any,
) -> Pupil:
    """`guardians`: what is told of each; `external_ids`: source and name. From here on the session sees the school."""
    await let_see(session, school_ids=[school.id])
    number = next(_numbers)
    values = {
        "first_name": "Lina", "last_name": f"Durand {number}", "birth_date": date(2010, 5, 17),
        "class_name": "2nde 4", "school_year": school_year_of(today()), "purge_on": date(2100, 9, 1), **traits,
    }  # fmt: skip
    row = Pupil(territory_id=school.territory_id, school_id=school.id, **values)
    row.guardians = [
        Guardian(position=place, **{"first_name": "Ana", "last_name": "Durand", **told})
        for place, told in enumerate(guardians, 1)
    ]
    row.external_ids = [PupilExternalId(school_id=school.id, source=source, id=id_) for source, id_ in external_ids]
    session.add(row)
    await session.commit()
    return row


async def an_edition(
    session: AsyncSession,
    territory: Territory,
    *,
    programme: Programme | None = None,
    schools: tuple[Actor, ...] = (),
    sequences: int = 0,
    published: bool = False,
    **traits: Any,
) -> Edition:
    """`sequences`: how many it has. Of a programme of its own unless one is given."""
    programme = programme or await factories.a_programme(session, territory)
    values = {"school_year": "2016-2017", **traits}
    if published:
        values |= {"publication": Publication.PUBLISHED, "published_at": clock.now()}
    here = [await session.get_one(Actor, school.id) for school in schools]
    row = Edition(territory_id=territory.id, programme_id=programme.id, schools=here, **values)
    session.add(row)
    await session.commit()
    for position in range(1, sequences + 1):
        await a_sequence(session, row, position=position)
    return row


async def a_sequence(session: AsyncSession, edition: Edition, **traits: Any) -> Sequence:
    values = {
        "position": 1, "kind": SequenceKind.COMPANY_IN_SCHOOL, "title": f"Séquence {next(_numbers)}",
        "objectives": [], "audience": ["pupils"], **traits,
    }  # fmt: skip
    place = {name: getattr(edition, name) for name in ("territory_id", "school_year")}
    row = Sequence(edition_id=edition.id, edition=edition, **place, **values)
    session.add(row)
    await session.commit()
    return row


async def a_class(session: AsyncSession, school: Actor, **traits: Any) -> SchoolClass:
    values = {
        "school_year": "2016-2017", "name": f"2nde {next(_numbers)}", "level": Level.SECONDE, "headcount": 30, **traits,
    }  # fmt: skip
    row = SchoolClass(territory_id=school.territory_id, school_id=school.id, **values)
    session.add(row)
    await session.commit()
    return row
