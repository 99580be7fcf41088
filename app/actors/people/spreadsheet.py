"""People as a spreadsheet, with what they are to organisations in one cell, a line each."""

import re
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.people import policy, service
from app.actors.people.models import Affiliation, Person
from app.actors.people.schemas import Affiliations, PersonCreate, PersonUpdate
from app.actors.spreadsheet import actors_named, ids_in, key_of
from app.core.bulk import among
from app.core.schemas import partial
from app.core.spreadsheets.cells import Cell, CellFault, Kind, Named, Place, text_of
from app.core.spreadsheets.kinds import Day, Instant, Reference
from app.core.spreadsheets.lookups import goes_by, matched
from app.core.spreadsheets.sheet import ID, VERSION, Change, Column, Key, Lookup, Record, Sheet, Writing
from app.core.spreadsheets.words import same_name
from app.identity.caller import Caller
from app.territories.spreadsheet import TERRITORY, ground

_BAR = re.compile(r"(?<!\\)\|")
_DAY = Day()
_ACTOR = Reference("actors")


@partial
class PersonRow(PersonUpdate):
    """The fields a row of a file changes; of the affiliations, those it names."""

    affiliations: Annotated[Affiliations, Field(default_factory=list)]


class AffiliationLines(Kind):
    """What a person is to organisations: role | organisation | first day | end day, a line each.

    A line taken out is no deletion: an affiliation that is over is given its end day.
    """

    code: ClassVar[str] = "affiliation"
    width: ClassVar[int] = 60

    def read(self, cell: Cell, place: Place) -> Any:
        return [self._read_line(line, place) for line in _lines(cell)]

    def write(self, value: Any, place: Place) -> Cell:
        return "\n".join(self._written_line(affiliation, place) for affiliation in value) or None

    def is_same(self, one: Any, other: Any) -> bool:
        """Whether the file (`one`) names nothing new."""
        known = [_said(affiliation) for affiliation in other]
        return all(_said(affiliation) in known for affiliation in one)

    def named(self, cell: Cell) -> Iterable[tuple[str, str]]:
        parts = [_parts(line) for line in _lines(cell)]
        return [(_ACTOR.lookup, of[1]) for of in parts if len(of) > 1]

    def ids(self, value: Any) -> Iterable[tuple[str, UUID]]:
        return [(_ACTOR.lookup, affiliation["actor_id"]) for affiliation in value]

    def _read_line(self, line: str, place: Place) -> dict[str, Any]:
        parts = _parts(line)
        if not 2 <= len(parts) <= 4:
            raise CellFault("affiliation")
        role, actor, *days = parts
        first, end = (_DAY.read(day, place) if day else None for day in (*days, "", "")[:2])
        return {"role": role, "actor_id": _ACTOR.read(actor, place), "valid_from": first, "valid_until": end}

    def _written_line(self, affiliation: Mapping[str, Any], place: Place) -> str:
        names = [affiliation["role"], str(_ACTOR.write(affiliation["actor_id"], place))]
        days = [str(affiliation[day] or "") for day in ("valid_from", "valid_until")]
        return " | ".join([*(name.replace("|", r"\|") for name in names), *days]).rstrip(" |")


COLUMNS: Sequence[Column[Person]] = (
    ID,
    VERSION,
    TERRITORY,
    Column("last_name"),
    Column("first_name"),
    Column("job_title"),
    Column("email"),
    Column("phone"),
    Column("agreed_to_contact_at", Instant()),
    Column("agreed_how"),
    Column("affiliations", AffiliationLines(), get=lambda person: [_told(row) for row in person.affiliations]),
)


async def sheet(session: AsyncSession, caller: Caller) -> Sheet[Person]:
    """The people a caller may reach, with their affiliations as far as the caller sees them."""
    where = await ground(session, caller)

    async def write(changes: Sequence[Change[Person]]) -> Sequence[Person]:
        return await service.write_people(session, caller, changes)

    return Sheet(
        name="people",
        model=Person,
        columns=COLUMNS,
        rows=policy.with_affiliations(caller, policy.visible_to(caller)),
        order=(Person.sort_name, Person.id),
        lookups={**where.lookups, "actors": actors_named(caller)},
        zones=where.zones,
        writing=Writing(
            create=PersonCreate,
            update=PersonRow,
            editable=policy.editable(caller),
            keys=KEYS,
            candidates=_candidates,
            write=write,
            defaults=where.defaults,
        ),
    )


def _name(record: Record) -> str | None:
    first, last = record.get("first_name"), record.get("last_name")
    return f"{last} {first}" if first and last else None


def _by_name_and_email(record: Record) -> Iterable[Hashable]:
    name, email = _name(record), record.get("email")
    return [(record.get("territory"), same_name(name), email.strip().casefold())] if name and email else []


def _by_name(record: Record) -> Iterable[Hashable]:
    name = _name(record)
    return [(record.get("territory"), same_name(name))] if name else []


KEYS: Sequence[Key] = (_by_name_and_email, _by_name)
"""Two of the same name are one unless their addresses tell them apart."""


def _candidates(records: Sequence[Record]) -> ColumnElement[bool]:
    return goes_by(Person.sort_name, {name for record in records if (name := _name(record))})


def people_named(caller: Caller) -> Lookup:
    """The people a caller sees, by e-mail address, first and last name in either order, or identifier."""
    visible = policy.visible_to(caller)

    async def named(session: AsyncSession, asked: Collection[str]) -> list[Named]:
        keys = {name: key_of(name) for name in asked}
        addresses = {key.casefold() for key in keys.values()}
        could_be = or_(
            goes_by(Person.sort_name, {turned for key in keys.values() for turned in _turned(key)}),
            func.lower(Person.email).in_(addresses),
            among(Person.id, ids_in(keys.values())),
        )
        rows = (await session.scalars(visible.where(could_be))).all()
        found = matched(set(keys.values()), rows, _names, lambda person: (person.id, person.territory_id))
        return [row._replace(name=name) for name, key in keys.items() for row in found if row.name == key]

    async def names(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, str]:
        rows = (await session.scalars(visible.where(among(Person.id, ids)))).all()
        return {row.id: f"{row.first_name} {row.last_name} [{row.email or row.id}]" for row in rows}

    return Lookup(named, names)


def _names(person: Person) -> list[str | None]:
    first, last = person.first_name, person.last_name
    return [f"{first} {last}", f"{last} {first}", person.email, str(person.id)]


def _turned(name: str) -> list[str]:
    """The words of a name, with each of them first: nobody says where the first name ends."""
    words = name.split()[:8]
    return [" ".join([*words[n:], *words[:n]]) for n in range(len(words))]


def _told(row: Affiliation) -> dict[str, Any]:
    return {"role": row.role, "actor_id": row.actor_id, "valid_from": row.valid_from, "valid_until": row.valid_until}


def _said(affiliation: Mapping[str, Any]) -> tuple[str, UUID, date | None, date | None]:
    role, actor_id = affiliation["role"], affiliation["actor_id"]
    return role, actor_id, affiliation["valid_from"], affiliation["valid_until"]


def _lines(cell: Cell) -> list[str]:
    return [line.strip() for line in (text_of(cell) or "").splitlines() if line.strip()]


def _parts(line: str) -> list[str]:
    return [part.strip().replace(r"\|", "|") for part in _BAR.split(line)]
