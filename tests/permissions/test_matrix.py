"""Who may do what: every operation of `/v1`, by every role, on rows of their own, of others, and elsewhere."""

import re
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from httpx import AsyncClient, Response
from pydantic import TypeAdapter
from sqlalchemy import select

from app import v1
from app.action_plans.mentorships.models import MentorshipState
from app.actors import policy as actors_policy
from app.actors import service as actors_service
from app.core.journal import attribute_to
from app.events import policy as events_policy
from app.events.models import Event
from app.identity.caller import Caller
from tests.action_plans.factories import a_mentorship, some_means
from tests.communication.factories import a_publication
from tests.conftest import House, OneTransaction
from tests.events.registrations.factories import a_registration, some_minutes
from tests.permissions import decisions, partnerships
from tests.permissions.action_plans import held_action
from tests.permissions.communication import kept_channel
from tests.permissions.dialogue import held_group, held_need
from tests.permissions.prepare import PREPARE
from tests.permissions.q2er import held_edition, school_of
from tests.permissions.world import ROLES, Ask, World, a_world
from tests.q2er.factories import a_class, a_sequence


class Row(NamedTuple):
    operation: str
    whose: str
    expected: dict[str, int]


def matrix() -> list[Row]:
    """The tables of `matrix/`, one a domain; its README tells how to read them."""
    texts = [path.read_text() for path in sorted(Path(__file__).with_name("matrix").glob("*.txt"))]
    lines = "".join(texts).splitlines()
    rows = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    return [Row(name, whose, dict(zip(ROLES, map(int, statuses), strict=True))) for name, whose, *statuses in rows]


MATRIX = matrix()
ROUTES = {route.name: route for route in v1.routes()}


@pytest.fixture
async def world(session) -> World:
    return await a_world(session)


async def ask(client: AsyncClient, operation: str, asked: Ask) -> Response:
    """One request, with `If-Match: *` so that no version stands in the way of the question."""
    route = ROUTES[operation]
    path = re.sub(r"{(\w+)[^}]*}", lambda name: str(asked.path[name[1]]), route.path)
    body = {"json": asked.body} if asked.body is not None else {}
    headers = {"If-Match": "*"}
    if asked.file is not None:
        body, headers = {"content": asked.file.encode()}, headers | {"Content-Type": "text/csv"}
    return await client.request(next(iter(route.methods)), path, headers=headers, **body)


async def answers(house: House, database: OneTransaction, world: World, row: Row) -> dict[str, int]:
    """The status each role is answered, each from the same state."""
    return {role: answer.status_code for role, answer in (await responses(house, database, world, row)).items()}


async def responses(house: House, database: OneTransaction, world: World, row: Row) -> dict[str, Response]:
    """What each role is answered, each from the same state."""
    found = {}
    for role in row.expected:
        async with database.connection.begin_nested() as point, database.session() as session:
            attribute_to(session, "test")
            asked = await PREPARE[row.operation](replace(world, session=session), row.whose, role)
            async with house.client(world.caller(role)) as client:
                found[role] = await ask(client, row.operation, asked)
            await point.rollback()
    return found


@pytest.mark.unit
def test_the_matrix_has_every_operation_and_no_other(record_property):
    cases = sum(len(row.expected) for row in MATRIX) + 2 * len(ROUTES)
    record_property("counted", f"permission matrix: {len(ROUTES)} operations, {cases} answers asked for")
    assert {row.operation for row in MATRIX} == set(ROUTES) == set(PREPARE)
    assert len({(row.operation, row.whose) for row in MATRIX}) == len(MATRIX)


@pytest.mark.unit
def test_every_operation_on_a_row_is_asked_for_one_in_another_territory():
    on_rows = {name for name, route in ROUTES.items() if "{" in route.path}
    assert {row.operation for row in MATRIX if row.whose == "foreign"} >= on_rows


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: f"{row.operation}-{row.whose}")
async def test_each_role_is_answered_as_the_matrix_says(house, database, world, row):
    assert await answers(house, database, world, row) == row.expected


READ_ALONE = [row for row in MATRIX if row.operation.startswith(("get_", "read_")) and 200 in row.expected.values()]


@pytest.mark.parametrize("row", READ_ALONE, ids=lambda row: f"{row.operation}-{row.whose}")
async def test_each_role_that_reads_a_row_is_told_the_fields_of_the_contract_and_no_other(house, database, world, row):
    declared = set(TypeAdapter(ROUTES[row.operation].response_model).json_schema(mode="serialization")["properties"])
    for role, answer in (await responses(house, database, world, row)).items():
        if answer.status_code == 200:
            assert set(answer.json()) == declared, role


