from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from httpx import AsyncClient
from icalendar import Calendar
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.publication import Publication, Tombstone
from app.events.models import Audience, Event
from app.territories.models import Territory
from tests.factories import an_event

EVENTS = "/v1/public/events"
OF_ONE = ("", ".json", ".ics", ".html")
DAY = timedelta(days=1)


async def places_naming(client: AsyncClient, event: Event) -> list[str]:
    """Every address of the public tree whose answer has the event's id."""
    lists = [f"{EVENTS}{extension}?limit=200" for extension in ("", ".json", ".ics", ".atom", ".html")]
    found = []
    for path in [*lists, "/embed/events?limit=200"]:
        answer = await client.get(path)
        assert answer.status_code == 200
        if str(event.id) in answer.text.replace("\r\n ", ""):
            found.append(path)
    return found


async def test_a_published_event_is_in_every_format(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    event = await an_event(session, territory, published=True)
    assert len(await places_naming(anonymous, event)) == 6
    for extension in OF_ONE:
        assert (await anonymous.get(f"{EVENTS}/{event.id}{extension}")).status_code == 200


@pytest.mark.parametrize(
    "traits",
    [
        {},
        {"published": True, "audience": Audience.INTERNAL},
        {"published": True, "audience": Audience.PARTNERS},
        {"published": True, "publish_at": datetime(2090, 1, 1, tzinfo=UTC)},
        {
            "publication": Publication.WITHDRAWN, "published_at": datetime(2089, 1, 1, tzinfo=UTC),
            "publish_at": datetime(2090, 1, 1, tzinfo=UTC), "withdrawn_at": datetime(2089, 6, 1, tzinfo=UTC),
        },
    ],
    ids=["draft", "internal", "for partners", "embargoed", "withdrawn before its embargo ended"],
)  # fmt: skip
async def test_what_was_never_public_is_nowhere(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory, traits: dict
) -> None:
    event = await an_event(session, territory, starts_in=DAY, **traits)
    assert await places_naming(anonymous, event) == []
    for extension in OF_ONE:
        assert (await anonymous.get(f"{EVENTS}/{event.id}{extension}")).status_code == 404
    assert (await anonymous.get(f"{EVENTS}/facets")).json()["total"] == 0


async def test_an_embargo_ends_at_its_instant(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    instant = clock.now().replace(microsecond=0) + DAY
    event = await an_event(session, territory, published=True, publish_at=instant, starts_in=3 * DAY)
    with time_machine.travel(instant - timedelta(seconds=1), tick=False):
        assert await places_naming(anonymous, event) == []
        assert "max-age=1," in (await anonymous.get(EVENTS)).headers["cache-control"]
    with time_machine.travel(instant, tick=False):
        assert len(await places_naming(anonymous, event)) == 6
        item = (await anonymous.get(f"{EVENTS}/{event.id}")).json()
        assert datetime.fromisoformat(item["published_at"]) == instant


async def test_a_withdrawn_event_is_gone_from_every_format(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    event = await an_event(session, territory, published=True)
    event.publication, event.withdrawn_at = Publication.WITHDRAWN, clock.now()
    await session.commit()
    assert await places_naming(anonymous, event) == []
    for extension in OF_ONE:
        answer = await anonymous.get(f"{EVENTS}/{event.id}{extension}")
        assert (answer.status_code, answer.json()["type"]) == (410, "/problems/gone")
        assert event.title not in answer.text


async def test_a_deleted_event_that_was_public_is_gone(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    event = await an_event(session, territory, published=True)
    await session.delete(event)
    session.add(Tombstone(resource_id=event.id, resource="events", territory_id=territory.id, removed_at=clock.now()))
    await session.commit()
    assert await places_naming(anonymous, event) == []
    assert (await anonymous.get(f"{EVENTS}/{event.id}")).status_code == 410


async def test_every_format_has_the_same_events(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    for number in range(6):
        await an_event(session, territory, published=True, insee_code="94018" if number % 2 else None)
    query = "municipality=94018&limit=2"
    in_json = [item["id"] for item in (await anonymous.get(f"{EVENTS}?{query}")).json()["items"]]
    assert len(in_json) == 2
    calendar = Calendar.from_ical((await anonymous.get(f"{EVENTS}.ics?{query}")).content)
    assert [str(event["uid"]) for event in calendar.events] == in_json
    for path in (f"{EVENTS}.atom", f"{EVENTS}.html", "/embed/events"):
        text = (await anonymous.get(f"{path}?{query}")).text
        assert [id_ for id_ in in_json if id_ in text] == in_json
        assert text.count(f"{EVENTS}/") - text.count(f"{EVENTS}/{in_json[0]}") == text.count(f"{EVENTS}/{in_json[1]}")


async def test_an_authorization_header_is_ignored_and_no_cookie_is_set(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    await an_event(session, territory, published=True)
    plain = await anonymous.get(EVENTS)
    asked = await anonymous.get(EVENTS, headers={"Authorization": "Bearer nonsense", "Cookie": "a=b"})
    assert (asked.status_code, asked.content) == (200, plain.content)
    assert "set-cookie" not in asked.headers
