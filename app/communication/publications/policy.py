"""Who sees publications, and who may change them: as the channel they came out in (`channels/policy.py`)."""

from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, false, select
from sqlalchemy.orm import joinedload

from app.communication.publications.models import Publication
from app.core.db import one_or_404, require_visible
from app.core.routing import OpenSession
from app.identity.caller import Caller, CurrentCaller, Role


def visible_to(caller: Caller) -> Select[Publication]:
    """Whoever works in a territory sees what was published of it; the operator sees none."""
    publications = select(Publication).options(joinedload(Publication.channel))
    match caller.role:
        case Role.COLLECTIVITE | Role.REFERENT | Role.CLUB_MEMBER | Role.PARTNER:
            return publications.where(Publication.territory_id.in_(caller.territory_ids))
        case Role.OPERATOR:
            return publications.where(false())
        case unknown:
            assert_never(unknown)


def editable(caller: Caller) -> Select[Publication]:
    """The collectivité writes the publications of its territories; no one else does."""
    publications = visible_to(caller)
    return publications if caller.role is Role.COLLECTIVITE else publications.where(false())


async def load(publication_id: UUID, caller: CurrentCaller, session: OpenSession) -> Publication:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(Publication.id == publication_id))


async def load_editable(
    publication: Annotated[Publication, Depends(load)], caller: CurrentCaller, session: OpenSession
) -> Publication:
    """Raises `NotFound`, or `NotAllowed` for a publication the caller only reads."""
    await require_visible(session, publication, within=editable(caller))
    return publication


VisiblePublication = Annotated[Publication, Depends(load)]
EditablePublication = Annotated[Publication, Depends(load_editable)]
