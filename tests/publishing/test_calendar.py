from datetime import UTC, date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical
from httpx import AsyncClient
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.events.models import EventStatus
from app.publishing.filters import Cancelled
from app.publishing.formats import calendar
from app.publishing.formats.texts import lines, plain_of
from app.publishing.formats.zones import vtimezone
from app.territories.models import Territory
from tests.factories import an_event

EVENTS = "/v1/public/events"


def an_item(**traits) -> dict:
    return {
        "id": "01936f6e-5c1a-7d3e-9b52-2f6c8f0a4d17", "title": "Plénière", "summary": None, "description": None,
        "status": "scheduled", "change_notice": None, "starts_at": "2026-03-12T18:30:00+01:00",
        "ends_at": "2026-03-12T20:00:00+01:00", "timezone": "Europe/Paris", "is_all_day": False, "municipality": None,
        "place": None, "attendance_mode": "in_person", "online_url": None, "organisers": [], "themes": [],
        "keywords": [], "registration": {"url": None}, "links": {"html": "https://a.example/e.html"},
        "published_at": "2026-01-02T08:00:00+00:00", "updated_at": "2026-02-03T09:00:00.5+00:00", "sequence": 2,
        "significant_at": "2026-02-03T09:00:00+00:00", **traits,
    }  # fmt: skip


def made(*items: dict, cancelled: Cancelled = Cancelled.STATUS) -> bytes:
    return calendar.calendar(
        items, title="Agenda", url="https://a.example/x.ics", timezone="Europe/Paris", language="fr",
        cancelled=cancelled,
    )  # fmt: skip


def read(body: bytes):
    return Calendar.from_ical(body).events[0]


