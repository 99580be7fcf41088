"""Two territories and the rows of one case: what a caller asks for, and in which state it stands."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor, ActorExternalId
from app.actors.people.models import Affiliation, Person
from app.core import clock
from app.events.models import Event, EventExternalId
from app.identity.caller import Caller
from app.territories.models import Programme, StageStatus, Territory, Theme
from tests import factories

SOURCE = "partner-system"
ROLES = ("admin", "staff", "referent", "club", "partner", "operator")


def account_of(role: str) -> UUID:
    """The account the caller of a role has, in every world."""
    return uuid5(NAMESPACE_OID, role)


@dataclass
class World:
    """Territory `here` is the callers', `abroad` is not; each role has an organisation of its own."""

    session: AsyncSession
    here: Territory
    abroad: Territory
    school: Actor
    company: Actor
    named: Actor
    neighbour: Actor
    stranger: Actor
    foreign_theme: Theme

    def caller(self, role: str, **traits: Any) -> Caller:
        traits = {"id": f"{'client' if role == 'partner' else 'account'}:{account_of(role)}", **traits}
        match role:
            case "admin" | "staff":
                return factories.a_collectivite(self.here, admin=role == "admin", **traits)
            case "referent":
                return factories.a_referent(self.school, **traits)
            case "club":
                return factories.a_club_member(self.company, **traits)
            case "partner":
                return factories.a_partner(self.here, source=SOURCE, **traits)
            case _:
                return factories.an_operator(**traits)

    def territory(self, whose: str) -> Territory:
        return self.abroad if whose == "foreign" else self.here

    def actor(self, whose: str, role: str) -> Actor:
        own = {"referent": self.school, "partner": self.named}.get(role, self.company)
        return {"own": own, "foreign": self.stranger}.get(whose, self.neighbour)

    async def programme(self, whose: str, *statuses: StageStatus) -> Programme:
        programme = await factories.a_programme(self.session, self.territory(whose), stages=("one", "two"))
        for stage, status in zip(programme.stages, statuses, strict=False):
            stage.status = status
        await self.session.commit()
        return programme

    async def person(self, whose: str, role: str) -> tuple[Person, Affiliation]:
        actors = (self.actor(whose, role),)
        person = await factories.a_person(self.session, self.territory(whose), actors=actors)
        return person, person.affiliations[0]

    async def event(self, whose: str, role: str, *, published: bool, **traits: Any) -> Event:
        actor = self.actor(whose, role)
        event = await factories.an_event(
            self.session, self.territory(whose), published=published, organisers=(actor,), **traits
        )
        if whose == "own" and role == "partner":
            event.external_ids = [
                EventExternalId(
                    event_id=event.id, territory_id=event.territory_id, source=SOURCE, external_id=str(event.id)
                )
            ]
            await self.session.commit()
        return event


async def a_world(session: AsyncSession) -> World:
    here = await factories.a_territory(session, municipalities=("94018",))
    abroad = await factories.a_territory(session, municipalities=("94080",))
    named = await factories.an_actor(session, here)
    named.external_ids = [ActorExternalId(actor_id=named.id, territory_id=here.id, source=SOURCE, id="1")]
    await session.commit()
    return World(
        session, here, abroad,
        school=await factories.a_school(session, here), company=await factories.an_actor(session, here), named=named,
        neighbour=await factories.an_actor(session, here), stranger=await factories.an_actor(session, abroad),
        foreign_theme=await factories.a_theme(session, abroad),
    )  # fmt: skip


@dataclass
class Ask:
    """What a caller sends."""

    path: dict[str, Any]
    body: dict[str, Any] | None = None
    file: str | None = None


Prepare = Callable[[World, str, str], Awaitable[Ask]]


def a_file(text: str) -> Prepare:
    """A file to take in, as a preview: what becomes of its rows is told row by row."""

    async def prepare(_world: World, _whose: str, _role: str) -> Ask:
        return Ask({}, file=text)

    return prepare


async def nothing(_world: World, _whose: str, _role: str) -> Ask:
    return Ask({})


