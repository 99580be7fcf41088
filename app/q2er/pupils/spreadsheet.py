"""Pupils as a spreadsheet: as a school's software exports them, and as they are exported here."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, or_
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.people.schemas import Phone
from app.actors.spreadsheet import actors_named
from app.core.bulk import among
from app.core.errors import ErrorAt, InvalidInput
from app.core.fields import Line
from app.core.schemas import Body, partial
from app.core.spreadsheets.cells import Cell, Place, text_of
from app.core.spreadsheets.kinds import Choice, Day, Many, Pair, Reference
from app.core.spreadsheets.lookups import goes_by
from app.core.spreadsheets.sheet import ID, VERSION, Change, Column, Key, Notice, Record, Sheet, Writing
from app.core.spreadsheets.words import plain, same_name
from app.identity.accounts.schemas import Email
from app.identity.caller import Caller
from app.q2er.pupils import policy, service
from app.q2er.pupils.models import Guardian, Level, Pupil, PupilExternalId
from app.q2er.pupils.schemas import BirthDate, GuardianFields, PupilExternalIds
from app.settings import Settings

OWN_SOURCE = "etablissement"
"""The source of an identifier a file gives without one."""
INE_HEADINGS = ("INE", "Numéro INE", "N° INE", "Identifiant national", "Identifiant national élève", "Numéro national")
GUARDIAN_FIELDS = ("last_name", "first_name", "email", "phone")


class PupilRowFields(Body):
    """What a row of a file says of a pupil. A file that has identifiers gives every pupil one."""

    external_ids: PupilExternalIds
    last_name: Line
    first_name: Line
    birth_date: BirthDate
    class_name: Line
    level: Level | None = None
    guardian_1_last_name: Line | None = None
    guardian_1_first_name: Line | None = None
    guardian_1_email: Email | None = None
    guardian_1_phone: Phone | None = None
    guardian_2_last_name: Line | None = None
    guardian_2_first_name: Line | None = None
    guardian_2_email: Email | None = None
    guardian_2_phone: Phone | None = None


class PupilRow(PupilRowFields):
    """A row for a new pupil."""

    school_id: Annotated[UUID, Field(description="may be left out by the referent of one school")]


@partial
class PupilRowUpdate(PupilRowFields):
    """A row for a pupil who is known."""


class OwnName(Pair):
    """The name a system gives, `source:name`; without a source, that of the school."""

    code: ClassVar[str] = "own_name"

    def read(self, cell: Cell, place: Place) -> Any:
        said = text_of(cell) or ""
        return super().read(said if ":" in said else f"{OWN_SOURCE}:{said}", place)


def _guardian(position: int, name: str) -> Column[Pupil]:
    def get(pupil: Pupil) -> Any:
        guardian = next((one for one in pupil.guardians if one.position == position), None)
        return guardian and getattr(guardian, name)

    return Column(f"guardian_{position}_{name}", get=get)


COLUMNS: Sequence[Column[Pupil]] = (
    ID,
    VERSION,
    Column("school", Reference("actors"), "school_id", lambda pupil: pupil.school_id),
    Column(
        "external_ids",
        Many(OwnName("source", "id")),
        get=lambda pupil: [{"source": name.source, "id": name.id} for name in pupil.external_ids],
    ),
    Column("last_name"),
    Column("first_name"),
    Column("birth_date", Day()),
    Column("class_name"),
    Column("level", Choice("pupil_level", Level)),
    *(_guardian(position, name) for position in (1, 2) for name in GUARDIAN_FIELDS),
    Column("purge_on", Day(), is_shown_only=True),
)


async def sheet(_session: AsyncSession, caller: Caller, settings: Settings) -> Sheet[Pupil]:
    """The pupils of a referent's school, without the entries merged into others."""
    home = next(iter(caller.school_ids)) if len(caller.school_ids) == 1 else None

    def complete(values: dict[str, Any]) -> None:
        if home:
            values.setdefault("school", home)

    async def write(session: AsyncSession, changes: Sequence[Change[Pupil]]) -> Sequence[Pupil]:
        whole = [Change(change.row, _with_guardians(change)) for change in changes]
        return await service.write_pupils(session, caller, settings, whole)

    return Sheet(
        name="pupils",
        model=Pupil,
        columns=COLUMNS,
        rows=policy.editable(caller),
        order=(Pupil.sort_name, Pupil.id),
        lookups={"actors": actors_named(caller)},
        refused={plain(heading): "ine_column" for heading in INE_HEADINGS},
        writing=Writing(
            create=PupilRow,
            update=PupilRowUpdate,
            editable=policy.editable(caller),
            keys=KEYS,
            candidates=_candidates,
            write=lambda changes: write(_session, changes),
            complete=complete,
            defaults={"external_ids": [], **({"school": home} if home else {})},
            warn=_homonyms,
        ),
    )


def _with_guardians(change: Change[Pupil]) -> Mapping[str, Any]:
    """What to write, the cells about guardians as guardians. Raises `InvalidInput` for one without a name."""
    others = {name: value for name, value in change.values.items() if not name.startswith("guardian_")}
    if len(others) == len(change.values):
        return others
    known = {guardian.position: guardian for guardian in change.row.guardians} if change.row else {}
    return {**others, "guardians": [_one_guardian(change.values, place, known.get(place)) for place in (1, 2)]}


def _one_guardian(values: Mapping[str, Any], place: int, known: Guardian | None) -> GuardianFields | None:
    said = {name: values.get(f"guardian_{place}_{name}", known and getattr(known, name)) for name in GUARDIAN_FIELDS}
    if not any(said.values()):
        return None
    missing = [name for name in ("last_name", "first_name") if not said[name]]
    if missing:
        raise InvalidInput(*(ErrorAt(f"#/guardian_{place}_{name}", "missing") for name in missing))
    return GuardianFields.model_construct(None, **said)


def _name(record: Record) -> str | None:
    first, last = record.get("first_name"), record.get("last_name")
    return same_name(f"{last} {first}") if first and last else None


def _by_external_id(record: Record) -> Iterable[Hashable]:
    return [(record.get("school"), name["source"], name["id"]) for name in record.get("external_ids") or ()]


def _by_name_and_birth(record: Record) -> Iterable[Hashable]:
    name, born = _name(record), record.get("birth_date")
    return [(record.get("school"), name, born)] if name and born else []


KEYS: Sequence[Key] = (_by_external_id, _by_name_and_birth)
"""A name alone is nobody: homonyms are two pupils until somebody says they are one."""


def _candidates(records: Sequence[Record]) -> ColumnElement[bool]:
    external = {name["id"] for record in records for name in record.get("external_ids") or ()}
    return or_(
        goes_by(Pupil.sort_name, {name for record in records if (name := _name(record))}),
        Pupil.external_ids.any(among(PupilExternalId.id, external)),
    )


def _homonyms(new: Sequence[tuple[int, Record]], known: Sequence[Record]) -> Iterable[Notice]:
    """New pupils who have the name of another, of the file or known: by the number of their row."""
    there = {(record.get("school"), _name(record)) for record in known}
    first: dict[Hashable, int] = {}
    for number, record in new:
        key = (record.get("school"), _name(record))
        if key in there:
            yield Notice("homonym_known", {"row": number})
        elif key in first:
            yield Notice("homonym_rows", {"row": first[key], "other": number})
        first.setdefault(key, number)
