"""Who sees needs, and who may change them."""

from collections.abc import Iterable
from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import joinedload, with_expression

from app.core import clock
from app.core.db import one_or_404
from app.core.errors import ErrorAt, NotAllowed
from app.core.publication import PUBLICATION_MOVES, Publication, is_announced, stage_of
from app.core.routing import OpenSession
from app.core.states import verbs_from
from app.dialogue.needs.actions import has_action
from app.dialogue.needs.models import Need, NeedState
from app.dialogue.needs.states import MOVES, NeedVerb
from app.identity.caller import Caller, CurrentCaller, Role


def visible_to(caller: Caller) -> Select[Need]:
    """The collectivité sees all needs of its territories; others the published ones, and a school or an organisation
    those it voiced."""
    needs = select(Need).where(Need.territory_id.in_(caller.territory_ids))
    match caller.role:
        case Role.COLLECTIVITE:
            return needs
        case Role.REFERENT | Role.CLUB_MEMBER:
            return needs.where(or_(is_announced(Need), _is_own(caller)))
        case Role.PARTNER:
            return needs.where(is_announced(Need))
        case Role.OPERATOR:
            return needs.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller) -> Select[Need]:
    """The needs of which a caller answers just now."""
    return select(Need).where(_is_editable(caller))


def in_full(needs: Select[Need], caller: Caller) -> Select[Need]:
    """The same needs with all that is shown of them, and whether this caller may edit them."""
    return needs.options(
        joinedload(Need.theme),
        joinedload(Need.voiced_by),
        with_expression(Need.has_action, has_action()),
        with_expression(Need.is_editable, _is_editable(caller)),
    )


def tell_actions(caller: Caller, needs: Iterable[Need]) -> None:
    """Put in `allowed_actions` of each need what the caller may do with it now."""
    now = clock.now()
    for need in needs:
        verbs: list[str] = [NeedVerb.EDIT, NeedVerb.DELETE] if need.is_editable else []
        if is_animator(caller):
            verbs += [verb for verb in verbs_from(MOVES, need.state) if verb != NeedVerb.ADDRESS or need.has_action]
            verbs += verbs_from(PUBLICATION_MOVES, stage_of(need, now))
        need.allowed_actions = verbs if "needs:write" in caller.scopes else []


def is_animator(caller: Caller) -> bool:
    """Whether the caller qualifies, closes and publishes: the collectivité."""
    return caller.role is Role.COLLECTIVITE


def _is_editable(caller: Caller) -> ColumnElement[bool]:
    """The collectivité changes all; a school or an organisation what it voices, until it is qualified or published."""
    is_here = Need.territory_id.in_(caller.territory_ids)
    match caller.role:
        case Role.COLLECTIVITE:
            return is_here
        case Role.REFERENT | Role.CLUB_MEMBER:
            is_open = and_(Need.state == NeedState.VOICED, Need.publication == Publication.DRAFT)
            return and_(is_here, _is_own(caller), is_open)
        case Role.PARTNER | Role.OPERATOR:
            return false()
        case unknown:
            assert_never(unknown)


def _is_own(caller: Caller) -> ColumnElement[bool]:
    return Need.voiced_by_id.in_(caller.own_actor_ids)


async def load(need_id: UUID, caller: CurrentCaller, session: OpenSession) -> Need:
    """Raises `NotFound`."""
    return await one_or_404(session, in_full(visible_to(caller), caller).where(Need.id == need_id))


async def load_editable(need: Annotated[Need, Depends(load)], caller: CurrentCaller) -> Need:
    """Raises `NotFound`, or `NotAllowed` for a need the caller only reads, or changes no longer."""
    if not need.is_editable:
        raise NotAllowed(ErrorAt("#", "need_in_hand" if need.voiced_by_id in caller.own_actor_ids else "not_your_need"))
    return need


async def load_animated(need: Annotated[Need, Depends(load)], caller: CurrentCaller) -> Need:
    """Raises `NotFound`, or `NotAllowed` for who is not the collectivité."""
    if not is_animator(caller):
        raise NotAllowed(ErrorAt("#", "collectivite_only"))
    return need


VisibleNeed = Annotated[Need, Depends(load)]
EditableNeed = Annotated[Need, Depends(load_editable)]
AnimatedNeed = Annotated[Need, Depends(load_animated)]