def territory(body: Callable[[World], dict[str, Any]] | None = None) -> Prepare:
    async def prepare(world: World, whose: str, _role: str) -> Ask:
        return Ask({"territory_id": world.territory(whose).id}, body(world) if body else None)

    return prepare


def made_in(**body: Any) -> Prepare:
    async def prepare(world: World, whose: str, _role: str) -> Ask:
        return Ask({}, {"territory_id": str(world.territory(whose).id), **body})

    return prepare


def theme(**body: Any) -> Prepare:
    async def prepare(world: World, whose: str, _role: str) -> Ask:
        return Ask({"theme_id": (await factories.a_theme(world.session, world.territory(whose))).id}, body or None)

    return prepare


def programme(**body: Any) -> Prepare:
    async def prepare(world: World, whose: str, _role: str) -> Ask:
        return Ask({"programme_id": (await world.programme(whose)).id}, body or None)

    return prepare


async def all_stages(world: World, whose: str, _role: str) -> Ask:
    programme = await world.programme(whose)
    return Ask({"programme_id": programme.id}, {"stage_ids": [str(stage.id) for stage in reversed(programme.stages)]})


def stage(status: StageStatus = StageStatus.PLANNED, body: dict[str, Any] | None = None) -> Prepare:
    async def prepare(world: World, whose: str, _role: str) -> Ask:
        return Ask({"stage_id": (await world.programme(whose, status)).stages[0].id}, body)

    return prepare


async def new_actor(world: World, whose: str, role: str) -> Ask:
    body: dict[str, Any] = {"territory_id": str(world.territory(whose).id), "name": "Nouveau", "kind": "company"}
    if role == "partner":
        body["external_ids"] = [{"source": SOURCE, "id": "new"}]
    return Ask({}, body)


def actor(**body: Any) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        return Ask({"actor_id": world.actor(whose, role).id}, body or None)

    return prepare


async def new_person(world: World, whose: str, role: str) -> Ask:
    body: dict[str, Any] = {"first_name": "Camille", "last_name": "Martin"}
    affiliations = [{"actor_id": str(world.actor(whose, role).id), "role": "Contact"}]
    return Ask({}, {**body, "territory_id": str(world.territory(whose).id), "affiliations": affiliations})


def person(**body: Any) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        return Ask({"person_id": (await world.person(whose, role))[0].id}, body or None)

    return prepare


async def new_affiliation(world: World, whose: str, role: str) -> Ask:
    person, affiliation = await world.person(whose, role)
    return Ask({"person_id": person.id}, {"actor_id": str(affiliation.actor_id), "role": "Présidente"})


def affiliation(**body: Any) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        return Ask({"affiliation_id": (await world.person(whose, role))[1].id}, body or None)

    return prepare


async def new_event(world: World, whose: str, role: str) -> Ask:
    starts_at = clock.now().replace(microsecond=0) + timedelta(days=9)
    body: dict[str, Any] = {
        "territory_id": str(world.territory(whose).id), "kind": "plenary", "title": "Nouveau",
        "starts_at": starts_at.isoformat(), "ends_at": (starts_at + timedelta(hours=1)).isoformat(),
        "organiser_ids": [str(world.actor(whose, role).id)],
    }  # fmt: skip
    if role == "partner" and whose == "own":
        body["external_ids"] = [{"source": SOURCE, "id": "new"}]
    return Ask({}, body)


def event(published: bool | None = None, body: dict[str, Any] | None = None, **traits: Any) -> Prepare:
    """`published`: None for an own or hidden draft and a neighbour's published one."""

    async def prepare(world: World, whose: str, role: str) -> Ask:
        is_published = whose == "neighbour" if published is None else published
        row = await world.event(whose, role, published=is_published, **traits)
        return Ask({"event_id": row.id}, body)

    return prepare


def rescheduled() -> dict[str, Any]:
    starts_at = clock.now().replace(microsecond=0) + timedelta(days=30)
    return {"starts_at": starts_at.isoformat(), "ends_at": (starts_at + timedelta(hours=1)).isoformat()}