async def test_the_calendar_is_named_refreshed_and_shown_inline(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    event = await an_event(session, territory, published=True, sequence=3)
    answer = await anonymous.get(f"{EVENTS}.ics?territory=marne")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("inline")
    told = Calendar.from_ical(answer.content)
    assert str(told["name"]) == str(told["x-wr-calname"]) == "Agenda – Bords de Marne"
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in answer.text
    assert "X-PUBLISHED-TTL:PT1H" in answer.text
    one = told.events[0]
    assert one["sequence"] == 3
    assert event.updated_at.replace(microsecond=0) == one.DTSTAMP
    assert one.DTSTAMP == one.LAST_MODIFIED
    alone = await anonymous.get(f"{EVENTS}/{event.id}.ics")
    assert Calendar.from_ical(alone.content).events[0].to_ical() == one.to_ical()


async def test_an_empty_calendar_is_still_one(anonymous: AsyncClient, territory: Territory) -> None:
    answer = await anonymous.get(f"{EVENTS}.ics?territory=marne")
    assert answer.status_code == 200
    assert Calendar.from_ical(answer.content).events == []


async def test_a_cancelled_event_is_shown_as_the_reader_asks(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    await an_event(session, territory, published=True, title="Visite", status=EventStatus.CANCELLED)
    by_status = read((await anonymous.get(f"{EVENTS}.ics")).content)
    assert (str(by_status["status"]), str(by_status["summary"])) == ("CANCELLED", "Visite")
    by_title = read((await anonymous.get(f"{EVENTS}.ics?cancelled=title")).content)
    assert (str(by_title["status"]), str(by_title["summary"])) == ("CANCELLED", "Annulé : Visite")
    omitted = await anonymous.get(f"{EVENTS}.ics?cancelled=omit")
    assert Calendar.from_ical(omitted.content).events == []


@pytest.mark.unit
def test_an_all_day_event_ends_on_the_day_after() -> None:
    event = read(made(an_item(
        is_all_day=True, starts_at="2026-03-28T00:00:00+01:00", ends_at="2026-03-30T00:00:00+02:00"
    )))  # fmt: skip
    assert (date(2026, 3, 28), date(2026, 3, 30)) == (event.DTSTART, event.DTEND)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("zone", "starts_at", "ends_at"),
    [
        ("Europe/Paris", "2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"),
        ("Europe/Paris", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"),
        ("America/Guadeloupe", "2026-03-29T01:30:00-04:00", "2026-03-29T03:30:00-04:00"),
        ("Indian/Reunion", "2026-10-25T02:30:00+04:00", "2026-10-25T04:30:00+04:00"),
        ("America/Miquelon", "2026-03-08T01:30:00-03:00", "2026-03-08T03:30:00-02:00"),
    ],
)
def test_instants_survive_the_days_of_the_clock_change(zone: str, starts_at: str, ends_at: str) -> None:
    body = made(an_item(timezone=zone, starts_at=starts_at, ends_at=ends_at))
    event = read(body)
    for told, meant in ((event.DTSTART, starts_at), (event.DTEND, ends_at)):
        assert told.astimezone(UTC) == datetime.fromisoformat(meant)
    assert event.DTSTART.utcoffset() == datetime.fromisoformat(starts_at).utcoffset()
    assert f"TZID:{zone}".encode() in body


@pytest.mark.unit
def test_the_onset_of_a_clock_change_is_told_with_the_offset_before_it() -> None:
    told = vtimezone("Europe/Paris", 2026, 2026).to_ical().decode()
    assert "BEGIN:DAYLIGHT\r\nDTSTART:20260329T020000\r\n" in told  # RFC 5545, 3.6.5: 01:00 UTC at +01:00
    assert "BEGIN:STANDARD\r\nDTSTART:20261025T030000\r\n" in told
    assert told.count("BEGIN:") == 4
    assert vtimezone("Indian/Reunion", 2026, 2030).to_ical().decode().count("BEGIN:") == 2


@pytest.mark.unit
@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Miquelon", "Indian/Reunion"])
def test_a_reader_that_knows_no_zones_finds_the_same_instants(zone: str) -> None:
    carried = tzical(StringIO(vtimezone(zone, 2025, 2027).to_ical().decode())).get()
    moment = datetime(2025, 1, 1, tzinfo=UTC)
    while moment.year < 2028:
        wall = moment.astimezone(ZoneInfo(zone))
        if not wall.fold:
            assert wall.replace(tzinfo=carried).utcoffset() == wall.utcoffset(), moment
        moment += timedelta(hours=1)


@pytest.mark.unit
def test_the_same_events_are_the_same_bytes_at_any_time() -> None:
    before = made(an_item(), an_item(timezone="Indian/Reunion"))
    assert made(an_item(), an_item(timezone="Indian/Reunion")) == before
    assert clock.now().astimezone(UTC).strftime("%Y%m%d").encode() not in before


TRAPS = st.sampled_from(
    [*list(";,\\:\"'\r\n\t\x00\x0b\x1b\x7f\u2028 é€😀🇫🇷👩\u200d👩\u200d👧"), "</script>", "\r\n ", "BEGIN:VEVENT"]
)
TITLES = st.one_of(st.text(max_size=120), st.lists(TRAPS, max_size=60).map("".join),
                   st.integers(55, 80).map(lambda length: "a" * length + "😀é😀"))  # fmt: skip


@pytest.mark.unit
@settings(deadline=None)
@given(TITLES)
@example("\r\nEND:VEVENT\r\n")
def test_any_title_comes_back_from_the_calendar_on_lines_of_75_octets(title: str) -> None:
    body = made(an_item(title=title, summary=title, description=title, keywords=[title] if title else []))
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    body.decode()
    told = Calendar.from_ical(body)
    assert len(told.events) == 1
    assert str(told.events[0]["summary"]) == lines(title)


@pytest.mark.unit
def test_a_description_is_told_in_plain_lines() -> None:
    markdown = "# Titre\n\nDu **gras** et un [lien](https://a.example/).\n\n- un\n- deux\n\n<b>html</b>"
    assert plain_of(markdown) == ("Titre\nDu gras et un lien (https://a.example/).\n- un\n- deux\n<b>html</b>")
