"""Who sees partnerships, their details and reviews, and who may change them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import ColumnElement, Select, exists, false, literal, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.core import clock
from app.core.db import one_or_404, require_visible
from app.core.errors import ErrorAt, NotAllowed
from app.core.publication import PUBLICATION_MOVES, is_announced, stage_of
from app.core.routing import OpenSession
from app.core.states import verbs_from
from app.identity.caller import Caller, CurrentCaller, Role
from app.partnerships.models import Partnership, Party
from app.partnerships.states import PartnershipVerb, verbs_of


def visible_to(caller: Caller) -> Select[Partnership]:
    """The collectivité sees all partnerships of its territories; others the published ones, and a school or an
    organisation those it is party to."""
    rows = (
        select(Partnership)
        .where(Partnership.territory_id.in_(caller.territory_ids))
        .options(joinedload(Partnership.theme), selectinload(Partnership.parties).joinedload(Party.actor))
    )
    match caller.role:
        case Role.COLLECTIVITE:
            return rows
        case Role.REFERENT | Role.CLUB_MEMBER:
            return rows.where(or_(is_announced(Partnership), _is_party(caller)))
        case Role.PARTNER:
            return rows.where(is_announced(Partnership))
        case Role.OPERATOR:
            return rows.where(false())
        case unknown:
            assert_never(unknown)


def involving(caller: Caller) -> Select[Partnership]:
    """Those whose details (what each gives, what it looks for, the balance) the caller sees: the collectivité those
    of its territories, a school or an organisation those it is party to."""
    rows = visible_to(caller)
    return rows if caller.role is Role.COLLECTIVITE else rows.where(_is_party(caller))


def editable(caller: Caller) -> Select[Partnership]:
    """The collectivité writes the partnerships of its territories; no one else does."""
    rows = visible_to(caller)
    return rows if caller.role is Role.COLLECTIVITE else rows.where(false())


def tell_actions(caller: Caller, partnerships: Iterable[Partnership]) -> None:
    """Put in `allowed_actions` of each partnership what the caller may do with it now."""
    now = clock.now()
    for partnership in partnerships:
        partnership.allowed_actions = [*_writing(caller, partnership), *_publishing(caller, partnership, now)]


def _writing(caller: Caller, partnership: Partnership) -> list[PartnershipVerb]:
    is_writer = caller.role is Role.COLLECTIVITE and "partnerships:write" in caller.scopes
    return [PartnershipVerb.EDIT, PartnershipVerb.DELETE, *verbs_of(partnership)] if is_writer else []


def _publishing(caller: Caller, partnership: Partnership, now: datetime) -> list[str]:
    is_publisher = caller.role is Role.COLLECTIVITE and "partnerships:publish" in caller.scopes
    return list(verbs_from(PUBLICATION_MOVES, stage_of(partnership, now))) if is_publisher else []


def _is_party(caller: Caller) -> ColumnElement[bool]:
    own = Party.actor_id.in_(caller.own_actor_ids)
    return exists(literal(1)).where(Party.partnership_id == Partnership.id, own)


async def load(partnership_id: UUID, caller: CurrentCaller, session: OpenSession) -> Partnership:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(Partnership.id == partnership_id))


async def load_involving(
    partnership: Annotated[Partnership, Depends(load)], caller: CurrentCaller, session: OpenSession
) -> Partnership:
    """Raises `NotFound`, or `NotAllowed` for a published one the caller is not party to."""
    mine = involving(caller).where(Partnership.id == partnership.id).with_only_columns(Partnership.id)
    if await session.scalar(mine) is None:
        raise NotAllowed(ErrorAt("path:partnership_id", "not_a_party"))
    return partnership


async def load_editable(
    partnership: Annotated[Partnership, Depends(load)], caller: CurrentCaller, session: OpenSession
) -> Partnership:
    """Raises `NotFound`, or `NotAllowed` for a partnership the caller only reads."""
    await require_visible(session, partnership, within=editable(caller))
    return partnership


VisiblePartnership = Annotated[Partnership, Depends(load)]
InvolvingPartnership = Annotated[Partnership, Depends(load_involving)]
EditablePartnership = Annotated[Partnership, Depends(load_editable)]
