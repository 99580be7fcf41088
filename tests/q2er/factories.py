"""Rows of Q2ER for tests, each with sensible values for what a test does not name."""

from datetime import date
from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.core.db import let_see
from app.q2er.pupils.models import Guardian, Pupil, PupilExternalId

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
        "class_name": "2nde 4", "purge_on": date(2100, 9, 1), **traits,
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
