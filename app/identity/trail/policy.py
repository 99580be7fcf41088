"""Who reads the audit trail: the journal of changes and the audit's own lines, as one, by one sequence of numbers.

An admin reads that of their territories; a referent that of their school; the operator what concerns no
territory (accounts, clients, keys). Everyone else: nothing.
"""

from typing import Any, assert_never

from sqlalchemy import Select, Text, Uuid, cast, false, literal, null, select, union_all
from sqlalchemy.orm import registry

from app.core.journal import JournalEntry
from app.identity.caller import Caller, Role
from app.identity.models import AuditEntry

_AUDIT = select(
    AuditEntry.seq, AuditEntry.at, AuditEntry.caller, AuditEntry.action, AuditEntry.resource, AuditEntry.resource_id,
    AuditEntry.territory_id, AuditEntry.actor_id, AuditEntry.outcome, AuditEntry.detail, AuditEntry.request_id,
    cast(null(), JournalEntry.fields.type).label("fields"),
)  # fmt: skip
_JOURNAL = select(
    JournalEntry.seq, JournalEntry.at, JournalEntry.caller, JournalEntry.action, JournalEntry.resource,
    JournalEntry.resource_id, JournalEntry.territory_id, cast(null(), Uuid).label("actor_id"),
    literal("allowed", Text).label("outcome"), JournalEntry.reason.label("detail"), JournalEntry.request_id,
    JournalEntry.fields,
)  # fmt: skip
_TRAIL = union_all(_AUDIT, _JOURNAL).subquery("trail")


class TrailEntry:
    """One line of the trail: a change, a sign-in, a refusal, a reading of persons."""

    seq: Any
    territory_id: Any
    actor_id: Any
    resource_id: Any
    resource: Any
    outcome: Any
    action: Any
    caller: Any
    at: Any
    detail: Any
    fields: Any


registry().map_imperatively(TrailEntry, _TRAIL, primary_key=[_TRAIL.c.seq])


def visible_to(caller: Caller) -> Select[Any]:
    """The lines a caller may read."""
    lines = select(TrailEntry)
    match caller.role:
        case Role.OPERATOR:
            return lines.where(TrailEntry.territory_id.is_(None))
        case Role.COLLECTIVITE if caller.is_admin:
            return lines.where(TrailEntry.territory_id.in_(caller.territory_ids))
        case Role.REFERENT:
            own = TrailEntry.actor_id.in_(caller.school_ids) | TrailEntry.resource_id.in_(caller.school_ids)
            return lines.where(TrailEntry.territory_id.in_(caller.territory_ids), own)
        case Role.COLLECTIVITE | Role.CLUB_MEMBER | Role.PARTNER:
            return lines.where(false())
        case unknown:
            assert_never(unknown)
