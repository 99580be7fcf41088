"""What must hold before a stage with a gate can be completed.

The conditions look at domains above this one: `stage_gates/conditions.py` states them, and `main.py` installs them
here when the application is made.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import ErrorAt, IllegalTransition, pointer
from app.territories.models import Gate, Stage, StageStatus

MOST_MISSING = 100
MissingRows = Select[str, UUID, str]
"""What stands in the way: resource, id and title of each row. None: the condition holds."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a checklist. `code` names its sentence in `gate.*` of `locales/`, and what one row lacks in
    `error.*`."""

    code: str
    missing: Callable[[Stage], MissingRows]


@dataclass(frozen=True, slots=True)
class Lacking:
    """One row that stands in the way."""

    resource: str
    resource_id: UUID
    title: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one condition holds, and what it lacks: at most a hundred rows."""

    code: str
    missing: Sequence[Lacking]

    @property
    def holds(self) -> bool:
        """Nothing stands in the way."""
        return not self.missing


CONDITIONS: dict[Gate, tuple[Condition, ...]] = {}


def install(conditions: Mapping[Gate, tuple[Condition, ...]]) -> None:
    """Say what each gate asks for."""
    CONDITIONS.update(conditions)


async def checklist(session: AsyncSession, stage: Stage) -> list[Verdict]:
    """What the gate of the stage asks for, as it is now; nothing for a stage without one."""
    found = []
    for condition in CONDITIONS[stage.gate] if stage.gate else ():
        rows = await session.execute(condition.missing(stage).limit(MOST_MISSING))
        found.append(Verdict(condition.code, [Lacking(*row) for row in rows]))
    return found


async def is_open(session: AsyncSession, stage: Stage) -> bool:
    """Whether all that its gate asks for holds."""
    return all(verdict.holds for verdict in await checklist(session, stage))


async def require_open(session: AsyncSession, stage: Stage) -> None:
    """Raises `IllegalTransition` with a fault for each row that stands in the way, at its place in the checklist."""
    faults = [
        ErrorAt(pointer("conditions", line, "missing", place), verdict.code, {"title": row.title})
        for line, verdict in enumerate(await checklist(session, stage))
        for place, row in enumerate(verdict.missing)
    ]
    if faults:
        raise IllegalTransition(stage.status, StageStatus.DONE, "gate_is_closed", *faults)
