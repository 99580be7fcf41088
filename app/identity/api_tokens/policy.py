"""Everyone sees and changes their own tokens, and nobody else's."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, select

from app.core.db import one_or_404
from app.core.errors import NotAllowed
from app.core.routing import OpenSession
from app.identity.caller import Caller, CurrentCaller
from app.identity.models import ApiToken
from app.identity.oauth.clients.policy import account_of

Narrowing = Mapping[str, Sequence[str]]


def visible_to(caller: Caller) -> Select[ApiToken]:
    """One's own tokens; a system in its own name has none."""
    return select(ApiToken).where(ApiToken.account_id == account_of(caller))


async def load(token_id: UUID, caller: CurrentCaller, session: OpenSession) -> ApiToken:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(ApiToken.id == token_id))


def narrowed(caller: Caller, own: Narrowing, scopes: Iterable[str], wanted: Narrowing) -> dict[str, list[str]]:
    """The narrowing of a token that a caller makes, whose own token is narrowed to `own`.

    A token gives its holder no more than the caller has: raises `NotAllowed` for a scope or for rows beyond.
    """
    missing = sorted(set(scopes) - caller.scopes)
    if missing:
        raise NotAllowed(scopes=" ".join(missing))
    rows = {"territory_ids": caller.territory_ids, "actor_ids": caller.own_actor_ids}
    for name, ids in wanted.items():
        if not set(ids) <= {str(i) for i in rows[name]} & set(own.get(name, ids)):
            raise NotAllowed(reason="out_of_sight")
    return {name: list(ids) for name, ids in (dict(own) | dict(wanted)).items()}


OwnToken = Annotated[ApiToken, Depends(load)]
