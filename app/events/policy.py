"""Who sees events, and who may change them."""

from datetime import datetime
from typing import Annotated, Any, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    case,
    column,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    table,
)
from sqlalchemy.orm import aliased, joinedload, selectinload, with_expression

from app.actors.models import Actor, ActorKind
from app.core.db import one_or_404
from app.core.errors import ErrorAt, NotAllowed
from app.core.publication import is_announced
from app.core.routing import OpenSession
from app.events import states
from app.events.models import AttendanceMode, Audience, Event, EventActor, EventActorRole, EventExternalId
from app.events.registrations.policy import is_listed
from app.identity.caller import Caller, CurrentCaller, Role

EVERYTHING = (
    joinedload(Event.municipality),
    selectinload(Event.themes),
    selectinload(Event.actors).joinedload(EventActor.actor),
    selectinload(Event.former_dates),
    selectinload(Event.external_ids),
)

Other, Tie, OtherTie = aliased(Event), aliased(EventActor), aliased(EventActor)
ONE_AT_A_TIME = (ActorKind.COMPANY, ActorKind.ASSOCIATION, ActorKind.OTHER)
"""Actors who are in one place: a school, a club or an administration has many people and sends them to several."""

# Of a domain above this one.
GROUPS = table("working_groups", column("id", Uuid), column("territory_id", Uuid))
SEQUENCES = table("sequences", column("id", Uuid), column("territory_id", Uuid), column("edition_id", Uuid))
EDITIONS = table("editions", column("id", Uuid), column("state", Text))
EDITION_SCHOOLS = table("edition_schools", column("edition_id", Uuid), column("actor_id", Uuid))
LEADS = table("working_group_leads", column("working_group_id", Uuid), column("actor_id", Uuid))


def visible_to(caller: Caller) -> Select[Event]:
    """The collectivité sees all of its territories; others what is announced there to the public or to partners,
    and what concerns them: events their school or organisation takes part in or is asked to, or that their system
    sent."""
    events = select(Event).where(Event.territory_id.in_(caller.territory_ids))
    match caller.role:
        case Role.COLLECTIVITE:
            return events
        case Role.REFERENT | Role.CLUB_MEMBER:
            return events.where(or_(_is_announced(), has_actor(caller), is_listed(caller)))
        case Role.PARTNER:
            return events.where(or_(_is_announced(), is_from(caller)))
        case Role.OPERATOR:
            return events.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller) -> Select[Event]:
    """The events of which a caller answers, however far they are; `states` says what may still be done to them."""
    return select(Event).where(_is_editable(caller))


def in_full(events: Select[Event], caller: Caller) -> Select[Event]:
    """The same events with all that is shown of them, and whether this caller may edit them."""
    return events.options(
        *EVERYTHING,
        with_expression(Event.is_editable, _is_editable(caller)),
        with_expression(Event.school_insee, _of_session(_school_insee())),
        with_expression(Event.is_place_taken, _of_session(_is_place_taken())),
        with_expression(Event.is_actor_busy, _of_session(_is_actor_busy())),
    )


async def load(event_id: UUID, caller: CurrentCaller, session: OpenSession) -> Event:
    """One event within the caller's sight. Raises `NotFound`."""
    return await one_or_404(session, in_full(visible_to(caller), caller).where(Event.id == event_id))


async def load_editable(event: Annotated[Event, Depends(load)]) -> Event:
    """One event of which the caller answers. Raises `NotFound` out of sight, `NotAllowed` within."""
    if not event.is_editable:
        raise NotAllowed(ErrorAt("#", "not_yours"))
    return event


VisibleEvent = Annotated[Event, Depends(load)]
EditableEvent = Annotated[Event, Depends(load_editable)]


def working_groups_meeting_by(caller: Caller, territory_id: UUID, id_: UUID) -> Select[Any]:
    """The working group with this id, if it is of the territory and the caller says which events are its own: the
    collectivité of all groups, a school or an organisation of those it leads or facilitates, now or before."""
    group = select(GROUPS.c.id).where(GROUPS.c.id == id_, GROUPS.c.territory_id == territory_id)
    if caller.role is Role.COLLECTIVITE:
        return group
    return group.join(LEADS, LEADS.c.working_group_id == GROUPS.c.id).where(LEADS.c.actor_id.in_(caller.own_actor_ids))


