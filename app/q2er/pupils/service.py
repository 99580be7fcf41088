"""What is decided of pupils: two entries for one pupil become one and can become two again, and a pupil is erased."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.actors.policy import visible_to as actors_visible_to
from app.core import clock
from app.core.bulk import among, save_all
from app.core.db import apply, save, touch
from app.core.errors import Conflict, ErrorAt, IllegalTransition, InvalidInput
from app.core.fields import ExternalId
from app.core.journal import give_reason
from app.core.references import referred
from app.core.spreadsheets.sheet import Change
from app.identity.caller import Caller
from app.q2er.pupils import policy
from app.q2er.pupils.models import Erasure, Guardian, Pupil, PupilExternalId
from app.q2er.pupils.retention import blank, erasure_key, purge_on, school_year_of, today
from app.q2er.pupils.schemas import GuardianFields, PupilCreate, PupilUpdate
from app.settings import Settings


async def create_pupil(session: AsyncSession, caller: Caller, settings: Settings, body: PupilCreate) -> Pupil:
    """A new pupil. Raises `NotAllowed` for a school that is not the caller's, `InvalidInput`, `AlreadyExists`."""
    pupil = await _new(session, caller, body.school_id, {})
    _fill(pupil, dict(body), settings)
    return await save(session, pupil, within=policy.editable(caller))


async def update_pupil(
    session: AsyncSession, caller: Caller, settings: Settings, pupil: Pupil, body: PupilUpdate
) -> Pupil:
    """Change the fields given. Raises `Conflict` for a merged entry, `InvalidInput`, `AlreadyExists`."""
    _require_apart(pupil)
    _fill(pupil, body.given(), settings)
    return await save(session, pupil, within=policy.editable(caller))


async def write_pupils(
    session: AsyncSession, caller: Caller, settings: Settings, changes: Sequence[Change[Pupil]]
) -> list[Pupil]:
    """Add and change many pupils at once; whoever is in a file of today is kept as if entered today. Raises as
    `create_pupil`."""
    schools: dict[UUID, Actor] = {}
    pupils = []
    for change in changes:
        pupil = change.row or await _new(session, caller, change.values["school_id"], schools)
        _fill(pupil, {"purge_on": None, **change.values}, settings)
        pupils.append(pupil)
    await save_all(session, pupils, within=policy.editable(caller))
    return pupils


async def merge(session: AsyncSession, caller: Caller, pupil: Pupil, duplicate_id: UUID) -> Pupil:
    """Say that another entry is the same pupil: it goes out of the lists, and what hangs on it counts for this one.

    Raises `InvalidInput` for one of elsewhere, `IllegalTransition` when either is merged already, `Conflict` when
    others were merged into the duplicate.
    """
    if duplicate_id == pupil.id:
        raise InvalidInput(ErrorAt("#/duplicate_id", "merged_into_itself"))
    await referred(session, policy.visible_to(caller), Pupil, "duplicate_id", duplicate_id)
    held = await _hold(session, policy.visible_to(caller).where(Pupil.id.in_((pupil.id, duplicate_id))))
    pupil, duplicate = held[pupil.id], held[duplicate_id]
    _require_apart(pupil)
    _require_apart(duplicate, "#/duplicate_id")
    if duplicate.school_id != pupil.school_id:
        raise InvalidInput(ErrorAt("#/duplicate_id", "unknown_reference"))
    if (await session.scalars(policy.duplicates_of(caller, duplicate).limit(1))).first():
        raise Conflict(ErrorAt("#/duplicate_id", "has_duplicates"))
    give_reason(session, "merged")
    await _move_names(session, duplicate.id, pupil.id, came_from=duplicate.id)
    duplicate.merged_into_id = pupil.id
    return await _both_changed(session, pupil, duplicate)


async def unmerge(session: AsyncSession, caller: Caller, duplicate: Pupil) -> Pupil:
    """Undo a merge: the entry is a pupil of its own again, with all it had. Raises `IllegalTransition`."""
    if duplicate.merged_into_id is None:
        raise IllegalTransition("apart", "apart", "pupil_apart")
    ids = (duplicate.id, duplicate.merged_into_id)
    held = await _hold(session, policy.visible_to(caller).where(Pupil.id.in_(ids)))
    give_reason(session, "unmerged")
    await session.execute(
        update(PupilExternalId)
        .where(PupilExternalId.came_from_id == duplicate.id)
        .values(pupil_id=duplicate.id, came_from_id=None)
        .execution_options(synchronize_session=False)
    )
    duplicate.merged_into_id = None
    return await _both_changed(session, duplicate, *(row for id_, row in held.items() if id_ != duplicate.id))


