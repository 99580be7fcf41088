"""Once a secret vote is closed, nothing in the database leads from a ballot to its elector."""

from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy import text

from app.core.db import let_see
from app.core.journal import attribute_to
from app.dialogue.decisions.models import DecisionState, Secrecy
from tests import factories
from tests.dialogue.decisions.factories import a_decision, named

VOTERS = 24


@pytest.fixture
async def closed(committed):
    """A secret vote, held over the API with real commits: each of 24 organisations ranks the options its own way."""
    async with committed.database.session() as session:
        attribute_to(session, "test")
        territory = await factories.a_territory(session)
        actors = [await factories.an_actor(session, territory) for _ in range(VOTERS)]
        row = await a_decision(
            session, territory, electors=tuple(actors), method="points", points_budget=1000, points_per_option=1000,
            state=DecisionState.OPEN,
        )  # fmt: skip
        ids = {option.label: option.id for option in row.options}
    accounts = []
    for place, actor in enumerate(actors, 1):
        caller = factories.a_club_member(actor)
        accounts.append(caller.id)
        async with committed.client(caller) as client:
            elector = (await client.get(f"/v1/decisions/{row.id}/electors")).json()["items"][0]["id"]
            said = named({"kind": "points", "points": [{"option_id": "A", "points": place}]}, ids)
            url = f"/v1/decisions/{row.id}/electors/{elector}/ballot"
            headers = {"Idempotency-Key": f"ballot-{place}"}
            cast = await client.put(url, json={"vote": said}, headers=headers)
            assert cast.status_code == 201, cast.text
    async with committed.client(factories.a_collectivite(territory)) as town:
        told = (await town.get(f"/v1/decisions/{row.id}")).json()
        answer = await town.post(f"/v1/decisions/{row.id}:close", headers={"If-Match": f'"{told["version"]}"'})
        assert answer.status_code == 200, answer.text
    return committed, accounts, answer.json()


async def rows(house, statement: str, **params):
    async with house.database.session(read_only=True) as session:
        return (await session.execute(text(statement), params)).all()


async def test_ballots_are_moved_all_at_once_in_an_order_that_says_nothing(closed) -> None:
    house, _, told = closed
    assert (told["state"], told["voters"]) == ("closed", VOTERS)
    assert await rows(house, "SELECT 1 FROM ballots") == []
    found = await rows(
        house, "SELECT id, (content->'points'->0->>'points')::int, xmin::text FROM secret_ballots ORDER BY ctid"
    )
    assert {points for _, points, _ in found} == set(range(1, VOTERS + 1))
    assert len({xmin for _, _, xmin in found}) == 1
    assert all(UUID(str(id_)).version == 4 for id_, _, _ in found)
    assert [id_ for id_, _, _ in found] == sorted(id_ for id_, _, _ in found)
    order = [points for _, points, _ in found]
    assert sum(one < other for one, other in pairwise(order)) not in (0, VOTERS - 1)


async def test_no_column_of_any_table_holds_what_would_tie_them(closed) -> None:
    """Whatever was made or kept by a voter's request is looked for in every row of every table."""
    house, *_ = closed
    tables = [name for (name,) in await rows(house, "SELECT relname FROM pg_class WHERE relkind = 'r'"
                                              " AND relnamespace = 'public'::regnamespace")]  # fmt: skip
    secret = {str(id_) for (id_,) in await rows(house, "SELECT id FROM secret_ballots")}
    closing = (await rows(house, "SELECT DISTINCT xmin::text FROM secret_ballots"))[0][0]
    for table in tables:
        if table == "secret_ballots":
            continue
        for whole, xmin in await rows(house, f"SELECT to_jsonb(t)::text, xmin::text FROM {table} t"):
            assert not any(id_ in whole for id_ in secret), table
            if table not in ("decisions", "electors", "journal"):
                assert xmin != closing, table
    columns = "SELECT column_name FROM information_schema.columns WHERE table_name = 'secret_ballots'"
    assert {name for (name,) in await rows(house, columns)} == {"id", "decision_id", "content"}


async def test_who_has_voted_is_known_and_written_for_all_in_one_transaction(closed) -> None:
    house, *_ = closed
    found = await rows(house, "SELECT has_voted, xmin::text FROM electors")
    assert len({xmin for _, xmin in found}) == 1
    assert [has_voted for has_voted, _ in found] == [True] * VOTERS


async def test_nothing_is_kept_under_an_idempotency_key_of_a_ballot(closed) -> None:
    house, accounts, _ = closed
    for account in accounts:
        async with house.database.session(read_only=True) as session:
            await let_see(session, caller=[account])  # an answer is seen by its caller alone
            assert await session.scalar(text("SELECT count(*) FROM idempotency_keys")) == 0


async def test_objections_of_a_secret_vote_are_shown_without_their_authors(
    decided, company, other, school, town, club
) -> None:
    votes = {
        0: {"kind": "objection", "argument": "Trop tôt."}, 1: {"kind": "consent"},
        2: {"kind": "objection", "argument": "Trop cher."},
    }  # fmt: skip
    for secrecy in Secrecy:
        row = await decided(company, other, school, method="consent", secrecy=secrecy, state=DecisionState.CLOSED,
                            votes=votes)  # fmt: skip
        told = (await club.get(f"/v1/decisions/{row.id}/result")).json()
        assert {one["argument"] for one in told["objections"]} == {"Trop tôt.", "Trop cher."}
        signed = {one["argument"]: one["actor"] and one["actor"]["id"] for one in told["objections"]}
        assert (signed["Trop tôt."] == str(company.id)) == (secrecy is Secrecy.OPEN)
        assert all((one["elector_id"] is None) == (secrecy is Secrecy.SECRET) for one in told["objections"])
        assert told["ranking"][0]["votes"] == 1


async def test_a_closed_secret_vote_has_no_ballot_to_show_even_to_its_elector(decided, company, club, town) -> None:
    row = await decided(company, state=DecisionState.CLOSED, votes={0: {"kind": "blank"}})
    electors = (await club.get(f"/v1/decisions/{row.id}/electors")).json()["items"]
    assert electors[0]["has_voted"] is True
    for client in (club, town):
        answer = await client.get(f"/v1/decisions/{row.id}/electors/{electors[0]['id']}/ballot")
        assert answer.status_code == 404
        refused = await client.get(f"/v1/decisions/{row.id}/ballots")
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "ballots_are_secret")
