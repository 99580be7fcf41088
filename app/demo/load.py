"""Writes the demonstration territory: the same rows at every load, in one transaction."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text

from app.core import clock
from app.core.db import Database, let_see
from app.core.journal import attribute_to
from app.demo import loaded
from app.demo.actors import Cast, put_actors
from app.demo.attendance import put_attendance
from app.demo.communication import put_communication
from app.demo.dialogue import put_groups, put_needs, settle_needs
from app.demo.events import ZONE, event_id
from app.demo.history import history, put_history
from app.demo.partnerships import put_partnerships
from app.demo.people import Contacts, put_people
from app.demo.plans import Ground, put_plans
from app.demo.pupils import put_pupils
from app.demo.rows import CALLER, Rows
from app.demo.season import put_season
from app.demo.territories import FIRST, SUCCESSOR, put_territories, territory_id
from app.territories.models import Theme


@dataclass(frozen=True)
class Summary:
    """How many demonstration rows there are, by resource, and how long the load took."""

    counts: Mapping[str, int]
    seconds: float

    def __str__(self) -> str:
        return ", ".join(f"{number} {resource}" for resource, number in self.counts.items())


async def load(database: Database, *, today: date | None = None) -> Summary:
    """Write the demonstration territory, its season around `today` (in the territory's zone unless given).

    Loading again the same week changes nothing, later moves the season on. What somebody else has changed
    or deleted since stays as they left it. Two loads at once take turns.
    """
    begun = time.perf_counter()
    today = today or clock.now().astimezone(ZONE).date()
    async with database.session() as session:
        attribute_to(session, CALLER)
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('demonstration'))"))
        places = [territory_id(FIRST), territory_id(SUCCESSOR)]
        await let_see(session, territory_ids=places, actor_ids=None, school_ids=None)
        rows = Rows(session)
        themes = await put_territories(rows)
        casts = await put_actors(rows, themes)
        contacts = await put_people(rows, casts)
        groups = await put_groups(rows, casts[FIRST], contacts[FIRST])
        events = await put_history(rows, casts, themes, groups)
        await put_attendance(rows, events, contacts[FIRST], groups)
        await _put_answers(rows, casts[FIRST], contacts[FIRST], themes, events, groups)
        await put_season(rows, casts[SUCCESSOR], themes, today=today)
        await put_pupils(rows, casts[SUCCESSOR], today=today)
        await loaded.note(session, today)
        await session.commit()
    return Summary(dict(rows.counts), time.perf_counter() - begun)


async def _put_answers(
    rows: Rows,
    cast: Cast,
    contacts: Contacts,
    themes: dict[UUID, Theme],
    events: Collection[UUID],
    groups: Collection[str],
) -> None:
    """What the first years came to: needs, the actions that answer them, partnerships, and what was told of it."""
    places = {entry.key: id_ for entry in history() if (id_ := event_id(entry)) in events}
    needs = await put_needs(rows, cast, places)
    actions = await put_plans(rows, Ground(cast, contacts, themes, places, needs, groups))
    await settle_needs(rows, needs, {need for entry in actions.values() for need in entry.needs})
    await put_partnerships(rows, cast)
    await put_communication(rows, cast, places, actions)
