"""Pupils nobody may meet: their names are looked for in everything the platform says to anyone but their school.

One test over all operations: a new one is asked as soon as it stands in the matrix.
"""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.journal import attribute_to
from app.events.registrations.models import Attendance
from app.main import create_api
from tests.conftest import SETTINGS, House, OneTransaction
from tests.permissions.prepare import PREPARE
from tests.permissions.test_matrix import ROUTES, ask
from tests.permissions.world import ROLES, Ask, World, a_world
from tests.q2er.factories import a_class, a_pupil, a_sequence, an_edition
from tests.q2er.sessions import THIS_YEAR, a_participation, a_session

CANARY = "zzcanari"
"""In every name, address and identifier of these pupils, and in nothing else."""
OUTSIDE = [role for role in ROLES if role != "referent"]
READS = sorted(name for name, route in ROUTES.items() if route.methods and "GET" in route.methods)
PUBLIC = sorted(
    path for path in create_api(SETTINGS, None).openapi()["paths"] if path.startswith(("/v1/public/", "/embed"))
)
FOLDED = "SELECT t::text FROM {} AS t"
IDLE = ("journal", "audit", "tombstones", "erasures", "events", "classes", "editions", "sequences", "participations")
"""Tables that outlive a pupil, or that are read without their school: no name is ever copied there."""


class Flock:
    """Ten pupils of the world's school, who took part in all there is, and what names them in addresses."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.path: dict[str, Any] = {}

    async def settle(self) -> None:
        """Write them, their guardians and identifiers, a class, a session and what they thought of it."""
        session, school = self.world.session, self.world.school
        edition = await an_edition(session, self.world.here, schools=(school,), school_year=THIS_YEAR, published=True)
        event = await a_session(session, await a_sequence(session, edition))
        of = await a_class(session, school, school_year=THIS_YEAR, name="2nde 4")
        for number in range(10):
            name = f"{CANARY}-{number}"
            guardian = {"first_name": name, "last_name": name, "email": f"{name}@example.org"}
            pupil = await a_pupil(
                session, school, first_name=f"{name}-plume", last_name=f"{name}-bec", guardians=(guardian, guardian),
                external_ids=(("ent", name),), class_name=of.name,
            )  # fmt: skip
            score = {"feedback_score": 4, "attendance": Attendance.ATTENDED}
            mine = {"pupil_id": pupil.id, "school_id": school.id, "of_class_id": of.id}
            row = await a_participation(session, event, **mine, **score)
        self.path = {
            "pupil_id": pupil.id, "participation_id": row.id, "edition_id": edition.id, "event_id": event.id,
            "class_id": of.id, "school_class_id": of.id, "sequence_id": event.sequence_id, "actor_id": school.id,
            "id": event.id, "slug": self.world.here.slug,
        }  # fmt: skip


@pytest.fixture
async def flock(session: AsyncSession) -> Flock:
    flock = Flock(await a_world(session))
    await flock.settle()
    return flock


async def told_by(client: AsyncClient, path: str, **query: str) -> str:
    answer = await client.get(path, params=query)
    assert answer.status_code < 500, (path, query)
    return f"{answer.headers}{answer.text if 'zip' not in answer.headers.get('content-type', '') else ''}"


async def of_the_school(house: House, flock: Flock) -> str:
    """What the referent meets and does, errors included: what is said of it elsewhere is looked at afterwards."""
    async with house.client(flock.world.caller("referent")) as client:
        path = f"/v1/q2er/pupils/{flock.path['pupil_id']}"
        said = [await told_by(client, "/v1/q2er/pupils", limit="200"), await told_by(client, f"{path}:export")]
        said.append(await told_by(client, f"/v1/q2er/editions/{flock.path['edition_id']}/ledger"))
        name = {"last_name": f"{CANARY}-autre"}
        await client.patch(path, json={**name, "purge_on": "2090-01-01"}, headers={"If-Match": "*"})
        await client.patch(path, json=name, headers={"If-Match": "*"})
        file = f"nom;prénom;né(e) le\n{CANARY};{CANARY};{CANARY}".encode()
        await client.post("/v1/q2er/pupils:import", content=file, headers={"Content-Type": "text/csv"})
    return "\n".join(said)


async def everything_told(
    house: House, database: OneTransaction, flock: Flock
) -> AsyncIterator[tuple[tuple[str, str], str]]:
    """Every answer to everyone but the school: each operation on rows of its own and on those the pupils hang on, lists
    in every form, and the public tree."""
    for operation in READS:
        async with database.connection.begin_nested() as point, database.session() as session:
            attribute_to(session, "test")
            asked = await PREPARE[operation](replace(flock.world, session=session), "own", "admin")
            theirs = {name: flock.path.get(name, id_) for name, id_ in asked.path.items()}
            for role in OUTSIDE:
                async with house.client(flock.world.caller(role)) as client:
                    for path in [asked.path, theirs] if theirs != asked.path else [asked.path]:
                        answer = await ask(client, operation, Ask(path))
                        assert answer.status_code < 500, (operation, role)
                        yield (operation, role), f"{answer.headers}{answer.text}"
            await point.rollback()
    lists = sorted(ROUTES[name].path for name in READS if "{" not in ROUTES[name].path)
    for role in OUTSIDE:
        async with house.client(flock.world.caller(role)) as client:
            for path, query in product(lists, ({"limit": "200"}, {"q": CANARY}, {"format": "csv"})):
                yield (path, role), await told_by(client, f"/v1{path}", **query)
    async with house.client() as anyone:
        for path in PUBLIC:
            yield (path, "anyone"), await told_by(anyone, path.format(**flock.path))


async def test_no_one_but_their_school_is_ever_told_of_a_pupil(house, database, session, flock, capfd, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the test's own client
    assert (await of_the_school(house, flock)).count(CANARY) > 60  # they are there to be found
    found, asked = [], 0
    async for place, said in everything_told(house, database, flock):
        asked += 1
        if CANARY in said.lower().replace(f"q={CANARY}", ""):
            found.append(place)
    assert found == []
    assert asked > 500
    rows = [row for table in IDLE for row in await session.scalars(text(FOLDED.format(table)))]
    assert len(rows) > 20
    captured = capfd.readouterr()
    logged = "\n".join([caplog.text, captured.out, captured.err]).lower()
    assert "import_pupils" in "\n".join(rows) or "pupils:import" in logged
    assert CANARY not in "\n".join(rows).lower()
    assert CANARY not in logged
