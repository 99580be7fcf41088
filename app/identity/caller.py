"""Who calls: a role, the rows it stands for, and the scopes of the token it came with."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, assert_never
from uuid import UUID

from fastapi import Depends, Request

from app.core.db import let_see
from app.core.errors import NotAllowed, NotAuthenticated
from app.core.journal import attribute_to


class Role(StrEnum):
    """The roles of the platform (`api.md`: roles, scopes, rows)."""

    COLLECTIVITE = "collectivite"
    REFERENT = "referent"
    CLUB_MEMBER = "club_member"
    PARTNER = "partner"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Caller:
    """One authenticated caller. `id` stands in the journal and says nothing personal.

    `territory_ids` are the territories it works in; `school_ids` and `actor_ids` the schools and
    organisations it answers for; `source` names a partner system's own rows.
    """

    id: str
    role: Role
    scopes: frozenset[str]
    territory_ids: frozenset[UUID] = field(default_factory=frozenset)
    actor_ids: frozenset[UUID] = field(default_factory=frozenset)
    school_ids: frozenset[UUID] = field(default_factory=frozenset)
    is_admin: bool = False
    source: str | None = None

    @property
    def own_actor_ids(self) -> frozenset[UUID]:
        """Organisations the caller answers for, schools included."""
        return self.actor_ids | self.school_ids

    @property
    def sight(self) -> dict[str, Collection[UUID] | None]:
        """Of whom the caller may see personal data, as row-level security wants it: all people of their
        territories, those of their schools and organisations, or no one; and pupils of their schools alone."""
        match self.role:
            case Role.COLLECTIVITE:
                return {"territory_ids": self.territory_ids, "actor_ids": None, "school_ids": ()}
            case Role.REFERENT:
                own, schools = self.own_actor_ids, self.school_ids
                return {"territory_ids": self.territory_ids, "actor_ids": own, "school_ids": schools}
            case Role.CLUB_MEMBER:
                return {"territory_ids": self.territory_ids, "actor_ids": self.own_actor_ids, "school_ids": ()}
            case Role.PARTNER | Role.OPERATOR:
                return {"territory_ids": (), "actor_ids": (), "school_ids": ()}
            case unknown:
                assert_never(unknown)


Identify = Callable[[Request], Awaitable[Caller]]
CHALLENGE = 'Bearer realm="aet"'


async def nobody(_request: Request) -> Caller:
    """Let no one in. Raises `NotAuthenticated`."""
    raise NotAuthenticated(headers={"WWW-Authenticate": CHALLENGE})


async def current_caller(request: Request) -> Caller:
    """The caller of this request: what it writes is journaled in its name, and row-level security shows its rows.

    Raises `NotAuthenticated`.
    """
    identify: Identify = request.app.state.identify
    caller = await identify(request)
    request.state.caller = caller
    attribute_to(request.state.session, caller.id, request_id=getattr(request.state, "request_id", None))
    await let_see(request.state.session, **caller.sight)
    return caller


CurrentCaller = Annotated[Caller, Depends(current_caller)]


class Needs:
    """The scopes an operation asks for, all of them; none: any caller will do.

    Raises `NotAllowed` naming those missing.
    """

    def __init__(self, *scopes: str) -> None:
        self.scopes = scopes

    async def __call__(self, caller: CurrentCaller) -> None:
        missing = [scope for scope in self.scopes if scope not in caller.scopes]
        if missing:
            asked = " ".join(self.scopes)
            challenge = f'{CHALLENGE}, error="insufficient_scope", scope="{asked}"'
            raise NotAllowed(headers={"WWW-Authenticate": challenge}, scopes=" ".join(missing))