@pytest.mark.parametrize("operation", sorted(ROUTES))
async def test_nobody_gets_in_and_no_one_without_the_scope(house, database, world, operation):
    asked = await PREPARE[operation](world, "own", "admin")
    async with house.client() as nobody:
        answer = await ask(nobody, operation, asked)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    async with house.client(world.caller("admin", scopes=frozenset({"other:read"}))) as without:
        answer = await ask(without, operation, asked)
        assert answer.status_code == (403 if v1.scopes_of(ROUTES[operation]) else 200)
        assert all(scope in answer.headers.get("WWW-Authenticate", "") for scope in v1.scopes_of(ROUTES[operation]))


LISTS = {
    "list_themes": "themes",
    "list_programmes": "programmes",
    "list_actors": "actors",
    "list_people": "people",
    "list_events": "events",
    "list_registrations": "registrations",
    "list_minutes": "minutes",
    "list_partnerships": "partnerships",
    "list_needs": "needs",
    "list_working_groups": "working-groups",
    "list_channels": "channels",
    "list_publications": "publications",
    "list_action_plans": "action-plans",
    "list_actions": "actions",
    "list_mentorships": "mentorships",
    "list_means": "means",
    "list_decisions": "decisions",
    "list_editions": "q2er/editions",
    "list_sequences": "q2er/sequences",
    "list_classes": "q2er/classes",
}
"""Lists of rows that are opened one by one at the same address."""


@pytest.mark.parametrize("operation", LISTS)
async def test_a_list_holds_exactly_the_rows_that_can_be_opened(house, database, world, operation):
    resource = LISTS[operation]
    for whose in ("own", "neighbour", "hidden", "foreign"):
        event = await world.event(whose, "club", published=whose == "neighbour")
        await a_registration(world.session, event, actor=world.actor(whose, "club"))
        await some_minutes(world.session, event)
        await world.person(whose, "club")
        await world.programme(whose)
        await partnerships.made(world, whose, "club")
        await held_need(world, whose, "club")
        await held_group(world, whose, "club")
        await a_publication(world.session, await kept_channel(world, whose, "club"))
        action = await held_action(world, whose, "club")
        await a_mentorship(world.session, action, state=MentorshipState.MATCHED, actor=world.actor(whose, "club"))
        await some_means(world.session, action=action)
        await decisions.row(world, whose, "club")
        await a_sequence(world.session, await held_edition(world, whose))
        await a_class(world.session, await school_of(world, whose))
    async with house.client(world.caller("operator")) as operator:
        assert (await operator.get(f"/v1/{resource}")).json()["items"] == []
    everything = set()
    for territory in (world.here, world.abroad):
        one = Caller(**{**_fields(world.caller("admin")), "territory_ids": frozenset({territory.id})})
        async with house.client(one) as client:
            everything |= {row["id"] for row in (await client.get(f"/v1/{resource}?limit=200")).json()["items"]}
    assert everything
    for role in ROLES:
        async with house.client(world.caller(role)) as client:
            listed = {row["id"] for row in (await client.get(f"/v1/{resource}?limit=200")).json()["items"]}
            opened = {i for i in everything if (await client.get(f"/v1/{resource}/{i}")).status_code == 200}
        assert listed == opened, role


def _fields(caller: Caller) -> dict[str, object]:
    return {name: getattr(caller, name) for name in Caller.__dataclass_fields__}


@pytest.fixture
def reading_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a careless change would do: events seen by everyone who has the scope."""
    monkeypatch.setattr(events_policy, "visible_to", lambda caller: select(Event))


@pytest.fixture
def writing_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """And actors changed by everyone who sees them."""
    for module in (actors_policy, actors_service):
        monkeypatch.setattr(module, "editable", actors_policy.visible_to)


@pytest.mark.usefixtures("reading_fault")
async def test_a_forgotten_filter_on_reading_turns_the_matrix_red(house, database, world):
    row = next(row for row in MATRIX if (row.operation, row.whose) == ("get_event", "foreign"))
    assert await answers(house, database, world, row) != row.expected


@pytest.mark.usefixtures("writing_fault")
async def test_a_forgotten_filter_on_writing_turns_the_matrix_red(house, database, world):
    row = next(row for row in MATRIX if (row.operation, row.whose) == ("update_actor", "neighbour"))
    assert await answers(house, database, world, row) != row.expected
