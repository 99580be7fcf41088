"""`/v1/channels` and `/v1/publications`: where the territory's work is spoken of, and what came out."""

from datetime import date

import pytest

from app.communication.channels.models import ChannelKind
from tests import factories
from tests.action_plans.factories import an_action
from tests.communication.factories import a_channel, a_publication

LATEST = {"If-Match": "*"}


@pytest.fixture
async def territory(session):
    return await factories.a_territory(session, slug="marne")


@pytest.fixture
def town(territory, client_for):
    return client_for(factories.a_collectivite(territory))


def codes(answer) -> list[tuple[str, str]]:
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


async def test_a_channel_is_made_changed_and_deleted(session, territory, town) -> None:
    club = await factories.an_actor(session, territory, name="Club Gravelle")
    body = {
        "territory_id": str(territory.id), "name": "Page du club", "kind": "social", "owner_id": str(club.id),
        "url": "https://www.facebook.com/club",
    }  # fmt: skip
    made = await town.post("/v1/channels", json=body)
    assert (made.status_code, made.json()["owner"]["name"]) == (201, "Club Gravelle")
    path = made.headers["Location"]
    changed = await town.patch(path, json={"owner_id": None, "url": None}, headers={"If-Match": '"1"'})
    assert (changed.json()["owner"], changed.json()["url"], changed.json()["version"]) == (None, None, 2)
    again = await town.post("/v1/channels", json=body)
    assert (again.status_code, codes(again)) == (409, [("#/name", "already_exists")])
    assert (await town.delete(path, headers={"If-Match": '"2"'})).status_code == 204


async def test_a_publication_is_noted_and_its_reach_is_known_later(session, territory, town) -> None:
    channel = await a_channel(session, territory, name="Bulletin", kind=ChannelKind.MUNICIPAL_BULLETIN)
    event, action = await factories.an_event(session, territory), await an_action(session, territory)
    body = {
        "channel_id": str(channel.id), "title": "Élèves et entreprises", "published_on": "2016-11-15",
        "event_id": str(event.id), "action_id": str(action.id),
    }  # fmt: skip
    made = await town.post("/v1/publications", json=body)
    assert (made.status_code, made.json()["channel"]["name"], made.json()["reach"]) == (201, "Bulletin", None)
    path = made.headers["Location"]
    changed = await town.patch(path, json={"reach": 0, "event_id": None}, headers={"If-Match": '"1"'})
    assert (changed.json()["reach"], changed.json()["event_id"]) == (0, None)
    kept = await town.delete(f"/v1/channels/{channel.id}", headers=LATEST)
    assert kept.json()["type"] == "/problems/still-referenced"
    assert (await town.delete(path, headers=LATEST)).status_code == 204


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"channel_id": "019a0000-0000-7000-8000-000000000000"}, "#/channel_id", "unknown_reference"),
        ({"event_id": "019a0000-0000-7000-8000-000000000000"}, "#/event_id", "unknown_reference"),
        ({"action_id": "019a0000-0000-7000-8000-000000000000"}, "#/action_id", "unknown_reference"),
        ({"url": "ftp://example.org"}, "#/url", "url_parsing"),
        ({"reach": -1}, "#/reach", "greater_than_equal"),
        ({"published_on": None}, "#/published_on", "date_type"),
    ],
)
async def test_what_does_not_hold_is_refused(session, territory, town, fields, pointer, code) -> None:
    channel = await a_channel(session, territory)
    body = {"channel_id": str(channel.id), "title": "Article", "published_on": "2016-11-15", **fields}
    refused = await town.post("/v1/publications", json=body)
    assert (refused.status_code, codes(refused)) == (422, [(pointer, code)])


async def test_each_filter_narrows_the_lists_and_the_latest_comes_first(session, territory, town) -> None:
    club = await factories.an_actor(session, territory)
    site = await a_channel(session, territory, name="Site", owner=club)
    paper = await a_channel(session, territory, name="Écho", kind=ChannelKind.ONLINE_NEWSPAPER)
    event, action = await factories.an_event(session, territory), await an_action(session, territory)
    await a_publication(session, site, title="vieux", published_on=date(2013, 6, 1), event_id=event.id)
    await a_publication(session, site, title="neuf", published_on=date(2016, 6, 1), action_id=action.id)
    await a_publication(session, paper, title="moyen", published_on=date(2014, 6, 1))

    async def told(path: str, name: str) -> list[str]:
        answer = await town.get(path)
        assert answer.status_code == 200, answer.text
        return [row[name] for row in answer.json()["items"]]

    for query, expected in (
        ("", ["Écho", "Site"]),
        ("kind=website", ["Site"]),
        (f"owner={club.id}", ["Site"]),
        ("territory=marne", ["Écho", "Site"]),
    ):
        assert await told(f"/v1/channels?{query}", "name") == expected, query
    for query, expected in (
        ("", ["neuf", "moyen", "vieux"]),
        (f"channel={site.id}", ["neuf", "vieux"]),
        ("kind=online_newspaper", ["moyen"]),
        (f"event={event.id}", ["vieux"]),
        (f"action={action.id}", ["neuf"]),
        ("from=2014-06-01", ["neuf", "moyen"]),
        ("to=2014-06-01", ["moyen", "vieux"]),
    ):
        assert await told(f"/v1/publications?{query}", "title") == expected, query
    first = (await town.get("/v1/publications?limit=2")).json()
    assert await told(f"/v1/publications?limit=2&cursor={first['next']}", "title") == ["vieux"]