def sequences_held_by(caller: Caller, territory_id: UUID, id_: UUID) -> Select[Any]:
    """The state of the edition of the sequence with this id, if it is of the territory and the caller says which
    events are its sessions: the collectivité of all editions, a referent of those their school takes part in."""
    states_of = select(EDITIONS.c.state).join(SEQUENCES, SEQUENCES.c.edition_id == EDITIONS.c.id)
    states_of = states_of.where(SEQUENCES.c.id == id_, SEQUENCES.c.territory_id == territory_id)
    if caller.role is Role.COLLECTIVITE:
        return states_of
    own = exists(literal(1)).where(EDITION_SCHOOLS.c.edition_id == EDITIONS.c.id)
    return states_of.where(own.where(EDITION_SCHOOLS.c.actor_id.in_(caller.school_ids)))


def is_publisher(caller: Caller) -> bool:
    """Whether the caller decides what is announced: the collectivité, with a token that says so."""
    return caller.role is Role.COLLECTIVITE and "events:publish" in caller.scopes


def writes_source(caller: Caller, source: str) -> bool:
    """Whether the caller may give names of that system: its own, or any for the collectivité."""
    return source == caller.source if caller.source else caller.role is Role.COLLECTIVITE


def actions_of(event: Event, caller: Caller, now: datetime) -> list[states.Action]:
    """What this caller, with this token, may do to the event now."""
    if not event.is_editable:
        return []
    allowed = states.allowed_actions(event, now, is_publisher=is_publisher(caller))
    return [action for action in allowed if action in states.PUBLISHING or "events:write" in caller.scopes]


def _is_editable(caller: Caller) -> ColumnElement[bool]:
    is_here = Event.territory_id.in_(caller.territory_ids)
    match caller.role:
        case Role.COLLECTIVITE:
            return is_here
        case Role.REFERENT | Role.CLUB_MEMBER:
            return and_(is_here, has_actor(caller, EventActorRole.ORGANISER))
        case Role.PARTNER:
            return and_(is_here, is_from(caller))
        case Role.OPERATOR:
            return false()
        case unknown:
            assert_never(unknown)


def _of_session(told: ColumnElement[Any]) -> ColumnElement[Any]:
    """What is worked out for sessions of Q2ER alone."""
    return case((Event.sequence_id.is_not(None), told), else_=null())


def _school_insee() -> ColumnElement[Any]:
    """The commune of the first school of its edition that says its own; else the event's."""
    schools = EDITION_SCHOOLS.join(SEQUENCES, SEQUENCES.c.edition_id == EDITION_SCHOOLS.c.edition_id)
    of_it = select(func.min(Actor.insee_code)).select_from(schools.join(Actor, Actor.id == EDITION_SCHOOLS.c.actor_id))
    return func.coalesce(of_it.where(SEQUENCES.c.id == Event.sequence_id).scalar_subquery(), Event.insee_code)


def _at_the_same_time() -> ColumnElement[bool]:
    """Other sessions of the territory, that are not called off, while this one is on."""
    return and_(
        Other.territory_id == Event.territory_id,
        Other.sequence_id.is_not(None),
        Other.id != Event.id,
        Other.starts_at < Event.ends_at,
        Other.ends_at > Event.starts_at,
        Other.status.not_in(states.CALLED_OFF),
    )


def _is_place_taken() -> ColumnElement[bool]:
    is_there = and_(
        func.searchable(Other.place_name) == func.searchable(Event.place_name),
        Other.insee_code.is_not_distinct_from(Event.insee_code),
        Other.attendance_mode != AttendanceMode.ONLINE,
    )
    is_somewhere = Event.attendance_mode != AttendanceMode.ONLINE
    return and_(is_somewhere, exists(literal(1)).where(_at_the_same_time(), is_there))


def _is_actor_busy() -> ColumnElement[bool]:
    shared = exists(literal(1)).where(
        _at_the_same_time(),
        OtherTie.event_id == Other.id,
        Tie.event_id == Event.id,
        Tie.actor_id == OtherTie.actor_id,
        Actor.id == Tie.actor_id,
        Actor.kind.in_(ONE_AT_A_TIME),
    )
    return shared.correlate(Event)


def _is_announced() -> ColumnElement[bool]:
    """Published, not under embargo, and meant for more than the collectivité."""
    return and_(is_announced(Event), Event.audience.in_((Audience.PUBLIC, Audience.PARTNERS)))


def has_actor(caller: Caller, *roles: EventActorRole) -> ColumnElement[bool]:
    """Events in which an organisation of the caller's has one of these roles; none named: any."""
    own = exists(literal(1)).where(EventActor.event_id == Event.id, EventActor.actor_id.in_(caller.own_actor_ids))
    return own.where(EventActor.role.in_(roles)) if roles else own


def is_from(caller: Caller) -> ColumnElement[bool]:
    """Events the caller's system sent."""
    if caller.source is None:
        return false()
    return exists(literal(1)).where(EventExternalId.event_id == Event.id, EventExternalId.source == caller.source)
