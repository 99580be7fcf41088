"""Who sees pupils: the referent of their school, and nobody else. Row-level security holds the same rule
(`Caller.sight`, migration `pupils`): what is forgotten here stays shut there."""

from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, false, or_, select
from sqlalchemy.orm import selectinload

from app.core.db import one_or_404
from app.core.errors import NotAllowed
from app.core.routing import OpenSession
from app.identity.caller import Caller, CurrentCaller, Role
from app.identity.models import Account
from app.identity.trail.policy import TrailEntry
from app.q2er.pupils.models import Pupil


def visible_to(caller: Caller) -> Select[Pupil]:
    """A referent sees the pupils of their school who are not erased, merged entries too; nobody else sees any."""
    pupils = select(Pupil).options(selectinload(Pupil.guardians), selectinload(Pupil.external_ids))
    match caller.role:
        case Role.REFERENT:
            return pupils.where(Pupil.school_id.in_(caller.school_ids), Pupil.erased_at.is_(None))
        case Role.COLLECTIVITE | Role.CLUB_MEMBER | Role.PARTNER | Role.OPERATOR:
            return pupils.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller) -> Select[Pupil]:
    """Who sees a pupil answers for them. A merged entry stays as it is until the merge is undone."""
    return visible_to(caller).where(Pupil.merged_into_id.is_(None))


def duplicates_of(caller: Caller, pupil: Pupil) -> Select[Pupil]:
    """The entries merged into this one."""
    return visible_to(caller).where(Pupil.merged_into_id == pupil.id)


def require_may_add(caller: Caller, school_id: UUID) -> None:
    """Raises `NotAllowed` unless the caller is the referent of this school."""
    if caller.role is not Role.REFERENT or school_id not in caller.school_ids:
        raise NotAllowed(reason="out_of_sight")


def accesses_to(pupil: Pupil) -> Select[TrailEntry]:
    """The lines of the trail about a pupil within the caller's sight, and about the entries merged into them."""
    same = select(Pupil.id).where(or_(Pupil.id == pupil.id, Pupil.merged_into_id == pupil.id))
    return select(TrailEntry).where(TrailEntry.resource == Pupil.__resource__, TrailEntry.resource_id.in_(same))


def named(ids: set[UUID]) -> Select[Account]:
    """The accounts that read or changed a pupil: whoever answers for the pupil may say who that was."""
    return select(Account).where(Account.id.in_(ids))


async def load(pupil_id: UUID, caller: CurrentCaller, session: OpenSession) -> Pupil:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(Pupil.id == pupil_id))


VisiblePupil = Annotated[Pupil, Depends(load)]