async def erase(session: AsyncSession, caller: Caller, settings: Settings, pupil: Pupil) -> None:
    """Take away who a pupil is, and the entries merged into them; no backup brings them back for long."""
    same = policy.visible_to(caller).where((Pupil.id == pupil.id) | (Pupil.merged_into_id == pupil.id))
    held = await _hold(session, same)
    give_reason(session, "erased")
    await note_erasures(session, [erasure_key(settings, id_) for id_ in held])
    for row in held.values():
        blank(row)
    await session.flush()


async def note_erasures(session: AsyncSession, keys: Collection[bytes]) -> None:
    """Put these in the ledger, where they are not."""
    if keys:
        lines = [{"key_hash": key, "erased_at": clock.now()} for key in keys]
        await session.execute(insert(Erasure).values(lines).on_conflict_do_nothing())


async def those_in(session: AsyncSession, rows: Select[Pupil]) -> Sequence[Pupil]:
    """Which pupils a selection is of: their code, school and territory, no more."""
    return (await session.execute(rows.with_only_columns(Pupil.id, Pupil.school_id, Pupil.territory_id))).all()  # type: ignore[return-value]


def among_ids(caller: Caller, ids: Collection[UUID]) -> Select[Pupil]:
    """The pupils with these codes, within the caller's sight."""
    return policy.visible_to(caller).where(among(Pupil.id, ids))


async def _new(session: AsyncSession, caller: Caller, school_id: UUID, known: dict[UUID, Actor]) -> Pupil:
    policy.require_may_add(caller, school_id)
    if school_id not in known:
        known[school_id] = await referred(session, actors_visible_to(caller), Actor, "school_id", school_id)
    territory_id = known[school_id].territory_id
    return Pupil(territory_id=territory_id, school_id=school_id, guardians=[], external_ids=[])


def _fill(pupil: Pupil, values: Mapping[str, Any], settings: Settings) -> None:
    written = {name: value for name, value in values.items() if name not in ("guardians", "external_ids")}
    if "purge_on" in values:
        written["purge_on"] = purge_on(values["purge_on"], settings)
    if "class_name" in values:
        written["school_year"] = school_year_of(today())
    apply(pupil, written)
    if "guardians" in values:
        pupil.guardians = _guardians(pupil, values["guardians"])
        touch_if_known(pupil)
    if "external_ids" in values:
        pupil.external_ids = _external_ids(pupil, values["external_ids"])


def touch_if_known(pupil: Pupil) -> None:
    """A change in what hangs on a pupil is a change of the pupil."""
    if pupil.version is not None:
        touch(pupil)


def _guardians(pupil: Pupil, given: Sequence[GuardianFields | None]) -> list[Guardian]:
    """The guardians given, each in the place of the one before, whose code stays. None: nobody in this place."""
    before = {guardian.position: guardian for guardian in pupil.guardians}
    found = []
    for position, told in enumerate(given, 1):
        if told is not None:
            guardian = before.get(position) or Guardian(position=position)
            for name, value in told.model_dump().items():
                setattr(guardian, name, value)
            found.append(guardian)
    return found


def _external_ids(pupil: Pupil, given: Sequence[ExternalId]) -> list[PupilExternalId]:
    """The names given, a name that stays keeping its row."""
    rows = {(row.source, row.id): row for row in pupil.external_ids}
    return [
        rows.get((one.source, one.id)) or PupilExternalId(school_id=pupil.school_id, source=one.source, id=one.id)
        for one in sorted(given, key=lambda name: (name.source, name.id))
    ]


def _require_apart(pupil: Pupil, *at: str) -> None:
    if pupil.merged_into_id is not None:
        raise IllegalTransition("merged", "merged", "pupil_merged", *(ErrorAt(place, "merged_already") for place in at))


async def _hold(session: AsyncSession, rows: Select[Pupil]) -> dict[UUID, Pupil]:
    """These pupils as they stand, kept from other changes until the request ends."""
    held = rows.order_by(Pupil.id).with_for_update(of=Pupil).execution_options(populate_existing=True)
    return {row.id: row for row in await session.scalars(held)}


async def _move_names(session: AsyncSession, source: UUID, to: UUID, *, came_from: UUID) -> None:
    moved = update(PupilExternalId).where(PupilExternalId.pupil_id == source)
    values = {"pupil_id": to, "came_from_id": came_from}
    await session.execute(moved.values(values).execution_options(synchronize_session=False))


async def _both_changed(session: AsyncSession, first: Pupil, *others: Pupil) -> Pupil:
    """Write them, each with a new version, and read again what hangs on the first."""
    for row in (first, *others):
        session.expire(row, ["external_ids"])
        touch(row)
    await session.flush()
    await session.refresh(first, ["external_ids", "guardians"])
    return first
