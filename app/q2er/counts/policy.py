"""Who is told of what an edition reached: whoever works in its territory, by counts; a school, its own pupils."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true

from app.core.db import one_or_404
from app.core.errors import NotAllowed
from app.core.routing import OpenSession
from app.identity.caller import Caller, CurrentCaller, Role
from app.q2er.classes.models import SchoolClass
from app.q2er.editions.models import Edition, edition_schools
from app.q2er.editions.policy import visible_to as editions_visible_to
from app.q2er.participations.models import Participation
from app.q2er.pupils import policy as pupils_policy
from app.q2er.pupils.models import CODES, Pupil
from app.q2er.sequences.models import Sequence


def is_inside(caller: Caller) -> bool:
    """Whether the caller may know who the pupils are: then they see those of their school, and count no others."""
    return caller.role is Role.REFERENT


def classes_counted(caller: Caller, edition: Edition) -> Select[SchoolClass]:
    """The classes of an edition: of its schools, or that took part; of a referent, those of their school."""
    schools = select(edition_schools.c.actor_id).where(edition_schools.c.edition_id == edition.id)
    of_edition = select(Sequence.id).where(Sequence.edition_id == edition.id)
    took_part = select(func.coalesce(Participation.class_id, Participation.of_class_id)).where(
        Participation.sequence_id.in_(of_edition)
    )
    is_of_year = and_(SchoolClass.school_year == edition.school_year, SchoolClass.school_id.in_(schools))
    return select(SchoolClass).where(
        SchoolClass.territory_id == edition.territory_id,
        or_(is_of_year, SchoolClass.id.in_(took_part)),
        _is_own_school(caller, SchoolClass.school_id),
    )


def pupils_of(caller: Caller, edition: Edition) -> Select[Pupil]:
    """The pupils of the caller's school that an edition is for: entered for its school year, or who took part."""
    of_edition = select(Sequence.id).where(Sequence.edition_id == edition.id)
    took_part = (
        select(CODES.c.one_id)
        .join(Participation, Participation.pupil_id == CODES.c.id)
        .where(Participation.sequence_id.in_(of_edition))
    )
    is_of_year = Pupil.school_year == edition.school_year
    return pupils_policy.editable(caller).where(
        Pupil.territory_id == edition.territory_id, or_(is_of_year, Pupil.id.in_(took_part))
    )


def require_inside(caller: Caller) -> None:
    """Raises `NotAllowed`: only a school asks about days, since two counts that differ by a day tell of that day."""
    if not is_inside(caller):
        raise NotAllowed(reason="school_only")


def _is_own_school(caller: Caller, school_id: Any) -> ColumnElement[bool]:
    return school_id.in_(caller.school_ids) if is_inside(caller) else true()


async def load(edition_id: UUID, caller: CurrentCaller, session: OpenSession) -> Edition:
    """An edition the caller sees. Raises `NotFound`."""
    return await one_or_404(session, editions_visible_to(caller).where(Edition.id == edition_id))


CountedEdition = Annotated[Edition, Depends(load)]
