"""One transaction a request, committed before the answer leaves: what was acknowledged is never lost.

Every router of `/v1` is an `APIRouter(route_class=TransactionalRoute)`. A route opens the session, runs the
endpoint, keeps the answer under the caller's `Idempotency-Key` if there is one, commits, and only then
answers. A refusal, and a reading of persons, is written to the audit trail once the transaction has ended
(`app.state.after_route`). Reading methods get a read-only transaction: a GET cannot write.
"""

from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, get_origin

from fastapi import Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.routing import Match
from starlette.types import Scope

from app.core import idempotency
from app.core.errors import ErrorAt, InvalidInput, NotAllowed

PREFIX = "/v1"
SAFE = {"GET", "HEAD", "OPTIONS"}
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


async def request_session(request: Request) -> AsyncSession:
    """The session of this request."""
    session: AsyncSession = request.state.session
    return session


OpenSession = Annotated[AsyncSession, Depends(request_session)]


class TransactionalRoute(APIRoute):
    """A route of `/v1` that is one transaction, and that knows every query parameter it takes.

    It is whole where it is written, prefix and name too: including it by `include_router` would build it a second
    time, and have each request look for it through two levels of routers.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **how: Any) -> None:
        super().__init__(
            PREFIX + path, endpoint, **how | {"generate_unique_id_function": lambda route: str(route.name)}
        )
        self.stem = self.path.partition("{")[0]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Routes are asked one after the other: a look at how the path begins spares most of them theirs."""
        if not scope["path"].startswith(self.stem, len(scope.get("root_path", ""))):
            return Match.NONE, {}
        return super().matches(scope)

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        known = _query_parameters(self.dependant)

        async def transact(request: Request) -> Response:
            _refuse_unknown(request, known)
            is_read = request.method in SAFE
            try:
                async with request.app.state.database.session(read_only=is_read) as session:
                    request.state.session = session
                    try:
                        response = await handle(request)
                    except idempotency.Replay as replay:
                        return replay.response
                    if not is_read:
                        await idempotency.keep(request, response)
                        await session.commit()
                        request.app.state.on_commit()
            except NotAllowed as refused:
                await request.app.state.after_route(request, refused)
                raise
            if hasattr(request.state, "readings"):
                await request.app.state.after_route(request, None)
            return response

        return transact


def _query_parameters(dependant: Dependant) -> dict[str, bool]:
    """Names of the query parameters a route takes; true where a name may be repeated."""
    known: dict[str, bool] = {}
    for parameter in dependant.query_params:
        kind = parameter.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            known |= {f.alias or name: _is_list(f.annotation) for name, f in kind.model_fields.items()}
        else:
            known[parameter.alias] = _is_list(kind)
    for inner in dependant.dependencies:
        known |= _query_parameters(inner)
    return known


def _is_list(annotation: Any) -> bool:
    return any(get_origin(kind) in (list, set, tuple) for kind in (annotation, *getattr(annotation, "__args__", ())))


def _refuse_unknown(request: Request, known: dict[str, bool]) -> None:
    """A misspelt filter must not answer the whole list. Raises `InvalidInput`."""
    times = Counter(name for name, _ in request.query_params.multi_items())
    faults = [ErrorAt("?" + name, "unknown_parameter") for name in times if name not in known]
    faults += [
        ErrorAt("?" + n, "repeated_parameter") for n, count in times.items() if count > 1 and not known.get(n, True)
    ]
    if faults:
        raise InvalidInput(*faults[:20])
