"""An elector put into words for a caller."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import Request

from app.actors.schemas import ActorRef
from app.dialogue.decisions.electors.schemas import ElectorOut
from app.dialogue.decisions.models import Elector
from app.events.registrations.schemas import PersonRef
from app.identity import audit
from app.identity.caller import Caller


def elector_out(elector: Elector) -> ElectorOut:
    """One voice, and whether a ballot was cast for it."""
    return ElectorOut(
        id=elector.id,
        decision_id=elector.decision_id,
        person=elector.person and PersonRef.model_validate(elector.person),
        actor=elector.actor and ActorRef.model_validate(elector.actor),
        has_voted=bool(elector.has_ballot),
    )


def on_record(request: Request, caller: Caller, decision_id: UUID, territory_id: UUID, told: Sequence[Elector]) -> None:
    """Put on the audit trail that people were named to the caller, if any were."""
    named = [elector for elector in told if elector.person]
    if named:
        line = audit.entry(
            caller.id, request.scope["route"].name, request=request, resource="decisions", resource_id=decision_id,
            territory_id=territory_id, detail=f"rows:{len(named)}",
        )  # fmt: skip
        audit.reading(request, line)
