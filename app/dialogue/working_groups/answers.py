"""What is put on record of answers about working groups."""

from collections.abc import Sequence

from fastapi import Request

from app.dialogue.working_groups.models import WorkingGroup
from app.identity import audit
from app.identity.caller import Caller


def on_record(request: Request, caller: Caller, groups: Sequence[WorkingGroup]) -> None:
    """Put on the audit trail that those who lead these groups were named to the caller, if any were."""
    named = [group for group in groups if any(lead.person for lead in group.leads)]
    audit.naming(request, caller.id, "working-groups", named)
