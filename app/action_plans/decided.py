"""What is settled by a decision: the decision is of the same territory, in sight, and closed."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import ErrorAt, InvalidInput
from app.core.references import referred
from app.dialogue.decisions.models import Decision, DecisionState
from app.dialogue.decisions.policy import visible_to
from app.identity.caller import Caller


async def require_closed(session: AsyncSession, caller: Caller, territory_id: UUID, decision_id: UUID) -> None:
    """Raises `InvalidInput` for a decision of elsewhere, and for one that has not settled anything yet."""
    decisions = visible_to(caller).where(Decision.territory_id == territory_id)
    decision = await referred(session, decisions, Decision, "decision_id", decision_id)
    if decision.state is not DecisionState.CLOSED:
        raise InvalidInput(ErrorAt("#/decision_id", "not_decided"))
