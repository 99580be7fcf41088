"""Where a working group can go from where it stands, and what it lacks to be active."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

from app.dialogue.working_groups.models import GroupLead, GroupState, LeadRole


class GroupVerb(StrEnum):
    """What may be done to a group: PATCH, DELETE, the verbs of its paths, and signing people up."""

    EDIT = "edit"
    DELETE = "delete"
    ACTIVATE = "activate"
    CONCLUDE = "conclude"
    REOPEN = "reopen"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    JOIN = "join"


MOVES: Mapping[GroupVerb, Mapping[GroupState, GroupState]] = {
    GroupVerb.ACTIVATE: {GroupState.FORMING: GroupState.ACTIVE},
    GroupVerb.CONCLUDE: {GroupState.ACTIVE: GroupState.CONCLUDED, GroupState.FORMING: GroupState.CONCLUDED},
    GroupVerb.REOPEN: {GroupState.CONCLUDED: GroupState.ACTIVE},
}
"""From where each verb leads where. What leads to active asks for a pair and a facilitator beside."""


def holds(lead: GroupLead, day: date) -> bool:
    """Whether the lead holds its role on this day."""
    return (lead.valid_from or date.min) <= day < (lead.valid_until or date.max)


def missing(leads: Sequence[GroupLead], day: date) -> list[LeadRole]:
    """The roles no one holds on this day."""
    held = {lead.role for lead in leads if holds(lead, day)}
    return [role for role in LeadRole if role not in held]


def has_stood(leads: Sequence[GroupLead], today: date) -> bool:
    """Whether on some day up to this one the pair and the facilitator stood together."""
    begins = (lead.valid_from or date.min for lead in leads)
    return any(day <= today and not missing(leads, day) for day in begins)


def verbs_of(state: GroupState, leads: Sequence[GroupLead], today: date) -> list[GroupVerb]:
    """The verbs that lead somewhere from this state, on this day."""
    stands = {GroupVerb.ACTIVATE: has_stood(leads, today), GroupVerb.REOPEN: not missing(leads, today)}
    return [verb for verb, ways in MOVES.items() if state in ways and stands.get(verb, True)]
