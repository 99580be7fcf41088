"""Many vote at the same moment, and the vote is closed among them."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import func, select

from app.core.journal import attribute_to
from app.dialogue.decisions.models import Ballot, DecisionState, Secrecy
from tests import factories
from tests.dialogue.decisions.factories import a_decision

VOTERS = 30


@pytest.fixture
async def polls(committed):
    """Makes a committed open vote of `VOTERS` organisations: its path, ballots each with a client, and its options."""
    async with committed.database.session() as session, AsyncExitStack() as stack:
        attribute_to(session, "test")
        territory = await factories.a_territory(session)
        actors = [await factories.an_actor(session, territory) for _ in range(VOTERS)]
        clients = [await stack.enter_async_context(committed.client(factories.a_club_member(one))) for one in actors]
        town = await stack.enter_async_context(committed.client(factories.a_collectivite(territory)))

        async def make(**traits):
            row = await a_decision(
                session, territory, electors=tuple(actors), state=DecisionState.OPEN, **traits
            )  # fmt: skip
            url = f"/v1/decisions/{row.id}"
            electors = {}
            for client in clients:
                electors[(await client.get(f"{url}/electors")).json()["items"][0]["id"]] = client
            ballots = [(client, f"{url}/electors/{elector}/ballot") for elector, client in electors.items()]
            return url, ballots, [str(option.id) for option in row.options]

        yield make, town, committed


def said(option: str):
    return {"vote": {"kind": "choice", "option_id": option}}


async def test_of_twenty_ballots_of_one_elector_at_once_one_is_cast(polls) -> None:
    make, _, house = polls
    _, ((client, ballot), *_), options = await make()
    answers = await asyncio.gather(*(client.put(ballot, json=said(options[n % 3])) for n in range(20)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 428: 19}
    first = next(answer.json() for answer in answers if answer.status_code == 201)
    assert (await client.get(ballot)).json() == first
    answers = await asyncio.gather(
        *(client.put(ballot, json=said(options[n % 3]), headers={"If-Match": "*"}) for n in range(20))
    )
    assert {answer.status_code for answer in answers} == {200}
    async with house.database.session(read_only=True) as session:
        assert await session.scalar(select(func.count()).select_from(Ballot)) == 1


@pytest.mark.parametrize("secrecy", Secrecy)
async def test_closing_among_ballots_counts_exactly_those_acknowledged(polls, secrecy) -> None:
    make, town, _ = polls
    for head_start in (5, 15):
        url, ballots, options = await make(secrecy=secrecy)
        early = [client.put(ballot, json=said(options[n % 3])) for n, (client, ballot) in enumerate(ballots)]
        close = town.post(f"{url}:close", headers={"If-Match": "*"})
        answers = await asyncio.gather(*early[:head_start], close, *early[head_start:])
        closed = answers.pop(head_start)
        assert closed.status_code == 200, closed.text
        assert {answer.status_code for answer in answers} <= {201, 409}
        cast = Counter(options[n % 3] for n, answer in enumerate(answers) if answer.status_code == 201)
        told = (await town.get(f"{url}/result")).json()
        assert {place["option_id"]: place["votes"] for place in told["ranking"] if place["votes"]} == cast
        assert told["turnout"]["ballots"] == closed.json()["voters"] == cast.total()
        voted = [one["has_voted"] for one in (await town.get(f"{url}/electors")).json()["items"]]
        assert Counter(voted)[True] == cast.total()


async def test_of_several_who_close_or_cancel_at_once_one_does(polls) -> None:
    make, town, _ = polls
    url, *_ = await make()
    headers = {"If-Match": (await town.get(url)).headers["ETag"]}
    answers = await asyncio.gather(
        *(town.post(f"{url}:close", headers=headers) for _ in range(3)),
        *(town.post(f"{url}:cancel", headers=headers, json={"reason": "Mal posée"}) for _ in range(3)),
    )
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 5}


async def test_electors_chosen_while_the_vote_opens_come_before_or_are_refused(polls) -> None:
    make, town, _ = polls
    url, _, _ = await make()
    draft = (await town.get(url)).json()
    new = {
        "territory_id": draft["territory_id"], "question": "Et ensuite ?", "secrecy": "open",
        "method": {"name": "ranked"}, "options": [{"label": "A"}, {"label": "B"}],
    }  # fmt: skip
    told = (await town.post("/v1/decisions", json=new)).json()
    url, chosen = f"/v1/decisions/{told['id']}", {"voices": "actors", "source": {"kind": "actors"}}
    assert (await town.put(f"{url}/electors", json=chosen, headers={"If-Match": "*"})).status_code == 200
    answers = await asyncio.gather(
        *(town.put(f"{url}/electors", json=chosen, headers={"If-Match": "*"}) for _ in range(4)),
        town.post(f"{url}:open", headers={"If-Match": "*"}),
    )
    assert answers[-1].status_code == 200
    assert {answer.status_code for answer in answers[:-1]} <= {200, 409}
    assert (await town.get(url)).json()["electors"] == VOTERS
