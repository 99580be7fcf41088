"""Where a plan can go from where it stands."""

from collections.abc import Mapping
from enum import StrEnum

from app.action_plans.plans.models import PlanState


class PlanVerb(StrEnum):
    """What may be done to a plan: PATCH, DELETE, and the verbs of its paths."""

    EDIT = "edit"
    DELETE = "delete"
    ADOPT = "adopt"
    START = "start"
    CLOSE = "close"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


MOVES: Mapping[PlanVerb, Mapping[PlanState, PlanState]] = {
    PlanVerb.ADOPT: {PlanState.DRAFT: PlanState.ADOPTED},
    PlanVerb.START: {PlanState.ADOPTED: PlanState.RUNNING},
    PlanVerb.CLOSE: {PlanState.RUNNING: PlanState.CLOSED},
}
"""From where each verb leads where. A plan can be closed once none of its actions is under way."""
