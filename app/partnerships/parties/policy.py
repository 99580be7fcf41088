"""Who sees the parties of a partnership in detail, and who may change them: as their partnership
(`partnerships/policy.py`)."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from app.core.db import one_or_404, require_visible
from app.core.routing import OpenSession
from app.identity.caller import Caller, CurrentCaller
from app.partnerships.models import Partnership, Party
from app.partnerships.policy import editable as partnerships_editable
from app.partnerships.policy import involving


def visible_to(caller: Caller) -> Select[Party]:
    """The parties of the partnerships whose details the caller sees."""
    return _of(involving(caller)).options(joinedload(Party.actor), selectinload(Party.contributions))


def editable(caller: Caller) -> Select[Party]:
    """Those of the partnerships the caller writes."""
    return _of(partnerships_editable(caller))


def of_partnership(caller: Caller, partnership: Partnership) -> Select[Party]:
    """The parties of one partnership, as far as the caller sees."""
    return visible_to(caller).where(Party.partnership_id == partnership.id)


def _of(partnerships: Select[Partnership]) -> Select[Party]:
    return select(Party).where(Party.partnership_id.in_(partnerships.with_only_columns(Partnership.id)))


async def load(party_id: UUID, caller: CurrentCaller, session: OpenSession) -> Party:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(Party.id == party_id))


async def load_editable(party: Annotated[Party, Depends(load)], caller: CurrentCaller, session: OpenSession) -> Party:
    """Raises `NotFound`, or `NotAllowed` for a party the caller only reads."""
    await require_visible(session, party, within=editable(caller))
    return party


VisibleParty = Annotated[Party, Depends(load)]
EditableParty = Annotated[Party, Depends(load_editable)]
