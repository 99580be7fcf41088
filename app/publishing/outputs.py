"""Calendar, feed and page of the same selections."""

from urllib.parse import urlencode

import orjson

from app.core import i18n
from app.core.i18n import Language
from app.publishing.answers import Answer
from app.publishing.events import Page, find, find_event, language_of
from app.publishing.filters import Cancelled, EmbedQuestion, EventQuestion
from app.publishing.formats import atom, calendar, page
from app.publishing.reading import Reading

EVENTS = "/v1/public/events"
INLINE = {"Content-Disposition": 'inline; filename="agenda.ics"'}
OF_THE_PAGE = {"heading", "preset", "cursor", "limit"}


async def list_calendar(reading: Reading) -> Answer:
    """A page of the selection as a calendar."""
    found, language = await find(reading, detailed=True), language_of(reading)
    assert isinstance(reading.question, EventQuestion)
    body = calendar.calendar(
        found.items(language),
        title=title_of(found, language),
        url=reading.url,
        timezone=found.window.timezone,
        language=language,
        cancelled=reading.question.cancelled,
    )
    return _answer(body, calendar.MEDIA_TYPE, found, INLINE | reading.link_next(found.next))


async def read_calendar(reading: Reading) -> Answer:
    """One event as a calendar."""
    found, language = await find_event(reading, detailed=True), language_of(reading)
    item = orjson.loads(found.item)
    body = calendar.calendar(
        [item],
        title=item["title"],
        url=reading.url,
        timezone=item["timezone"],
        language=language,
        cancelled=Cancelled.STATUS,
    )
    return Answer(body, calendar.MEDIA_TYPE, until=found.until, modified=found.modified, headers=INLINE)


async def list_feed(reading: Reading) -> Answer:
    """A page of the selection as an Atom feed."""
    found, language = await find(reading, detailed=True), language_of(reading)
    items = found.items(language)
    links = {"self": reading.url, "alternate": reading.base_url + reading.with_parameters(".html")}
    if found.next:
        links["next"] = reading.base_url + reading.with_parameters(cursor=found.next)
    body = atom.feed(
        items,
        [page.content(item, language, found.window.timezone) for item in items],
        title=title_of(found, language),
        author=found.known.territory_name or i18n.text(language, "page.name"),
        selection=EVENTS + "?" + urlencode(sorted(reading.pairs)),
        links=links,
        language=language,
    )
    return _answer(body, atom.MEDIA_TYPE, found, reading.link_next(found.next))


async def list_page(reading: Reading) -> Answer:
    """A page of the selection as HTML."""
    found, language = await find(reading), language_of(reading)
    body = page.listing(
        found.items(language),
        title=title_of(found, language),
        timezone=found.window.timezone,
        language=language,
        calendar_url=reading.base_url + reading.with_parameters(".ics", cursor=None),
        feed_url=reading.base_url + reading.with_parameters(".atom", cursor=None),
        next_url=reading.with_parameters(cursor=found.next) if found.next else None,
    )
    return _answer(body, page.MEDIA_TYPE, found, page.headers(language) | reading.link_next(found.next))


async def read_page(reading: Reading) -> Answer:
    """One event as HTML."""
    found, language = await find_event(reading), language_of(reading)
    body = page.event(orjson.loads(found.item), language)
    return Answer(body, page.MEDIA_TYPE, until=found.until, modified=found.modified, headers=page.headers(language))


async def embed_events(reading: Reading) -> Answer:
    """The list that stands inside another site."""
    question = reading.question
    assert isinstance(question, EmbedQuestion)
    found, language = await find(reading), language_of(reading)
    filters = urlencode([(name, value) for name, value in reading.pairs if name not in OF_THE_PAGE])
    body = page.listing(
        found.items(language),
        title=title_of(found, language),
        timezone=found.window.timezone,
        language=language,
        calendar_url=f"{reading.base_url}{EVENTS}.ics" + (f"?{filters}" if filters else ""),
        feed_url=f"{reading.base_url}{EVENTS}.atom" + (f"?{filters}" if filters else ""),
        next_url=reading.with_parameters(cursor=found.next) if found.next else None,
        heading=question.heading,
        preset=question.preset,
    )
    headers = page.headers(language, may_be_framed=True)
    return _answer(body, page.MEDIA_TYPE, found, headers | reading.link_next(found.next))


def title_of(found: Page, language: Language) -> str:
    """What a calendar, feed or page of this selection is called."""
    name = found.known.territory_name
    return i18n.text(language, "public.agenda_of", territory=name) if name else i18n.text(language, "public.agenda")


def _answer(body: bytes, media_type: str, found: Page, headers: dict[str, str]) -> Answer:
    return Answer(body, media_type, until=found.until, modified=found.found.modified, headers=headers)
