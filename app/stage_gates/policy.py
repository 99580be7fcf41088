"""Who reads the checklist of a stage: it names rows of every domain, so the collectivité alone."""

from typing import Annotated

from fastapi import Depends

from app.core.errors import ErrorAt, NotAllowed
from app.identity.caller import CurrentCaller, Role
from app.territories.models import Stage
from app.territories.programmes.policy import VisibleStage


async def load_checkable(stage: VisibleStage, caller: CurrentCaller) -> Stage:
    """Raises `NotFound`, or `NotAllowed` for who is not of the collectivité."""
    if caller.role is not Role.COLLECTIVITE:
        raise NotAllowed(ErrorAt("path:stage_id", "collectivite_only"))
    return stage


CheckableStage = Annotated[Stage, Depends(load_checkable)]
