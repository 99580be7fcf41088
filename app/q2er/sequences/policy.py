"""Who sees the sequences of an edition, and who may change them: whoever sees, or animates, the edition."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.core.db import one_or_404, require_visible
from app.core.routing import OpenSession
from app.identity.caller import Caller, CurrentCaller
from app.q2er.editions.models import Edition
from app.q2er.editions.policy import editable as editions_editable
from app.q2er.editions.policy import visible_to as editions_visible_to
from app.q2er.sequences.models import Sequence


def visible_to(caller: Caller) -> Select[Sequence]:
    """The sequences of the editions the caller sees."""
    return _of(editions_visible_to(caller))


def editable(caller: Caller) -> Select[Sequence]:
    """The sequences of the editions the caller animates."""
    return _of(editions_editable(caller))


def _of(editions: Select[Edition]) -> Select[Sequence]:
    seen = editions.with_only_columns(Edition.id)
    return select(Sequence).where(Sequence.edition_id.in_(seen)).options(joinedload(Sequence.edition))


async def load(sequence_id: UUID, caller: CurrentCaller, session: OpenSession) -> Sequence:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(Sequence.id == sequence_id))


async def load_editable(sequence_id: UUID, caller: CurrentCaller, session: OpenSession) -> Sequence:
    """Raises `NotFound`, or `NotAllowed` for a sequence the caller only reads."""
    sequence = await load(sequence_id, caller, session)
    await require_visible(session, sequence, within=editable(caller))
    return sequence


VisibleSequence = Annotated[Sequence, Depends(load)]
EditableSequence = Annotated[Sequence, Depends(load_editable)]
