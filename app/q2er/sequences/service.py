"""The sequences of an edition: their order without gaps, which a closed edition keeps."""

from collections.abc import Sequence as Several
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import require_visible, save, touch
from app.core.errors import ErrorAt, InvalidInput
from app.core.references import referred
from app.identity.caller import Caller
from app.q2er.editions.models import Edition
from app.q2er.editions.policy import editable as editions_editable
from app.q2er.editions.policy import in_full
from app.q2er.editions.policy import visible_to as editions_visible_to
from app.q2er.editions.service import hold, require_not_closed, saved
from app.q2er.sequences.models import Sequence
from app.q2er.sequences.policy import editable
from app.q2er.sequences.schemas import SequenceCreate


async def add_sequence(session: AsyncSession, caller: Caller, body: SequenceCreate) -> Sequence:
    """A sequence after the others of its edition.

    Raises `InvalidInput` for an edition out of sight, `NotAllowed`, `IllegalTransition` for a closed one.
    """
    edition = await referred(session, in_full(editions_visible_to(caller)), Edition, "edition_id", body.edition_id)
    await require_visible(session, edition, within=editions_editable(caller))
    require_not_closed(edition)
    others = await _held(session, edition.id)
    sequence = Sequence(
        territory_id=edition.territory_id,
        school_year=edition.school_year,
        position=len(others) + 1,
        **body.model_dump(),
    )
    return await save(session, sequence, within=editable(caller))


async def order_sequences(session: AsyncSession, caller: Caller, edition: Edition, ids: Several[UUID]) -> Edition:
    """Put the sequences in this order. Raises `InvalidInput` unless each is named once, `IllegalTransition`."""
    require_not_closed(edition)
    sequences = {sequence.id: sequence for sequence in await _held(session, edition.id)}
    if sequences.keys() != set(ids) or len(sequences) < len(ids):
        raise InvalidInput(ErrorAt("#/sequence_ids", "not_all_sequences"))
    _number([sequences[id_] for id_ in ids])
    touch(edition)
    return await saved(session, caller, edition)


async def remove_sequence(session: AsyncSession, sequence: Sequence) -> None:
    """Delete the sequence and close the gap it leaves. Raises `StillReferenced` while it has sessions."""
    require_not_closed(sequence.edition)
    _number([other for other in await _held(session, sequence.edition_id) if other is not sequence])
    await session.delete(sequence)
    await session.flush()


async def _held(session: AsyncSession, edition_id: UUID) -> list[Sequence]:
    """The sequences of an edition in their order, which nobody else changes until the end of the request."""
    await hold(session, edition_id)
    sequences = select(Sequence).where(Sequence.edition_id == edition_id).order_by(Sequence.position)
    return list(await session.scalars(sequences))


def _number(sequences: Several[Sequence]) -> None:
    for position, sequence in enumerate(sequences, 1):
        sequence.position = position
