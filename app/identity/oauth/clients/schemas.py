"""What enters and leaves of a client application."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from app.core.errors import invalid
from app.core.fields import Line, Slug, YesNo
from app.core.schemas import Body, ResourceView, described_by, partial
from app.identity import rights
from app.identity.oauth import redirects

GrantName = Literal["authorization_code", "refresh_token", "client_credentials"]


def _redirect(uri: str) -> str:
    if not redirects.is_acceptable(uri):
        raise invalid("redirect_uri")
    return uri


def _scope(name: str) -> str:
    if name not in rights.SCOPES:
        raise invalid("unknown_scope")
    return name


def _once(values: list[str]) -> list[str]:
    return sorted(set(values))


ScopeName = Annotated[
    str, Field(max_length=60, examples=["events:read"], pattern=r"^[a-z0-9-]+:[a-z]+$"), AfterValidator(_scope)
]
ScopeNames = Annotated[list[ScopeName], Field(min_length=1, max_length=60), AfterValidator(_once)]
RedirectUri = Annotated[
    str, Field(max_length=redirects.LONGEST, examples=["https://app.example/callback"]), AfterValidator(_redirect)
]
RedirectUris = Annotated[list[RedirectUri], Field(max_length=10), AfterValidator(_once)]


class ClientCreate(Body):
    """An application that asks to be let in. It is good for nothing until an admin approves it."""

    name: Annotated[Line, Field(description="what people read when they are asked to allow it")]
    territory_id: Annotated[UUID, Field(description="the territory whose admin will approve it")]
    is_confidential: Annotated[
        YesNo, Field(description="true for a server that can keep a secret; false for an app on people's devices")
    ]
    grants: Annotated[
        list[GrantName], Field(min_length=1, max_length=3, description="how it gets tokens"), AfterValidator(_once)
    ]
    redirect_uris: Annotated[
        RedirectUris, Field(default_factory=list, description="where people come back to: compared exactly")
    ]
    scopes: Annotated[ScopeNames, Field(description="the most it may ever ask for")]
    source: Annotated[
        Slug | None, Field(description="names the rows a system writes in its own name (client_credentials)")
    ] = None

    @model_validator(mode="after")
    def belong_together(self) -> "ClientCreate":
        """A machine has a secret and a source; people come back to an address."""
        check_together(
            grants=self.grants, redirect_uris=self.redirect_uris, source=self.source,
            is_confidential=self.is_confidential,
        )  # fmt: skip
        return self


def check_together(
    *, grants: list[GrantName] | list[str], redirect_uris: list[str], source: str | None, is_confidential: bool
) -> None:
    """Raises the fault of settings that do not go together."""
    if "client_credentials" in grants and not (is_confidential and source):
        raise invalid("machine_client")
    if ("authorization_code" in grants) != bool(redirect_uris):
        raise invalid("redirect_uris_needed")
    if "refresh_token" in grants and "authorization_code" not in grants:
        raise invalid("refresh_alone")


@partial
class ClientUpdate(Body):
    """The fields to change. A change of addresses or scopes has to be approved again."""

    name: Line
    redirect_uris: RedirectUris
    scopes: ScopeNames


@described_by(ClientCreate)
class ClientView(ResourceView):
    """A client application."""

    client_id: str = Field(description="its public name in OAuth")
    name: str
    territory_id: UUID | None
    is_confidential: bool
    grants: list[str]
    redirect_uris: list[str]
    scopes: list[str]
    source: str | None
    state: Literal["requested", "approved", "disabled"]
    approved_at: datetime | None
    disabled_at: datetime | None
    allowed_actions: list[Literal["update", "approve", "disable", "roll-secret", "delete"]] = Field(
        description="what this caller may do with it now"
    )


class ClientCreated(ClientView):
    """A client application just made, or its secret just changed."""

    client_secret: str | None = Field(
        description="shown this once, and null for an app that keeps none, or when the request is repeated"
    )
