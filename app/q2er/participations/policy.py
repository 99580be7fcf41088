"""Who sees participations, and who enters which: a school its classes and pupils, others their own."""

from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import ColumnElement, Select, exists, false, func, literal, or_, select

from app.actors.people.models import Affiliation
from app.core.db import one_or_404, require_visible
from app.core.routing import OpenSession
from app.identity.caller import Caller, CurrentCaller, Role
from app.q2er.classes.models import SchoolClass
from app.q2er.participations.models import Participation
from app.q2er.pupils import policy as pupils_policy
from app.q2er.pupils.models import Pupil


def visible_to(caller: Caller) -> Select[Participation]:
    """The collectivité sees all of its territories but pupils'; a referent those of actors, and of the classes,
    pupils and people of their school; a club member those of their organisation and its people."""
    rows = select(Participation).where(Participation.territory_id.in_(caller.territory_ids))
    match caller.role:
        case Role.COLLECTIVITE:
            return rows.where(Participation.pupil_id.is_(None))
        case Role.REFERENT:
            return rows.where(or_(Participation.actor_id.is_not(None), _is_of_school(caller), _is_of_people(caller)))
        case Role.CLUB_MEMBER:
            return rows.where(or_(Participation.actor_id.in_(caller.actor_ids), _is_of_people(caller)))
        case Role.PARTNER | Role.OPERATOR:
            return rows.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller) -> Select[Participation]:
    """The collectivité enters actors and people, a referent the classes, pupils and people of their school, a club
    member their organisation and its people."""
    rows = visible_to(caller)
    match caller.role:
        case Role.COLLECTIVITE:
            return rows.where(Participation.class_id.is_(None))
        case Role.REFERENT:
            own = Participation.actor_id.in_(caller.school_ids)
            return rows.where(or_(own, _is_of_school(caller), _is_of_people(caller)))
        case Role.CLUB_MEMBER | Role.PARTNER | Role.OPERATOR:
            return rows
        case unknown:
            assert_never(unknown)


def classes_named(caller: Caller) -> Select[SchoolClass]:
    """The classes a participation may name."""
    return select(SchoolClass).where(SchoolClass.territory_id.in_(caller.territory_ids))


def pupils_in(caller: Caller, of: SchoolClass) -> Select[Pupil]:
    """The pupils of the caller's school who are in a class, by its name in its school year."""
    is_in = func.searchable(Pupil.class_name) == of.sort_name
    return pupils_policy.editable(caller).where(
        Pupil.school_id == of.school_id, Pupil.school_year == of.school_year, is_in
    )


def _is_of_school(caller: Caller) -> ColumnElement[bool]:
    return Participation.school_id.in_(caller.school_ids)


def _is_of_people(caller: Caller) -> ColumnElement[bool]:
    """Of people who are, or were, of the caller's school or organisation."""
    return exists(literal(1)).where(
        Affiliation.person_id == Participation.person_id, Affiliation.actor_id.in_(caller.own_actor_ids)
    )


async def load(participation_id: UUID, caller: CurrentCaller, session: OpenSession) -> Participation:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(Participation.id == participation_id))


async def load_editable(participation_id: UUID, caller: CurrentCaller, session: OpenSession) -> Participation:
    """Raises `NotFound`, or `NotAllowed` for one the caller only reads."""
    participation = await load(participation_id, caller, session)
    await require_visible(session, participation, within=editable(caller))
    return participation


VisibleParticipation = Annotated[Participation, Depends(load)]
EditableParticipation = Annotated[Participation, Depends(load_editable)]
