"""What one looks for in the audit trail."""

from typing import Annotated, Any, Literal

from fastapi import Query
from sqlalchemy import Select

from app.core.fields import Instant
from app.identity.trail.policy import TrailEntry


class TrailFilters:
    """The query parameters of the trail."""

    def __init__(
        self,
        caller: Annotated[str | None, Query(max_length=100, description="who, e.g. account:<id>")] = None,
        action: Annotated[str | None, Query(max_length=60, description="what, e.g. sign-in, update")] = None,
        resource: Annotated[str | None, Query(max_length=60, description="of which kind, e.g. events")] = None,
        outcome: Annotated[Literal["allowed", "denied"] | None, Query(description="let through or refused")] = None,
        since: Annotated[Instant | None, Query(description="from this instant on")] = None,
        until: Annotated[Instant | None, Query(description="before this instant")] = None,
    ) -> None:
        self.equal = {"caller": caller, "action": action, "resource": resource, "outcome": outcome}
        self.since, self.until = since, until

    def within(self, lines: Select[Any]) -> Select[Any]:
        """The lines looked for."""
        for name, value in self.equal.items():
            if value is not None:
                lines = lines.where(getattr(TrailEntry, name) == value)
        if self.since:
            lines = lines.where(TrailEntry.at >= self.since)
        return lines.where(TrailEntry.at < self.until) if self.until else lines
