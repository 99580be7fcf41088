from datetime import timedelta
from uuid import UUID
from xml.etree import ElementTree

import feedparser
import pytest
from httpx import AsyncClient
from hypothesis import given, settings
from sqlalchemy.ext.asyncio import AsyncSession

from app.publishing.formats import atom
from app.publishing.formats.texts import for_xml, html_of
from app.territories.models import Territory
from tests.factories import a_theme, an_actor, an_event
from tests.publishing.test_calendar import TITLES, an_item

EVENTS = "/v1/public/events"


async def test_a_feed_reader_understands_the_feed(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    organiser, theme = await an_actor(session, territory, name="Club"), await a_theme(session, territory, name="Emploi")
    event = await an_event(
        session, territory, published=True, title="A & <B>", organisers=(organiser,), themes=[theme],
        description="**Gras** <script>alert(1)</script>",
    )  # fmt: skip
    answer = await anonymous.get(f"{EVENTS}.atom?limit=5&territory=marne")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.feed.title == "Agenda – Bords de Marne"
    assert feed.feed.language == "fr"
    assert [link.href for link in feed.feed.links if link.rel == "self"] == [str(answer.url)]
    entry = feed.entries[0]
    assert entry.id == f"urn:uuid:{event.id}"
    assert entry.title in {"A &amp; &lt;B&gt;", "A & <B>"}
    assert entry.author == "Club"
    assert entry.updated == event.significant_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert entry.tags[0].label == "Emploi"
    assert "<strong>Gras</strong>" in entry.content[0].value
    assert "<script" not in answer.text


async def test_the_feed_keeps_its_name_whatever_the_host_and_the_order_of_filters(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    await an_event(session, territory, published=True)
    one = feedparser.parse((await anonymous.get(f"{EVENTS}.atom?territory=marne&kind=plenary")).content).feed.id
    other = feedparser.parse((await anonymous.get(f"{EVENTS}.atom?kind=plenary&territory=marne")).content).feed.id
    assert one == other
    assert UUID(one.removeprefix("urn:uuid:")).version == 5


async def test_the_pages_of_a_feed_are_linked(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    for _ in range(3):
        await an_event(session, territory, published=True)
    first = feedparser.parse((await anonymous.get(f"{EVENTS}.atom?limit=2")).content)
    following = next(link.href for link in first.feed.links if link.rel == "next")
    second = feedparser.parse((await anonymous.get(following.removeprefix("http://test"))).content)
    assert len(first.entries) + len(second.entries) == 3


async def test_an_edit_that_matters_moves_updated_and_the_date_of_the_event_does_not_enter(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    event = await an_event(session, territory, published=True)
    event.significant_at += timedelta(hours=1)
    await session.commit()
    entry = feedparser.parse((await anonymous.get(f"{EVENTS}.atom")).content).entries[0]
    assert entry.updated == event.significant_at.strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_an_empty_feed_is_still_one(anonymous: AsyncClient, territory: Territory) -> None:
    feed = feedparser.parse((await anonymous.get(f"{EVENTS}.atom?territory=marne")).content)
    assert not feed.bozo
    assert feed.entries == []
    assert feed.feed.updated


@pytest.mark.unit
@settings(deadline=None)
@given(TITLES)
def test_any_title_comes_back_from_the_feed(title: str) -> None:
    item = an_item(title=title, links={"html": "https://a.example/e.html", "ics": "https://a.example/e.ics"})
    body = atom.feed(
        [item], [html_of(title)], title=title, author="A", selection="x", links={"self": "https://a.example/"},
        language="fr",
    )  # fmt: skip
    root = ElementTree.fromstring(body)
    assert (root.findtext("{*}entry/{*}title") or "") == for_xml(title)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;"),
        ("[x](javascript:alert(1))", "javascript:alert(1)"),
        ("### Titre\n\n#### Suite", "<h2>Titre</h2>\n<h3>Suite</h3>"),
        ("![pixel](https://spy.example/p.gif)", "!"),
    ],
)
def test_markdown_becomes_html_that_can_do_no_harm(markdown: str, html: str) -> None:
    made = html_of(markdown)
    assert html in made
    assert "<script" not in made
    assert 'href="javascript' not in made
    assert "<img" not in made
