from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.events.models import AttendanceMode, EventKind, EventStatus
from app.publishing.schemas import PublicEvent, PublicEvents
from app.territories.models import Territory
from tests.factories import a_territory, a_theme, an_actor, an_event

EVENTS = "/v1/public/events"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def ids(client: AsyncClient, query: str = "") -> list[str]:
    answer = await client.get(f"{EVENTS}?{query}")
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_the_json_made_by_sql_is_what_the_schema_promises(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    organiser, partner = await an_actor(session, territory), await an_actor(session, territory, listed=False)
    theme = await a_theme(session, territory)
    full = await an_event(
        session, territory, published=True, organisers=(organiser,), partners=(partner,), themes=[theme],
        summary="Résumé", description="**Gras**", insee_code="94018", place_name="Salle", place_address="1 rue",
        latitude=48.82, longitude=2.41, acceslibre_id="a-1", attendance_mode=AttendanceMode.MIXED,
        online_url="https://visio.example.org/x", keywords=["emploi"], accessibility=["wheelchair"],
        image_url="https://img.example.org/a.jpg", image_alt="Une salle", image_credit="Ville", image_licence="CC0",
        registration_mode="external", registration_url="https://sign.example.org/", capacity=20,
    )  # fmt: skip
    bare = await an_event(session, territory, published=True)
    answer = await anonymous.get(EVENTS)
    page = PublicEvents.model_validate_json(answer.content)
    assert {item.id for item in page.items} == {full.id, bare.id}
    assert list(answer.json()["items"][0]) == list(PublicEvent.model_fields)
    told = next(item for item in page.items if item.id == full.id)
    assert told.starts_at == full.starts_at
    assert [actor.name for actor in (*told.organisers, *told.partners)] == [organiser.name, partner.name]
    assert told.municipality is not None
    assert told.municipality.insee_code == "94018"
    assert told.links.self == f"http://test/v1/public/events/{full.id}"
    one = await anonymous.get(told.links.self)
    assert PublicEvent.model_validate_json(one.content) == told


@pytest.mark.parametrize(
    ("zone", "starts_at", "told"),
    [
        ("Europe/Paris", datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "2026-03-29T01:30:00+01:00"),
        ("Europe/Paris", datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "2026-03-29T03:30:00+02:00"),
        ("Europe/Paris", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25T02:30:00+02:00"),
        ("Europe/Paris", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25T02:30:00+01:00"),
        ("America/Guadeloupe", datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "2026-03-28T21:30:00-04:00"),
        ("Indian/Reunion", datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "2026-03-29T05:30:00+04:00"),
        ("Pacific/Marquesas", datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "2026-03-28T16:00:00-09:30"),
        ("UTC", datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "2026-03-29T01:30:00+00:00"),
    ],
)
async def test_an_instant_is_told_in_its_own_zone_with_the_offset_of_that_day(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory, zone: str, starts_at: datetime, told: str
) -> None:
    event = await an_event(session, territory, published=True, timezone=zone, starts_at=starts_at)
    assert (await anonymous.get(f"{EVENTS}/{event.id}")).json()["starts_at"] == told


async def test_events_come_by_start_those_going_on_first_and_none_that_is_over(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    later = await an_event(session, territory, published=True, starts_in=2 * DAY)
    going_on = await an_event(session, territory, published=True, starts_in=-5 * DAY, lasts=10 * DAY)
    soon = await an_event(session, territory, published=True, starts_in=DAY)
    await an_event(session, territory, published=True, starts_in=-3 * DAY)
    assert await ids(anonymous) == [str(event.id) for event in (going_on, soon, later)]


@pytest.mark.parametrize("bounded", ["", "from=2026-01-01&", "from=2026-06-01&to=2026-12-31&"])
@time_machine.travel(datetime(2026, 6, 1, 12, 30, tzinfo=UTC), tick=False)
async def test_pages_follow_each_other_without_gap_or_repeat(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory, bounded: str
) -> None:
    for number in range(7):
        await an_event(session, territory, published=True, starts_in=-20 * DAY + number * HOUR, lasts=40 * DAY)
        await an_event(session, territory, published=True, starts_in=5 * DAY, title=f"Même heure {number}")
    whole = await ids(anonymous, f"{bounded}limit=200")
    assert len(whole) == 14
    path, read = f"{EVENTS}?{bounded}limit=3", []
    while path:
        answer = await anonymous.get(path)
        read += [item["id"] for item in answer.json()["items"]]
        path = answer.headers["link"].partition(">")[0].removeprefix("<") if "link" in answer.headers else ""
        assert (answer.json()["next"] is not None) == bool(path)
    assert read == whole


async def test_each_filter_narrows_the_list(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    elsewhere = await a_territory(session, slug="ailleurs")
    theme, actor = await a_theme(session, territory, slug="emploi"), await an_actor(session, territory)
    chosen = await an_event(
        session, territory, published=True, themes=[theme], organisers=(actor,), insee_code="94018",
        kind=EventKind.COMPANY_VISIT, title="Apprentissage à l’usine", latitude=48.8216, longitude=2.4144,
        accessibility=["wheelchair", "captions"], attendance_mode=AttendanceMode.MIXED,
        online_url="https://visio.example.org", status=EventStatus.MOVED_ONLINE,
    )  # fmt: skip
    await an_event(
        session, elsewhere, published=True, partners=(actor,), insee_code="94069", accessibility=["captions"],
        latitude=48.85, longitude=2.35,
    )  # fmt: skip
    for query in (
        "territory=marne", "theme=emploi", "municipality=94018", "kind=company_visit", f"organiser={actor.id}",
        "q=apprentissages", "q=USINE", "bbox=2.40,48.81,2.43,48.83", "near=48.82,2.41&radius=2000",
        "accessibility=wheelchair", "accessibility=wheelchair&accessibility=captions", "attendance_mode=mixed",
        "status=moved_online", "territory=marne&theme=emploi&municipality=94018&kind=company_visit&q=usine",
        "municipality=94018&territory=marne&near=48.82,2.41&bbox=2.40,48.81,2.43,48.83",
    ):  # fmt: skip
        assert await ids(anonymous, query) == [str(chosen.id)], query
    both = set(await ids(anonymous, "municipality=94018&municipality=94069"))
    assert len(both) == 2
    assert await ids(anonymous, "near=48.82,2.41&radius=2000&bbox=5,45,6,46") == []
    assert await ids(anonymous, "kind=company_visit&theme=emploi&status=scheduled") == []


async def test_a_day_shows_what_takes_place_on_it_in_the_territorys_zone(
    anonymous: AsyncClient, session: AsyncSession
) -> None:
    island = await a_territory(session, slug="ile", timezone="Indian/Reunion")
    late = await an_event(
        session, island, published=True, starts_at=datetime(2030, 5, 9, 21, tzinfo=UTC)
    )  # 01:00 there
    await an_event(session, island, published=True, starts_at=datetime(2030, 5, 10, 21, tzinfo=UTC))
    answer = await anonymous.get(f"{EVENTS}?territory=ile&date=2030-05-10")
    assert [item["id"] for item in answer.json()["items"]] == [str(late.id)]
    assert answer.json()["window"] == {
        "from": "2030-05-10T00:00:00+04:00", "to": "2030-05-11T00:00:00+04:00", "timezone": "Indian/Reunion"
    }  # fmt: skip


async def test_a_moved_event_keeps_its_former_dates_and_says_so_in_the_language_asked(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    from app.events.models import FormerDates

    starts_at = datetime(2030, 3, 19, 18, tzinfo=UTC)
    former = FormerDates(replaced_at=clock.now(), starts_at=starts_at - 7 * DAY, ends_at=starts_at - 7 * DAY + 2 * HOUR)
    await an_event(
        session, territory, published=True, starts_at=starts_at, status=EventStatus.RESCHEDULED, former_dates=[former]
    )
    for language, sentence in (("fr", "Reporté du 12 au 19 mars"), ("en", "Moved from 12 to 19 March")):
        item = (await anonymous.get(f"{EVENTS}?lang={language}")).json()["items"][0]
        assert item["former_dates"][0]["starts_at"] == "2030-03-12T19:00:00+01:00"
        assert item["change_notice"].startswith(sentence.split()[0])
        assert (await anonymous.get(f"{EVENTS}/{item['id']}?lang={language}")).json() == item


async def test_a_picture_is_shown_until_the_last_day_of_its_rights(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    event = await an_event(
        session, territory, published=True, starts_at=datetime(2030, 3, 19, 18, tzinfo=UTC),
        image_url="https://img.example.org/a.jpg", image_alt="a", image_credit="c", image_licence="l",
        image_rights_until=datetime(2030, 3, 1, tzinfo=UTC).date(),
    )  # fmt: skip
    with time_machine.travel(datetime(2030, 3, 1, 22, 59, 30, tzinfo=UTC), tick=False):
        answer = await anonymous.get(f"{EVENTS}/{event.id}")
        assert answer.json()["image"]["credit"] == "c"
        assert "max-age=30," in answer.headers["cache-control"]
    with time_machine.travel(datetime(2030, 3, 1, 23, 0, tzinfo=UTC), tick=False):
        assert (await anonymous.get(f"{EVENTS}/{event.id}")).json()["image"] is None
