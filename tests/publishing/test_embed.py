from datetime import UTC, datetime, timedelta

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import Receive, Scope, Send

from app.core import i18n
from app.events.models import AccessibilityProvision, AttendanceMode, EventKind, EventStatus, FormerDates
from app.publishing.formats.dates import spoken
from app.territories.models import Territory
from tests.browser import needs_axe, needs_chromium, visiting
from tests.conftest import House
from tests.factories import a_theme, an_actor, an_event
from tests.publishing.test_calendar import an_item

EMBED = "/embed/events"
TOO_LOW = """[...document.querySelectorAll('a')]
    .filter(a => a.getBoundingClientRect().height < 24).map(a => a.outerHTML)"""
MARCH = datetime(2030, 3, 19, 18, tzinfo=UTC)


async def a_season(session: AsyncSession, territory: Territory) -> None:
    actor, theme = await an_actor(session, territory, name="Club Gravelle"), await a_theme(session, territory)
    week = timedelta(days=7)
    before = MARCH - week
    await an_event(
        session, territory, published=True, starts_at=MARCH, status=EventStatus.RESCHEDULED, title="Plénière </script>",
        former_dates=[FormerDates(replaced_at=MARCH, starts_at=before, ends_at=before + timedelta(hours=2))],
        organisers=(actor,), themes=[theme], summary="Avec <b>toutes</b> et tous", place_name="Salle des fêtes",
        accessibility=["wheelchair", "captions"], description="# Programme\n\n**Accueil**",
        registration_mode="external", registration_url="https://sign.example.org/x", attendance_mode="mixed",
        online_url="https://visio.example.org/x",
    )  # fmt: skip
    await an_event(session, territory, published=True, starts_at=MARCH + week, status=EventStatus.CANCELLED,
                   title="Visite " + "sans-espace" * 12)  # fmt: skip
    await an_event(session, territory, published=True, starts_at=MARCH + 2 * week, insee_code="94018",
                   attendance_mode=AttendanceMode.ONLINE, online_url="https://visio.example.org/y")  # fmt: skip


