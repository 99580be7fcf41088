"""Where an action can go from where it stands."""

from collections.abc import Mapping
from enum import StrEnum

from app.action_plans.actions.models import ActionState


class ActionVerb(StrEnum):
    """What may be done to an action: PATCH, DELETE, the verbs of its paths, and a note on it."""

    EDIT = "edit"
    DELETE = "delete"
    SELECT = "select"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    COMPLETE = "complete"
    ABANDON = "abandon"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    ANNOTATE = "annotate"


MOVES: Mapping[ActionVerb, Mapping[ActionState, ActionState]] = {
    ActionVerb.SELECT: {ActionState.PROPOSED: ActionState.SELECTED},
    ActionVerb.START: {ActionState.SELECTED: ActionState.IN_PROGRESS},
    ActionVerb.PAUSE: {ActionState.IN_PROGRESS: ActionState.PAUSED},
    ActionVerb.RESUME: {ActionState.PAUSED: ActionState.IN_PROGRESS},
    ActionVerb.COMPLETE: {
        ActionState.IN_PROGRESS: ActionState.COMPLETED,
        ActionState.PAUSED: ActionState.COMPLETED,
    },
    ActionVerb.ABANDON: {
        ActionState.PROPOSED: ActionState.ABANDONED,
        ActionState.SELECTED: ActionState.ABANDONED,
        ActionState.IN_PROGRESS: ActionState.ABANDONED,
        ActionState.PAUSED: ActionState.ABANDONED,
    },
}
"""From where each verb leads where. In a closed plan no action is started."""
