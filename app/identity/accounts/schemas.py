"""Accounts as admins see them: who, which roles, and whether they can sign in. Never a secret."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import EmailStr, Field, StringConstraints

from app.core.fields import Day, Line, YesNo
from app.core.schemas import Body, ResourceView, View

RoleGiven = Literal["collectivite", "referent", "club_member", "operator"]
Email = Annotated[EmailStr, StringConstraints(max_length=254), Field(examples=["camille@example.org"])]


class GrantCreate(Body):
    """A role to give."""

    role: Annotated[RoleGiven, Field(description="one role at a time for an account")]
    territory_id: Annotated[UUID | None, Field(description="where; absent for an operator")] = None
    actor_id: Annotated[UUID | None, Field(description="a referent's school, a club member's organisation")] = None
    is_admin: Annotated[YesNo, Field(description="an admin of the collectivité")] = False
    valid_from: Annotated[Day | None, Field(description="first day; absent: at once")] = None
    valid_until: Annotated[Day | None, Field(description="first day it no longer holds; absent: until revoked")] = None


class AccountCreate(Body):
    """Who to invite, to which role."""

    email: Annotated[Email, Field(description="where the invitation is sent; an account that has it gets the role")]
    display_name: Annotated[Line, Field(description="how the person is addressed")]
    locale: Annotated[Literal["fr", "en"], Field(description="language of the mails")] = "fr"
    grant: Annotated[GrantCreate, Field(description="the role")]


class GrantView(ResourceView):
    """A role of an account."""

    role: str
    territory_id: UUID | None
    actor_id: UUID | None
    is_admin: bool
    valid_from: date | None
    valid_until: date | None
    revoked_at: datetime | None


class AccountView(ResourceView):
    """An account, with those of its roles the caller answers for."""

    email: str
    display_name: str
    locale: str
    state: Annotated[Literal["invited", "active", "disabled"], Field(description="invited: no password was chosen yet")]
    has_second_factor: Annotated[bool, Field(description="whether a device is enrolled")]
    grants: list[GrantView]
    allowed_actions: Annotated[list[str], Field(description="verbs the caller may use now")]


class PlaceView(View):
    """A territory, school or organisation."""

    id: UUID
    name: str


class RightsView(View):
    """The caller's own rights: role, scopes, rows, and what they open."""

    id: Annotated[str, Field(description="how the journal names the caller")]
    role: str
    is_admin: bool
    scopes: Annotated[list[str], Field(description="role ∩ scopes of the token ∩ its narrowing")]
    territories: list[PlaceView]
    schools: list[PlaceView]
    organisations: list[PlaceView]
    source: Annotated[str | None, Field(description="the name of a partner system's own rows")]
    operations: Annotated[list[str], Field(description="operationIds these scopes open; rows may still say no")]
