"""Several people change the same event at once."""

import asyncio

import pytest
from sqlalchemy import select

from app.core.journal import JournalEntry, attribute_to
from tests import factories


@pytest.fixture
async def shared(committed):
    """A committed draft, and a client each time one is asked for."""
    async with committed.database.session() as session:
        attribute_to(session, "test")
        territory = await factories.a_territory(session)
        actors = [await factories.an_actor(session, territory) for _ in range(4)]
        event = await factories.an_event(session, territory, published=True)
    async with committed.client(factories.a_collectivite(territory)) as client:
        yield client, f"/v1/events/{event.id}", actors, committed


async def journal(house) -> list[tuple[str, int]]:
    async with house.database.session(read_only=True) as session:
        events = select(JournalEntry).where(JournalEntry.resource == "events").order_by(JournalEntry.seq)
        return [(entry.action, entry.version) for entry in await session.scalars(events)]


async def test_of_four_changes_of_one_version_one_is_made(shared) -> None:
    client, url, _, house = shared
    answers = await asyncio.gather(
        *(client.patch(url, json={"title": f"Titre {n}"}, headers={"If-Match": '"1"'}) for n in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    assert await journal(house) == [("insert", 1), ("update", 2)]
    winner = next(answer.json() for answer in answers if answer.status_code == 200)
    assert (await client.get(url)).json() == winner


async def test_changes_of_what_hangs_on_it_exclude_each_other_too(shared) -> None:
    client, url, actors, _ = shared
    answers = await asyncio.gather(
        *(client.patch(url, json={"partner_ids": [str(a.id)]}, headers={"If-Match": '"1"'}) for a in actors)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    assert len((await client.get(url)).json()["partners"]) == 1


async def test_verbs_and_deletion_exclude_each_other(shared) -> None:
    client, url, _, house = shared
    headers = {"If-Match": '"1"'}
    answers = await asyncio.gather(
        client.post(f"{url}:cancel", headers=headers),
        client.post(f"{url}:postpone", headers=headers),
        client.post(f"{url}:withdraw", json={"reason": "Erreur"}, headers=headers),
        client.delete(url, headers=headers),
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] in (200, 204)
    assert set(codes[1:]) <= {404, 412}
    assert len(await journal(house)) == 2


async def test_the_same_key_at_the_same_time_does_it_once(shared) -> None:
    client, url, _, house = shared
    headers = {"If-Match": '"1"', "Idempotency-Key": "once"}
    answers = await asyncio.gather(*(client.post(f"{url}:cancel", headers=headers) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert 200 in {answer.status_code for answer in answers}
    assert await journal(house) == [("insert", 1), ("update", 2)]
