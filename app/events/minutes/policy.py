"""Who sees the minutes of events, and who writes them."""

from datetime import datetime
from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, and_, false, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.core.db import one_or_404, require_visible
from app.core.routing import OpenSession
from app.events.minutes import states
from app.events.minutes.models import Amendment, Minutes
from app.events.policy import has_actor, is_from
from app.events.registrations.policy import SHOWN_OF_EVENT, is_listed, is_out
from app.identity.caller import Caller, CurrentCaller, Role

EVERYTHING = (
    joinedload(Minutes.event).load_only(*SHOWN_OF_EVENT),
    selectinload(Minutes.amendments).selectinload(Amendment.corrections),
)


def visible_to(caller: Caller) -> Select[Minutes]:
    """The collectivité sees all of its territories; a school or an organisation those of events it took part in or
    was asked to, once they are out; a partner system those of events it sent."""
    minutes = select(Minutes).where(Minutes.territory_id.in_(caller.territory_ids)).options(*EVERYTHING)
    match caller.role:
        case Role.COLLECTIVITE:
            return minutes
        case Role.REFERENT | Role.CLUB_MEMBER:
            return minutes.where(Minutes.event.has(or_(and_(is_out(), has_actor(caller)), is_listed(caller))))
        case Role.PARTNER:
            return minutes.where(Minutes.event.has(is_from(caller)))
        case Role.OPERATOR:
            return minutes.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller) -> Select[Minutes]:
    """The collectivité writes, closes and amends."""
    minutes = visible_to(caller)
    return minutes if caller.role is Role.COLLECTIVITE else minutes.where(false())


def reads_text(caller: Caller, minutes: Minutes) -> bool:
    """Those who do not write minutes read them once they are closed."""
    return minutes.closed_at is not None or caller.role is Role.COLLECTIVITE


def tell_actions(minutes: Minutes, caller: Caller, now: datetime) -> None:
    """Put in `allowed_actions` what this caller, with this token, may do to the minutes now."""
    may = caller.role is Role.COLLECTIVITE and "events:write" in caller.scopes
    minutes.allowed_actions = states.allowed_actions(minutes, now) if may else []


async def load(minutes_id: UUID, caller: CurrentCaller, session: OpenSession) -> Minutes:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(Minutes.id == minutes_id))


async def load_editable(minutes_id: UUID, caller: CurrentCaller, session: OpenSession) -> Minutes:
    """Raises `NotFound`, or `NotAllowed` for minutes the caller only reads."""
    minutes = await load(minutes_id, caller, session)
    await require_visible(session, minutes, within=editable(caller))
    return minutes


VisibleMinutes = Annotated[Minutes, Depends(load)]
EditableMinutes = Annotated[Minutes, Depends(load_editable)]
