"""`/v1/me`: what this token may do, for its holder to look at."""

from operator import itemgetter
from typing import Any

from fastapi import APIRouter, Depends, Request

from app.core.responses import ON_READ
from app.core.routing import OpenSession, TransactionalRoute
from app.identity import places
from app.identity.access import Held
from app.identity.accounts.schemas import RightsView
from app.identity.caller import CurrentCaller, Needs

ANYONE_KNOWN = [Depends(Needs())]

router = APIRouter(prefix="/me", tags=["me"], route_class=TransactionalRoute)


@router.get("", response_model=RightsView, dependencies=ANYONE_KNOWN, responses=ON_READ)
async def read_me(request: Request, caller: CurrentCaller, session: OpenSession) -> dict[str, Any]:
    """The caller's own rights, as they are at this moment."""
    ids = {
        "territories": caller.territory_ids, "schools": caller.school_ids, "organisations": caller.actor_ids,
    }  # fmt: skip
    every = [Held(caller.role, id_, None, is_admin=False) for kind in ids.values() for id_ in kind]
    names = await places.names(session, every)
    found = {
        kind: [{"id": id_, "name": name} for id_, name in sorted(names.items(), key=itemgetter(1)) if id_ in own]
        for kind, own in ids.items()
    }
    asked: dict[str, tuple[str, ...]] = request.app.state.operations
    opened = sorted(name for name, scopes in asked.items() if caller.scopes.issuperset(scopes))
    return {
        "id": caller.id, "role": caller.role, "is_admin": caller.is_admin, "scopes": sorted(caller.scopes),
        "source": caller.source, "operations": opened, **found,
    }  # fmt: skip
