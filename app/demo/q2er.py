"""Q2ER: the three editions the source tells of, and the one of the present school year, on the third one's plan."""

import random
from collections.abc import Collection, Iterator, Mapping
from datetime import date, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core.publication import Publication
from app.demo.actors import Cast
from app.demo.events import event_id, event_values, instant
from app.demo.history import PastEntry, history
from app.demo.people import Contacts
from app.demo.rows import Rows, demo_id
from app.demo.territories import SUCCESSOR, Entry, ground, read, territory_id
from app.events.models import Audience, Event
from app.events.registrations.models import Attendance
from app.q2er.editions.models import Edition, EditionState
from app.q2er.participations.models import Participation
from app.q2er.pupils.retention import school_year_of
from app.q2er.replication.calendar import first_day, free_span, last_day, same_school_week
from app.q2er.sequences.models import Sequence, SequenceAudience, SequenceKind
from app.territories.models import Theme

Values = dict[str, Any]

THIRD = "2016-2017"
SCHOOL_TOWN = "94018"
IN_HISTORY = "q2er-2016-"
COMPANIES = 6
"""How many companies take part in a session of the third edition."""
ANNOUNCED = timedelta(days=14)


class SequenceEntry(Entry):
    """A sequence of every edition. `first`, `last`: month and day of its period."""

    key: str
    kind: SequenceKind
    title: str
    objectives: list[str]
    audience: list[SequenceAudience]
    first: tuple[int, int]
    last: tuple[int, int]


class EditionEntry(Entry):
    """An edition, but for the sequences it is `without`."""

    school_year: str
    theme: str | None = None
    without: tuple[str, ...] = ()


class Programme(Entry):
    """The whole of `q2er.toml`."""

    sequence: tuple[SequenceEntry, ...]
    edition: tuple[EditionEntry, ...]


@cache
def programme() -> Programme:
    """The data file, checked."""
    return Programme.model_validate(read("q2er"))


def edition_id(school_year: str) -> UUID:
    """The identifier of an edition."""
    return demo_id("edition", school_year)


def sequence_id(school_year: str, key: str) -> UUID:
    """The identifier of a sequence."""
    return demo_id("sequence", school_year, key)


async def put_editions(rows: Rows, cast: Cast, contacts: Contacts, *, today: date) -> set[UUID]:
    """Write the editions and their sequences; the present one runs, those before it are closed. Answers the sequences
    there are."""
    present = school_year_of(today)
    entries = [*programme().edition]
    if present not in {entry.school_year for entry in entries}:
        entries.append(EditionEntry(school_year=present))
    wanted = {edition_id(entry.school_year): _edition(entry, cast, contacts, present) for entry in entries}
    found = await rows.put(Edition, wanted, Edition.schools)
    there = [entry for entry in entries if edition_id(entry.school_year) in found]
    return set(await rows.put(Sequence, dict(sequence for entry in there for sequence in _sequences(entry))))


def sequences_of_history(sequences: Collection[UUID]) -> dict[UUID, UUID]:
    """Of which of the sequences each event of the third edition is a session, by their identifiers."""
    told = {event_id(entry): sequence_id(THIRD, key) for key, entry in _third().items()}
    return {event: sequence for event, sequence in told.items() if sequence in sequences}


async def put_sessions(
    rows: Rows, cast: Cast, themes: dict[UUID, Theme], events: Mapping[UUID, Event], *, today: date
) -> None:
    """Who took part in the third edition, and the sessions of the present one."""
    past = {key: event for key, entry in _third().items() if (event := events.get(event_id(entry)))}
    held = {key: event for key, event in past.items() if event.sequence_id}
    await rows.put(Participation, {id_: told for event in held.values() for id_, told in _participations(event, cast)})
    year = school_year_of(today)
    ids = {sequence_id(year, key): key for key in _third()}
    there = set(await rows.session.scalars(select(Sequence.id).where(Sequence.id.in_(ids))))
    planned = {
        demo_id("event", "q2er", year, key): _session(_third()[key], key, year, cast, themes)
        for id_, key in ids.items()
        if id_ in there and year != THIRD
    }
    await rows.put(Event, planned, Event.themes, Event.actors)


def _third() -> dict[str, PastEntry]:
    """The events of the third edition, by their sequence."""
    return {entry.key.removeprefix(IN_HISTORY): entry for entry in history() if entry.key.startswith(IN_HISTORY)}


def _edition(entry: EditionEntry, cast: Cast, contacts: Contacts, present: str) -> Values:
    school = cast.actors.get("school")
    referent = contacts.get("school-1")
    announced = instant(first_day(entry.school_year) + ANNOUNCED, time(9))
    return {
        "territory_id": territory_id(SUCCESSOR), "programme_id": demo_id("programme", ground().programme[-1].name),
        "school_year": entry.school_year, "theme": entry.theme, "schools": [school] if school else [],
        "referent_id": referent.person_id if referent else None,
        "state": EditionState.RUNNING if entry.school_year == present else EditionState.CLOSED,
        "publication": Publication.PUBLISHED, "published_at": announced, "is_demonstration": True,
    }  # fmt: skip


def _sequences(entry: EditionEntry) -> Iterator[tuple[UUID, Values]]:
    told = [sequence for sequence in programme().sequence if sequence.key not in entry.without]
    for position, sequence in enumerate(told, 1):
        yield sequence_id(entry.school_year, sequence.key), {
            **sequence.model_dump(include={"kind", "title", "objectives"}), "position": position,
            "audience": [str(audience) for audience in sequence.audience],
            "territory_id": territory_id(SUCCESSOR), "edition_id": edition_id(entry.school_year),
            "school_year": entry.school_year, "starts_on": _day(entry.school_year, sequence.first),
            "ends_on": _day(entry.school_year, sequence.last), "is_demonstration": True,
        }  # fmt: skip


def _day(school_year: str, place: tuple[int, int]) -> date:
    """That month and day of the school year."""
    day = date(first_day(school_year).year, *place)
    return day if day >= first_day(school_year) else date(last_day(school_year).year, *place)


def _participations(event: Event, cast: Cast) -> Iterator[tuple[UUID, Values]]:
    companies = [actor for name, actor in sorted(cast.actors.items()) if name.startswith("company-")]
    for actor in random.Random(event.title).sample(companies, min(COMPANIES, len(companies))):
        yield demo_id("participation", str(event.id), str(actor.id)), {
            "territory_id": event.territory_id, "event_id": event.id, "sequence_id": event.sequence_id,
            "actor_id": actor.id, "attendance": Attendance.ATTENDED, "is_demonstration": True,
        }  # fmt: skip


def _session(entry: PastEntry, key: str, year: str, cast: Cast, themes: dict[UUID, Theme]) -> Values:
    """The same session in the same week of that school year, for those who take part."""
    day = free_span(same_school_week(entry.date, THIRD, year), entry.days, year, SCHOOL_TOWN)
    announced = instant(first_day(year) + ANNOUNCED, time(9))
    values = event_values(entry, day, cast, themes, announced=announced)
    title = "Clôture du programme" if key == "cloture" else entry.title
    return values | {"sequence_id": sequence_id(year, key), "audience": Audience.PARTNERS, "title": title}
