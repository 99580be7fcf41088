"""`/v1/q2er/sequences`: what an edition is made of, in order."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.core import idempotency
from app.core.db import apply, save
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST, ON_READ, ON_VERB
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs
from app.q2er.editions.models import Edition
from app.q2er.editions.policy import EditableEdition
from app.q2er.editions.schemas import EditionOut
from app.q2er.sequences import policy, service
from app.q2er.sequences.filters import SequenceFilters
from app.q2er.sequences.models import Sequence
from app.q2er.sequences.policy import EditableSequence, VisibleSequence
from app.q2er.sequences.schemas import SequenceCreate, SequenceOrder, SequenceOut, SequenceUpdate

READ = [Depends(Needs("q2er:read"))]
WRITE = [Depends(Needs("q2er:write"))]
ONCE = Depends(idempotency.begin)
VERB = [*WRITE, ONCE]

router = APIRouter(prefix="/q2er", route_class=TransactionalRoute, tags=["q2er"])


@router.get("/sequences", response_model=Page[SequenceOut], dependencies=READ, responses=ON_LIST)
async def list_sequences(
    filters: Annotated[SequenceFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The sequences you see, by school year and in the order of their edition."""
    rows = await filters.apply(session, policy.visible_to(caller))
    return await page(session, rows, asked, by=(Sequence.school_year, Sequence.position, Sequence.id))


@router.post("/sequences", status_code=201, response_model=SequenceOut, dependencies=VERB, responses=ON_CREATE)
async def create_sequence(
    body: SequenceCreate, caller: CurrentCaller, session: OpenSession, response: Response
) -> Sequence:
    """Add a sequence after the others of an edition that is not closed."""
    return created(response, await service.add_sequence(session, caller, body))


@router.post("/editions/{edition_id:uuid}:reorder", response_model=EditionOut, dependencies=VERB, responses=ON_VERB)
async def reorder_sequences(
    body: SequenceOrder, edition: EditableEdition, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Edition:  # fmt: skip
    """Put all the sequences of an edition in another order. Answers the edition with its new version."""
    require_match(edition, if_match)
    return tagged(response, await service.order_sequences(session, caller, edition, body.sequence_ids))


@router.get("/sequences/{sequence_id:uuid}", response_model=SequenceOut, dependencies=READ, responses=ON_READ)
async def get_sequence(sequence: VisibleSequence, response: Response) -> Sequence:
    """One sequence."""
    return tagged(response, sequence)


@router.patch("/sequences/{sequence_id:uuid}", response_model=SequenceOut, dependencies=WRITE, responses=ON_EDIT)
async def update_sequence(
    body: SequenceUpdate, sequence: EditableSequence, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Sequence:  # fmt: skip
    """Change the fields given. Its place changes by `:reorder` of its edition."""
    require_match(sequence, if_match)
    apply(sequence, body.given())
    return tagged(response, await save(session, sequence, within=policy.editable(caller)))


@router.delete("/sequences/{sequence_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_sequence(sequence: EditableSequence, if_match: IfMatch, session: OpenSession) -> None:
    """Delete a sequence without sessions; those after it move up."""
    require_match(sequence, if_match)
    await service.remove_sequence(session, sequence)
