"""What enters and leaves of an API token."""

import ipaddress
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from app.core.errors import invalid
from app.core.fields import Instant, Line
from app.core.schemas import Body, ResourceView, View, described_by
from app.identity.oauth.clients.schemas import ScopeNames


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise invalid("network") from None


Network = Annotated[str, Field(max_length=50, examples=["203.0.113.0/24"]), AfterValidator(_network)]
Ids = Annotated[list[UUID], Field(min_length=1, max_length=50)]


class Narrowing(Body):
    """Rows a token is good for; null: all those of its owner."""

    territory_ids: Annotated[Ids | None, Field(description="territories, of those one works in")] = None
    actor_ids: Annotated[Ids | None, Field(description="schools or organisations, of those one answers for")] = None

    def kept(self) -> dict[str, list[str]]:
        """As it stands beside the token."""
        return {name: sorted({str(i) for i in ids}) for name, ids in self if ids is not None}


class NarrowingView(View):
    """Rows a token is good for; null: all those of its owner."""

    territory_ids: list[UUID] | None = None
    actor_ids: list[UUID] | None = None


class ApiTokenCreate(Body):
    """A token for a script. What it may do is never more than its owner, nor than the token that makes it."""

    name: Annotated[Line, Field(description="what it is for, to tell it from others")]
    scopes: Annotated[ScopeNames, Field(description="what it may do")]
    narrowing: Annotated[Narrowing, Field(description="the rows it is good for")] = Narrowing()
    networks: Annotated[
        list[Network],
        Field(max_length=20, default_factory=list, description="networks it may come from; empty: from anywhere"),
    ]
    expires_at: Annotated[Instant, Field(description="its end, within 365 days")]


class ApiTokenRoll(Body):
    """How a token is replaced."""

    overlap_hours: Annotated[
        int, Field(strict=True, ge=0, le=168, description="how long the former token stays good beside the new one")
    ] = 24
    expires_at: Annotated[
        Instant | None, Field(description="end of the new token, within 365 days; null: it lasts as long as the former")
    ] = None


@described_by(ApiTokenCreate)
class ApiTokenView(ResourceView):
    """An API token, without its secret."""

    name: str
    hint: str = Field(description="its last four characters")
    scopes: list[str]
    narrowing: NarrowingView
    networks: list[str]
    expires_at: datetime
    last_used_at: datetime | None = Field(description="to the minute")
    revoked_at: datetime | None
    revoked_for: str | None = Field(description="why it ended before its time: owner, rolled, leaked …")
    state: Literal["active", "expired", "revoked"]
    allowed_actions: list[Literal["roll", "revoke"]] = Field(description="what can be done with it now")


class ApiTokenCreated(ApiTokenView):
    """A token just made: the only answer that shows it."""

    token: str | None = Field(description="the token itself; null when the request is repeated")
