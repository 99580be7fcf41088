"""Who sees registrations, and who may change them. Names come through the people's own wall: a person out of the
caller's sight is null in a registration within it."""

from datetime import datetime
from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import ColumnElement, Select, Subquery, and_, case, exists, false, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased, joinedload, selectinload, with_expression

from app.actors.models import Actor
from app.actors.people.models import Affiliation, Person
from app.core import clock
from app.core.db import one_or_404, require_visible
from app.core.publication import Publication
from app.core.routing import OpenSession
from app.events.minutes.models import Minutes
from app.events.models import Event
from app.events.registrations import states
from app.events.registrations.models import Registration, RegistrationExternalId, RegistrationStatus
from app.identity.caller import Caller, CurrentCaller, Role

SHOWN_OF_EVENT = (
    Event.title, Event.kind, Event.starts_at, Event.ends_at, Event.timezone, Event.status, Event.publication,
    Event.publish_at, Event.submitted_at, Event.registration_mode, Event.capacity, Event.has_waitlist,
    Event.seats_taken,
)  # fmt: skip
EVERYTHING = (
    joinedload(Registration.event).load_only(*SHOWN_OF_EVENT),
    joinedload(Registration.person).load_only(Person.first_name, Person.last_name),
    joinedload(Registration.actor).load_only(Actor.name, Actor.kind),
    selectinload(Registration.external_ids),
)


def visible_to(caller: Caller) -> Select[Registration]:
    """The collectivité sees all of its territories; a school or an organisation its own, once the event is out; a
    partner system those it named with a source of its own."""
    registrations = select(Registration).where(Registration.territory_id.in_(caller.territory_ids))
    match caller.role:
        case Role.COLLECTIVITE:
            return registrations
        case Role.REFERENT | Role.CLUB_MEMBER:
            return registrations.where(is_own(caller), Registration.event.has(is_out()))
        case Role.PARTNER:
            return registrations.where(Registration.external_ids.any(RegistrationExternalId.source == caller.source))
        case Role.OPERATOR:
            return registrations.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller) -> Select[Registration]:
    """Who sees a registration answers for it; `states` says what may be done with it, and what only by a host."""
    return visible_to(caller)


def is_host(caller: Caller) -> bool:
    """Whether the caller keeps the lists of events: invites, and notes who came."""
    return caller.role is Role.COLLECTIVITE


def is_own(caller: Caller) -> ColumnElement[bool]:
    """Registrations of the caller's organisations: of themselves, on their behalf, or, on nobody's behalf, of people
    who are or were theirs."""
    return Registration.id.in_(select(_own(caller).c.id))


def is_listed(caller: Caller) -> ColumnElement[bool]:
    """Events that are out, whatever their audience, on whose list stands a live registration of the caller's own."""
    own = _own(caller)
    return and_(is_out(), Event.id.in_(select(own.c.event_id).where(own.c.status != RegistrationStatus.CANCELLED)))


def _own(caller: Caller) -> Subquery:
    row, actors = aliased(Registration), caller.own_actor_ids
    shown = select(row.id, row.event_id, row.status)
    of_actors = shown.where(row.actor_id.in_(actors))
    of_people = shown.join(Affiliation, Affiliation.person_id == row.person_id).where(
        Affiliation.actor_id.in_(actors), row.actor_id.is_(None)
    )
    return union_all(of_actors, of_people).subquery()


def in_full(registrations: Select[Registration]) -> Select[Registration]:
    """The same registrations with all that is shown of them."""
    before = aliased(Registration)
    waiting = select(func.count(before.id)).where(
        before.event_id == Registration.event_id, before.waitlist_place <= Registration.waitlist_place
    )
    closed = exists(literal(1)).where(Minutes.event_id == Registration.event_id, Minutes.closed_at.is_not(None))
    place = case((Registration.waitlist_place.is_not(None), waiting.scalar_subquery()), else_=None)
    return registrations.options(
        *EVERYTHING,
        with_expression(Registration.waitlist_position, place),
        with_expression(Registration.is_meeting_closed, closed),
    )


def tell_actions(registration: Registration, caller: Caller, now: datetime) -> None:
    """Put in `allowed_actions` what this caller, with this token, may do with the registration now."""
    may = "registrations:write" in caller.scopes
    actions = states.allowed_actions(registration, now, is_host=is_host(caller))
    registration.allowed_actions = list(actions) if may else []


def on_list_of(event: Event) -> Select[Registration]:
    """All registrations on an event; for a host, who sees them all."""
    return select(Registration).where(Registration.event_id == event.id)


async def load(registration_id: UUID, caller: CurrentCaller, session: OpenSession) -> Registration:
    """Raises `NotFound`."""
    return await one_or_404(session, in_full(visible_to(caller)).where(Registration.id == registration_id))


async def load_editable(registration_id: UUID, caller: CurrentCaller, session: OpenSession) -> Registration:
    """Raises `NotFound`, or `NotAllowed` for a registration the caller only reads."""
    registration = await load(registration_id, caller, session)
    await require_visible(session, registration, within=editable(caller))
    return registration


VisibleRegistration = Annotated[Registration, Depends(load)]
EditableRegistration = Annotated[Registration, Depends(load_editable)]


def is_out() -> ColumnElement[bool]:
    """No draft, and not under embargo, whatever its audience."""
    return and_(
        Event.publication != Publication.DRAFT, or_(Event.publish_at.is_(None), Event.publish_at <= clock.now())
    )
