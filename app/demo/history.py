"""What the source tells: 2012 to 2015 on the first territory, the third edition of Q2ER on its successor."""

from datetime import date, time, timedelta
from uuid import UUID

from app.demo.actors import Cast
from app.demo.events import EventEntry, event_id, event_values, instant
from app.demo.rows import Rows
from app.demo.territories import FIRST, SUCCESSOR, ground, read
from app.events.models import Event
from app.territories.models import Theme

ANNOUNCED_BEFORE = timedelta(days=30)


class PastEntry(EventEntry):
    """An event on a day gone by."""

    date: date


def history() -> list[PastEntry]:
    """The past events, as their data file tells them."""
    return [PastEntry.model_validate(table) for table in read("history")["event"]]


async def put_history(rows: Rows, casts: dict[str, Cast], themes: dict[UUID, Theme]) -> None:
    """Write the past events, each on the territory that existed on its day."""
    took_over = next(entry.valid_from for entry in ground().territory if entry.key == SUCCESSOR)
    assert took_over
    wanted = {}
    for entry in history():
        cast = casts[FIRST if entry.date < took_over else SUCCESSOR]
        announced = instant(entry.date - ANNOUNCED_BEFORE, time(9))
        wanted[event_id(entry)] = event_values(entry, entry.date, cast, themes, announced=announced)
    await rows.put(Event, wanted, Event.themes, Event.actors)
