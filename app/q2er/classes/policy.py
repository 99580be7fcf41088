"""Who sees classes, and who may change them."""

from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, false, select
from sqlalchemy.orm import joinedload

from app.actors.models import Actor, ActorKind
from app.actors.policy import visible_to as actors_visible_to
from app.core.db import one_or_404
from app.core.routing import OpenSession
from app.identity.caller import Caller, CurrentCaller, Role
from app.q2er.classes.models import SchoolClass


def visible_to(caller: Caller) -> Select[SchoolClass]:
    """The collectivité sees the classes of its territories, a referent those of their school; no one else does."""
    classes = select(SchoolClass).options(joinedload(SchoolClass.school))
    classes = classes.where(SchoolClass.territory_id.in_(caller.territory_ids))
    match caller.role:
        case Role.COLLECTIVITE:
            return classes
        case Role.REFERENT:
            return classes.where(SchoolClass.school_id.in_(caller.school_ids))
        case Role.CLUB_MEMBER | Role.PARTNER | Role.OPERATOR:
            return classes.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller) -> Select[SchoolClass]:
    """Whoever sees a class may change it."""
    return visible_to(caller)


def schools_of(caller: Caller) -> Select[Actor]:
    """The schools whose classes the caller enters: a referent's own, or any for the collectivité."""
    schools = actors_visible_to(caller).where(Actor.kind == ActorKind.SCHOOL)
    return schools if caller.role is Role.COLLECTIVITE else schools.where(Actor.id.in_(caller.school_ids))


def tells_all_counts(caller: Caller, row: SchoolClass) -> bool:
    """Whether the caller is told counts of very few pupils too: only their own school is."""
    return row.school_id in caller.school_ids


async def load(class_id: UUID, caller: CurrentCaller, session: OpenSession) -> SchoolClass:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(SchoolClass.id == class_id))


VisibleClass = Annotated[SchoolClass, Depends(load)]
