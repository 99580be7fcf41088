"""Who sees editions, and who may change them."""

from collections.abc import Iterable
from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import ColumnElement, Select, exists, false, func, literal, or_, select
from sqlalchemy.orm import aliased, selectinload, with_expression

from app.actors.models import Actor, ActorKind
from app.actors.policy import visible_to as actors_visible_to
from app.core import clock
from app.core.db import one_or_404, require_visible
from app.core.publication import PUBLICATION_MOVES, is_announced, stage_of
from app.core.routing import OpenSession
from app.core.states import verbs_from
from app.identity.caller import Caller, CurrentCaller, Role
from app.q2er.editions.models import Edition, EditionState, edition_schools
from app.q2er.editions.states import MOVES, EditionVerb

UpToIt = aliased(Edition)
NUMBER = (
    select(func.count())
    .where(UpToIt.programme_id == Edition.programme_id, UpToIt.school_year <= Edition.school_year)
    .correlate(Edition)
    .scalar_subquery()
)


def visible_to(caller: Caller) -> Select[Edition]:
    """The collectivité sees all editions of its territories; a school and an organisation what is published, has
    begun, or is for the school itself; a partner system what is published."""
    editions = select(Edition).where(Edition.territory_id.in_(caller.territory_ids))
    match caller.role:
        case Role.COLLECTIVITE:
            return editions
        case Role.REFERENT | Role.CLUB_MEMBER:
            has_begun = Edition.state != EditionState.PREPARING
            return editions.where(or_(is_announced(Edition), has_begun, _is_for_own_school(caller)))
        case Role.PARTNER:
            return editions.where(is_announced(Edition))
        case Role.OPERATOR:
            return editions.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller) -> Select[Edition]:
    """The collectivité animates all editions of its territories, a referent those their school takes part in."""
    editions = visible_to(caller)
    match caller.role:
        case Role.COLLECTIVITE:
            return editions
        case Role.REFERENT:
            return editions.where(_is_for_own_school(caller))
        case Role.CLUB_MEMBER | Role.PARTNER | Role.OPERATOR:
            return editions.where(false())
        case unknown:
            assert_never(unknown)


def publishable(caller: Caller) -> Select[Edition]:
    """Only the collectivité says what becomes public."""
    editions = visible_to(caller)
    return editions if caller.role is Role.COLLECTIVITE else editions.where(false())


def in_full(editions: Select[Edition]) -> Select[Edition]:
    """The same editions with their number and their schools."""
    return editions.options(selectinload(Edition.schools), with_expression(Edition.number, NUMBER))


def schools_in(caller: Caller, territory_id: UUID) -> Select[Actor]:
    """The schools of a territory: those an edition of it can be for."""
    return actors_visible_to(caller).where(Actor.territory_id == territory_id, Actor.kind == ActorKind.SCHOOL)


def tell_actions(caller: Caller, editions: Iterable[Edition]) -> None:
    """Put in `allowed_actions` of each edition what the caller may do with it now."""
    now = clock.now()
    is_publisher = caller.role is Role.COLLECTIVITE and "q2er:publish" in caller.scopes
    for edition in editions:
        verbs = list(_working_verbs(caller, edition)) if _animates(caller, edition) else []
        announcing = verbs_from(PUBLICATION_MOVES, stage_of(edition, now)) if is_publisher else []
        edition.allowed_actions = [*verbs, *announcing]


def _working_verbs(caller: Caller, edition: Edition) -> Iterable[EditionVerb]:
    yield EditionVerb.EDIT
    yield EditionVerb.DELETE
    if edition.state is not EditionState.CLOSED:
        yield EditionVerb.REORDER
    yield from verbs_from(MOVES, edition.state)
    if may_replicate(caller):
        yield EditionVerb.REPLICATE


def may_replicate(caller: Caller) -> bool:
    """Whether the caller makes editions out of others: the collectivité, whose all sessions of the new one are."""
    return caller.role is Role.COLLECTIVITE and {"q2er:write", "events:write"} <= caller.scopes


def _animates(caller: Caller, edition: Edition) -> bool:
    is_own = caller.role is Role.REFERENT and any(school.id in caller.school_ids for school in edition.schools)
    return (caller.role is Role.COLLECTIVITE or is_own) and "q2er:write" in caller.scopes


def _is_for_own_school(caller: Caller) -> ColumnElement[bool]:
    own = exists(literal(1)).where(edition_schools.c.edition_id == Edition.id)
    return own.where(edition_schools.c.actor_id.in_(caller.school_ids))


async def load(edition_id: UUID, caller: CurrentCaller, session: OpenSession) -> Edition:
    """Raises `NotFound`."""
    return await one_or_404(session, in_full(visible_to(caller)).where(Edition.id == edition_id))


async def load_editable(edition_id: UUID, caller: CurrentCaller, session: OpenSession) -> Edition:
    """Raises `NotFound`, or `NotAllowed` for an edition the caller only reads."""
    edition = await load(edition_id, caller, session)
    await require_visible(session, edition, within=editable(caller))
    return edition


async def load_publishable(edition_id: UUID, caller: CurrentCaller, session: OpenSession) -> Edition:
    """Raises `NotFound`, or `NotAllowed` for an edition the caller does not publish."""
    edition = await load(edition_id, caller, session)
    await require_visible(session, edition, within=publishable(caller))
    return edition


VisibleEdition = Annotated[Edition, Depends(load)]
EditableEdition = Annotated[Edition, Depends(load_editable)]
PublishableEdition = Annotated[Edition, Depends(load_publishable)]
