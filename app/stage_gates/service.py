"""The checklist of a stage, put into words."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.sentences import sentence
from app.stage_gates.schemas import ChecklistOut, ConditionOut, LackingOut
from app.territories.models import Stage
from app.territories.programmes import gates


async def checklist_of(session: AsyncSession, stage: Stage) -> ChecklistOut:
    """What its gate asks for, as it is now."""
    verdicts = await gates.checklist(session, stage)
    conditions = [
        ConditionOut(
            code=verdict.code,
            label=sentence(f"gate.{verdict.code}"),
            holds=verdict.holds,
            missing=[LackingOut.model_validate(row) for row in verdict.missing],
        )
        for verdict in verdicts
    ]
    is_complete = all(verdict.holds for verdict in verdicts)
    return ChecklistOut(stage_id=stage.id, gate=stage.gate, is_complete=is_complete, conditions=conditions)
