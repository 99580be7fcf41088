"""`/v1/q2er/editions/{id}:replicate`: next year's edition, or another territory's, out of this one."""

from fastapi import APIRouter, Depends

from app.core import idempotency
from app.core.errors import AlreadyExists, NotFound
from app.core.responses import ON_VERB, problems
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs
from app.q2er.editions.policy import EditableEdition
from app.q2er.replication import service
from app.q2er.replication.schemas import EditionReplicate, ReplicationOut

BOTH = [Depends(Needs("q2er:write", "events:write")), Depends(idempotency.begin)]
ANSWERS = {status: told for status, told in ON_VERB.items() if status not in {200, 412, 428}}

router = APIRouter(prefix="/q2er/editions", route_class=TransactionalRoute, tags=["q2er"])


@router.post("/{edition_id:uuid}:replicate", dependencies=BOTH, responses=ANSWERS | problems(NotFound, AlreadyExists))
async def replicate_edition(
    body: EditionReplicate, edition: EditableEdition, caller: CurrentCaller, session: OpenSession
) -> ReplicationOut:
    """Preview, then make, an edition after this one: its sequences, and its sessions in the same school week."""
    return await service.replicate(session, caller, edition, body)
