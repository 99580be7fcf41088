"""What the source tells: 2012 to 2015 on the first territory, the third edition of Q2ER on its successor."""

from collections.abc import Collection, Mapping
from datetime import date, time, timedelta
from uuid import UUID

from app.demo.actors import Cast
from app.demo.dialogue import group_id
from app.demo.events import EventEntry, event_id, event_values, instant
from app.demo.rows import Rows, demo_id
from app.demo.territories import FIRST, SUCCESSOR, ground, read
from app.events.models import Event
from app.territories.models import Theme

ANNOUNCED_BEFORE = timedelta(days=30)
MEETINGS = 3  # of each group, in the source


class PastEntry(EventEntry):
    """An event on a day gone by."""

    date: date


def history() -> list[PastEntry]:
    """The past events, as their data file tells them."""
    return [PastEntry.model_validate(table) for table in read("history")["event"]]


async def put_history(
    rows: Rows,
    casts: dict[str, Cast],
    themes: dict[UUID, Theme],
    groups: Collection[str],
    sequences: Mapping[UUID, UUID],
) -> dict[UUID, Event]:
    """Write the past events, each on the territory that existed on its day; answers those there are.

    `groups`: the working groups there are, whose word is in the keys of their meetings. `sequences`: of which
    sequence of Q2ER an event is a session.
    """
    took_over = next(entry.valid_from for entry in ground().territory if entry.key == SUCCESSOR)
    assert took_over
    wanted = {}
    for entry in history():
        cast = casts[FIRST if entry.date < took_over else SUCCESSOR]
        announced = instant(entry.date - ANNOUNCED_BEFORE, time(9))
        wanted[event_id(entry)] = event_values(entry, entry.date, cast, themes, announced=announced)
    for group in groups:
        for n in range(1, MEETINGS + 1):
            wanted[demo_id("event", f"groupe-{group}-{n}")]["working_group_id"] = group_id(group)
    for event, sequence in sequences.items():
        wanted[event]["sequence_id"] = sequence
    return await rows.put(Event, wanted, Event.themes, Event.actors)
