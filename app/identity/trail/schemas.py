"""A line of the audit trail."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.schemas import View


class TrailView(View):
    """Who did what, when, and whether it was let through; codes and identifiers, no personal value."""

    seq: Annotated[int, Field(description="grows with time")]
    at: datetime
    caller: Annotated[str, Field(description="account:<id>, client:<id>, anonymous, or a part of the service")]
    action: Annotated[str, Field(description="insert, update, delete, sign-in, refused, read …")]
    resource: str | None
    resource_id: UUID | None
    territory_id: UUID | None
    actor_id: UUID | None
    outcome: Annotated[str, Field(description="allowed or denied")]
    detail: Annotated[str | None, Field(description="why, as a code")]
    fields: Annotated[list[str] | None, Field(description="names of the fields changed, of a change")]
    request_id: str | None
