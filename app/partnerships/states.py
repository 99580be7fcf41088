"""Where a partnership can go from where it stands."""

from collections.abc import Mapping
from enum import StrEnum

from app.partnerships.models import Partnership, PartnershipStage


class PartnershipVerb(StrEnum):
    """What may be done to a partnership: PATCH, DELETE, and the verbs of its paths."""

    EDIT = "edit"
    DELETE = "delete"
    DISCUSS = "discuss"
    ACTIVATE = "activate"
    SUSPEND = "suspend"
    RESUME = "resume"
    END = "end"
    STEP_BACK = "step-back"
    REOPEN = "reopen"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


MOVES: Mapping[PartnershipVerb, Mapping[PartnershipStage, PartnershipStage]] = {
    PartnershipVerb.DISCUSS: {PartnershipStage.PROSPECT: PartnershipStage.IN_DISCUSSION},
    PartnershipVerb.ACTIVATE: {PartnershipStage.IN_DISCUSSION: PartnershipStage.ACTIVE},
    PartnershipVerb.SUSPEND: {PartnershipStage.ACTIVE: PartnershipStage.SUSPENDED},
    PartnershipVerb.RESUME: {PartnershipStage.SUSPENDED: PartnershipStage.ACTIVE},
    PartnershipVerb.END: {
        PartnershipStage.PROSPECT: PartnershipStage.ENDED,
        PartnershipStage.IN_DISCUSSION: PartnershipStage.ENDED,
        PartnershipStage.ACTIVE: PartnershipStage.ENDED,
        PartnershipStage.SUSPENDED: PartnershipStage.ENDED,
    },
    PartnershipVerb.STEP_BACK: {
        PartnershipStage.IN_DISCUSSION: PartnershipStage.PROSPECT,
        PartnershipStage.ACTIVE: PartnershipStage.IN_DISCUSSION,
    },
    PartnershipVerb.REOPEN: {PartnershipStage.ENDED: PartnershipStage.IN_DISCUSSION},
}
"""From where each verb leads where. What leads to active asks for two parties beside."""

FEWEST_PARTIES = 2


def lacks_parties(partnership: Partnership) -> bool:
    """Whether too few have joined for it to be active; each actor is a party once."""
    return len(partnership.parties) < FEWEST_PARTIES


def verbs_of(partnership: Partnership) -> list[PartnershipVerb]:
    """The verbs that lead somewhere from where it stands now."""
    open_ = [verb for verb, ways in MOVES.items() if partnership.stage in ways]
    if not lacks_parties(partnership):
        return open_
    return [verb for verb in open_ if MOVES[verb][partnership.stage] is not PartnershipStage.ACTIVE]
