"""Where an edition can go from where it stands."""

from collections.abc import Mapping
from enum import StrEnum

from app.q2er.editions.models import EditionState


class EditionVerb(StrEnum):
    """What may be done to an edition: PATCH, DELETE, and the verbs of its paths."""

    EDIT = "edit"
    DELETE = "delete"
    REORDER = "reorder"
    OPEN = "open"
    CLOSE = "close"
    REPLICATE = "replicate"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


MOVES: Mapping[EditionVerb, Mapping[EditionState, EditionState]] = {
    EditionVerb.OPEN: {EditionState.PREPARING: EditionState.RUNNING},
    EditionVerb.CLOSE: {EditionState.RUNNING: EditionState.CLOSED},
}
"""From where each verb leads where. What must be there first: `conditions.py`."""
