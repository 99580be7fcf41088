"""Rows and callers for tests, each with the traits a test names and sensible values for the rest.

A factory flushes, never commits. Traits are the columns of the row, or the short ones each docstring names.
"""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from app.actors.models import Actor, ActorKind
from app.actors.people.models import Affiliation, Person
from app.core import clock
from app.core.db import let_see
from app.core.publication import Publication
from app.events.models import Event, EventActor, EventActorRole, EventExternalId, EventKind
from app.identity import rights
from app.identity.caller import Caller, Role
from app.territories.models import (
    Municipality,
    Programme,
    Stage,
    Territory,
    TerritoryKind,
    TerritoryMunicipality,
    Theme,
)

EVERY_SCOPE = frozenset(rights.SCOPES)
_numbers = count(1)


async def a_municipality(
    session: AsyncSession, insee_code: str = "94018", name: str = "Charenton-le-Pont"
) -> Municipality:
    return await session.merge(Municipality(insee_code=insee_code, name=name))


async def a_territory(session: AsyncSession, *, municipalities: tuple[str, ...] = (), **traits: Any) -> Territory:
    """`municipalities`: INSEE codes within it."""
    number = next(_numbers)
    row = Territory(
        **{
            "slug": f"territoire-{number}", "name": f"Territoire {number}", "kind": TerritoryKind.INTERMUNICIPALITY,
            "timezone": "Europe/Paris", "default_locale": "fr", **traits,
        },
        memberships=[], predecessors=[],
    )  # fmt: skip
    for code in municipalities:
        await a_municipality(session, code, f"Commune {code}")
        row.memberships.append(TerritoryMunicipality(insee_code=code))
    return await _added(session, row)


async def a_theme(session: AsyncSession, territory: Territory, **traits: Any) -> Theme:
    number = next(_numbers)
    values = {"slug": f"theme-{number}", "name": f"Thème {number}", "position": number, **traits}
    return await _added(session, Theme(territory_id=territory.id, **values))


async def a_programme(
    session: AsyncSession, territory: Territory, *, stages: tuple[str, ...] = (), **traits: Any
) -> Programme:
    """`stages`: their names, in order."""
    row = Programme(territory_id=territory.id, **{"name": f"Démarche {next(_numbers)}", "objectives": [], **traits})
    row.stages = [Stage(territory_id=territory.id, position=n, name=name) for n, name in enumerate(stages, 1)]
    return await _added(session, row)


async def an_actor(session: AsyncSession, territory: Territory, **traits: Any) -> Actor:
    """`themes`: its themes."""
    values = {"name": f"Acteur {next(_numbers)}", "kind": ActorKind.COMPANY, "listed": True, "themes": [], **traits}
    return await _added(session, Actor(territory_id=territory.id, external_ids=[], **values))


async def a_school(session: AsyncSession, territory: Territory, **traits: Any) -> Actor:
    return await an_actor(session, territory, **{"kind": ActorKind.SCHOOL, **traits})


async def a_person(
    session: AsyncSession, territory: Territory, *, actors: tuple[Actor, ...] = (), role: str = "Contact", **traits: Any
) -> Person:
    """`actors`: those they are `role` of. From here on the session sees all people of the territory."""
    await let_see(session, territory_ids=[territory.id], actor_ids=None)
    number = next(_numbers)
    row = Person(territory_id=territory.id, **{"first_name": "Camille", "last_name": f"Martin {number}", **traits})
    row.affiliations = [Affiliation(territory_id=territory.id, actor_id=actor.id, role=role) for actor in actors]
    return await _added(session, row)


async def an_event(
    session: AsyncSession,
    territory: Territory,
    *,
    published: bool = False,
    organisers: tuple[Actor, ...] = (),
    partners: tuple[Actor, ...] = (),
    sources: tuple[str, ...] = (),
    starts_in: timedelta = timedelta(days=7),
    lasts: timedelta = timedelta(hours=2),
    **traits: Any,
) -> Event:
    """`published`: seen by everyone now. `starts_in`, `lasts`: from this instant, unless dates are given.
    `sources`: other systems that name it.
    """
    starts_at: datetime = traits.pop("starts_at", None) or clock.now().replace(microsecond=0) + starts_in
    values: dict[str, Any] = {
        "kind": EventKind.PLENARY, "title": f"Événement {next(_numbers)}", "timezone": territory.timezone,
        "starts_at": starts_at, "ends_at": starts_at + lasts, "significant_at": clock.now(), "themes": [],
        "former_dates": [], **traits,
    }  # fmt: skip
    if published:
        values |= {"publication": Publication.PUBLISHED, "published_at": clock.now()}
    names = [
        EventExternalId(source=source, territory_id=territory.id, external_id=f"id-{next(_numbers)}")
        for source in sources
    ]
    row = Event(territory_id=territory.id, external_ids=names, **values)
    row.actors = [
        EventActor(actor_id=actor.id, role=role, position=position)
        for role, actors in ((EventActorRole.ORGANISER, organisers), (EventActorRole.PARTNER, partners))
        for position, actor in enumerate(actors, 1)
    ]
    return await _added(session, row)


async def _added(session: AsyncSession, row: Any) -> Any:
    session.add(row)
    await session.commit()
    return row


def a_caller(role: Role, *territories: Territory, scopes: frozenset[str] = EVERY_SCOPE, **traits: Any) -> Caller:
    """A caller of any role, working in the territories given."""
    ids = frozenset(territory.id for territory in territories)
    return Caller(**{"id": f"account:{uuid7()}", "role": role, "scopes": scopes, "territory_ids": ids, **traits})


def a_collectivite(*territories: Territory, admin: bool = False, **traits: Any) -> Caller:
    return a_caller(Role.COLLECTIVITE, *territories, is_admin=admin, **traits)


def a_referent(school: Actor, **traits: Any) -> Caller:
    return _of(Role.REFERENT, school.territory_id, school_ids=frozenset({school.id}), **traits)


def a_club_member(actor: Actor, **traits: Any) -> Caller:
    return _of(Role.CLUB_MEMBER, actor.territory_id, actor_ids=frozenset({actor.id}), **traits)


def a_partner(*territories: Territory, source: str = "partner-system", **traits: Any) -> Caller:
    return a_caller(Role.PARTNER, *territories, source=source, **traits)


def an_operator(**traits: Any) -> Caller:
    return a_caller(Role.OPERATOR, **traits)


def _of(role: Role, territory_id: UUID, **traits: Any) -> Caller:
    return a_caller(role, territory_ids=frozenset({territory_id}), **traits)
