"""Where a need can go from where it stands."""

from collections.abc import Mapping
from enum import StrEnum

from app.dialogue.needs.models import NeedState


class NeedVerb(StrEnum):
    """What may be done to a need: PATCH, DELETE, and the verbs of its paths."""

    EDIT = "edit"
    DELETE = "delete"
    QUALIFY = "qualify"
    SEND_BACK = "send-back"
    ADDRESS = "address"
    CLOSE = "close"
    REOPEN = "reopen"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


MOVES: Mapping[NeedVerb, Mapping[NeedState, NeedState]] = {
    NeedVerb.QUALIFY: {NeedState.VOICED: NeedState.QUALIFIED},
    NeedVerb.SEND_BACK: {NeedState.QUALIFIED: NeedState.VOICED},
    NeedVerb.ADDRESS: {NeedState.QUALIFIED: NeedState.ADDRESSED},
    NeedVerb.CLOSE: {
        NeedState.VOICED: NeedState.CLOSED,
        NeedState.QUALIFIED: NeedState.CLOSED,
        NeedState.ADDRESSED: NeedState.CLOSED,
    },
    NeedVerb.REOPEN: {NeedState.ADDRESSED: NeedState.QUALIFIED, NeedState.CLOSED: NeedState.QUALIFIED},
}
"""From where each verb leads where. To be addressed, a need has an action beside."""
