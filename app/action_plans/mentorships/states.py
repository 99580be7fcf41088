"""Where a mentorship can go from where it stands."""

from collections.abc import Mapping
from enum import StrEnum

from app.action_plans.mentorships.models import MentorshipState


class MentorshipVerb(StrEnum):
    """What may be done to a mentorship: PATCH, DELETE, and the verbs of its paths."""

    EDIT = "edit"
    DELETE = "delete"
    MATCH = "match"
    START = "start"
    COMPLETE = "complete"
    INTERRUPT = "interrupt"
    FOLLOW_UP = "follow-up"


MOVES: Mapping[MentorshipVerb, Mapping[MentorshipState, MentorshipState]] = {
    MentorshipVerb.MATCH: {
        MentorshipState.OPEN: MentorshipState.MATCHED,
        MentorshipState.MATCHED: MentorshipState.MATCHED,
    },
    MentorshipVerb.START: {MentorshipState.MATCHED: MentorshipState.ACTIVE},
    MentorshipVerb.COMPLETE: {MentorshipState.ACTIVE: MentorshipState.COMPLETED},
    MentorshipVerb.INTERRUPT: {MentorshipState.ACTIVE: MentorshipState.INTERRUPTED},
    MentorshipVerb.FOLLOW_UP: {
        MentorshipState.ACTIVE: MentorshipState.ACTIVE,
        MentorshipState.COMPLETED: MentorshipState.COMPLETED,
        MentorshipState.INTERRUPTED: MentorshipState.INTERRUPTED,
    },
}
"""From where each verb leads where. Until it has begun, the mentor can be another one."""

NOT_BEGUN = (MentorshipState.OPEN, MentorshipState.MATCHED)
"""A mentorship that has not begun can be deleted; another is history."""