async def test_the_page_may_be_framed_by_anyone_and_fetches_nothing_but_pictures(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    await a_season(session, territory)
    policy = (await anonymous.get(EMBED)).headers["content-security-policy"]
    assert "frame-ancestors *" in policy
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "x-frame-options" not in (await anonymous.get(EMBED)).headers
    for path in ("/v1/public/events", "/v1/public/events.html"):
        answer = await anonymous.get(path)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_the_host_chooses_heading_language_and_look(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    await a_season(session, territory)
    page = (await anonymous.get(f"{EMBED}?heading=5&lang=en&preset=dsfr&territory=marne")).text
    assert '<html lang="en" data-preset="dsfr">' in page
    assert page.count("<h5 ") == 3
    assert "<h1" not in page
    assert "Tuesday 19 March 2030, 19:00 to 21:00" in page
    assert "Moved from 12 to 19 March" in page
    assert "Plénière &lt;/script&gt;" in page
    assert "http://test/v1/public/events.ics?lang=en&amp;territory=marne" in page


async def test_status_is_said_in_words_and_dates_for_machines(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    await a_season(session, territory)
    page = (await anonymous.get(EMBED)).text
    assert "Reporté du 12 au 19 mars" in page
    assert "Annulé" in page
    assert '<time datetime="2030-03-19T19:00:00+01:00">mardi 19 mars 2030, de 19' in page
    assert "&lt;b&gt;toutes" in page


async def test_an_empty_selection_says_so(anonymous: AsyncClient, territory: Territory) -> None:
    assert "Aucun événement" in (await anonymous.get(f"{EMBED}?territory=marne")).text


@pytest.mark.parametrize("query", ["heading=1", "heading=7", "preset=pink", "style=x"])
async def test_an_unknown_look_is_refused(anonymous: AsyncClient, query: str) -> None:
    assert (await anonymous.get(f"{EMBED}?{query}")).status_code == 422


@needs_chromium
@needs_axe
@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
async def test_nobody_is_kept_out_of_the_page(
    house: House, session: AsyncSession, territory: Territory, width: int, scheme: str
) -> None:
    await a_season(session, territory)
    event = (await house.client().get("/v1/public/events")).json()["items"][0]
    async with visiting(house.app, width=width, scheme=scheme) as visit:
        for path in (EMBED, f"{EMBED}?preset=dsfr&lang=en", "/v1/public/events.html",
                     f"/v1/public/events/{event['id']}.html"):  # fmt: skip
            await visit.page.goto(visit.base + path)
            faults = [fault for fault in await visit.barriers() if not is_the_hosts(fault)]
            assert faults == [], path
            assert not await visit.is_too_wide(), path
            assert await visit.page.evaluate(TOO_LOW) == [], path
        assert visit.complaints == []
        assert visit.elsewhere == []


def is_the_hosts(fault: str) -> bool:
    """What only the page around the frame can give: its first heading."""
    return fault.startswith("page-has-heading-one")


@needs_chromium
async def test_the_page_shows_inside_a_strict_host_without_script(
    house: House, session: AsyncSession, territory: Territory
) -> None:
    await a_season(session, territory)

    async def host(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != "/host":
            await house.app(scope, receive, send)
            return
        policy = b"default-src 'none'; frame-src 'self'; script-src 'none'"
        body = f'<!DOCTYPE html><title>t</title><iframe title="Agenda" src="{EMBED}" width="600" height="800"></iframe>'
        headers = [(b"content-type", b"text/html"), (b"content-security-policy", policy)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body.encode()})

    async with visiting(host) as visit:
        await visit.page.goto(visit.base + "/host")
        frame = visit.page.frame_locator("iframe")
        assert await frame.locator("h3").count() == 3
        assert await frame.locator("body").evaluate("b => getComputedStyle(b).marginTop") == "0px"
        assert visit.complaints == []


@pytest.mark.unit
@pytest.mark.parametrize(
    ("traits", "fr", "en"),
    [
        ({}, "jeudi 12 mars 2026, de 18 h 30 à 20 h", "Thursday 12 March 2026, 18:30 to 20:00"),
        (
            {"is_all_day": True, "starts_at": "2026-03-01T00:00:00+01:00", "ends_at": "2026-03-02T00:00:00+01:00"},
            "dimanche 1er mars 2026", "Sunday 1 March 2026",
        ),
        (
            {"is_all_day": True, "starts_at": "2026-03-28T00:00:00+01:00", "ends_at": "2026-03-30T00:00:00+02:00"},
            "du samedi 28 mars 2026 au dimanche 29 mars 2026",
            "from Saturday 28 March 2026 to Sunday 29 March 2026",
        ),
        (
            {"starts_at": "2026-03-12T21:00:00+01:00", "ends_at": "2026-03-13T01:00:00+01:00"},
            "jeudi 12 mars 2026, de 21 h à 1 h", "Thursday 12 March 2026, 21:00 to 01:00",
        ),
        (
            {"starts_at": "2026-03-12T09:00:00+01:00", "ends_at": "2026-03-13T17:00:00+01:00"},
            "du jeudi 12 mars 2026 à 9 h au vendredi 13 mars 2026 à 17 h",
            "from Thursday 12 March 2026, 09:00, to Friday 13 March 2026, 17:00",
        ),
        (
            {"timezone": "Indian/Reunion", "starts_at": "2026-03-12T09:00:00+04:00",
             "ends_at": "2026-03-12T10:00:00+04:00"},
            "jeudi 12 mars 2026, de 9 h à 10 h (heure de La Réunion)",
            "Thursday 12 March 2026, 09:00 to 10:00 (time of Réunion)",
        ),
    ],
)  # fmt: skip
def test_dates_are_said_as_people_say_them(traits: dict, fr: str, en: str) -> None:
    item = an_item(**traits)
    assert spoken(item, "fr", "Europe/Paris").replace("\u00a0", " ") == fr
    assert spoken(item, "en", "Europe/Paris") == en


@pytest.mark.unit
def test_every_word_a_page_needs_is_there_in_both_languages() -> None:
    words = [f"public.kind.{kind}" for kind in EventKind]
    words += [f"public.accessibility.{provision}" for provision in AccessibilityProvision]
    words += [f"public.attendance.{mode}" for mode in AttendanceMode]
    for language in i18n.LANGUAGES:
        assert [word for word in words if word not in i18n.CATALOGUES[language]] == []
