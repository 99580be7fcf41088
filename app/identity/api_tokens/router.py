"""`/v1/api-tokens`: one's own tokens for scripts."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, status

from app.core import idempotency
from app.core.errors import NotAllowed
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_LIST, ON_READ, ON_VERB
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.api_tokens import service
from app.identity.api_tokens.policy import OwnToken, narrowed, visible_to
from app.identity.api_tokens.schemas import ApiTokenCreate, ApiTokenCreated, ApiTokenRoll, ApiTokenView
from app.identity.caller import Caller, CurrentCaller, Needs
from app.identity.models import ApiToken
from app.identity.oauth.clients.policy import account_of

READ = [Depends(Needs("tokens:read"))]
WRITE = [Depends(Needs("tokens:write"))]
KEYED = Depends(idempotency.begin)

router = APIRouter(prefix="/api-tokens", tags=["tokens"], route_class=TransactionalRoute)


def view(row: ApiToken, **more: Any) -> dict[str, Any]:
    """The token, without its secret."""
    fields = {name: getattr(row, name, None) for name in ApiTokenView.model_fields}
    state = service.state_of(row)
    return fields | {"state": state, "allowed_actions": ["roll", "revoke"] if state == "active" else [], **more}


@router.get("", response_model=Page[ApiTokenView], dependencies=READ, responses=ON_LIST)
async def list_api_tokens(asked: PageAsked, caller: CurrentCaller, session: OpenSession) -> dict[str, object]:
    """One's own tokens, those that have ended too, newest first."""
    found: dict[str, Any] = await page(session, visible_to(caller), asked, by=[ApiToken.id], descending=True)
    return found | {"items": [view(token) for token in found["items"]]}


@router.post("", response_model=ApiTokenCreated, status_code=status.HTTP_201_CREATED, dependencies=[*WRITE, KEYED],
             responses=ON_CREATE)  # fmt: skip
async def create_api_token(
    body: ApiTokenCreate, caller: CurrentCaller, session: OpenSession, request: Request, response: Response
) -> dict[str, Any]:
    """Make a token. It is in this answer only, and gives no more than the caller has."""
    narrowing = narrowed(caller, _own_narrowing(request), body.scopes, body.narrowing.kept())
    token, secret = await service.create_api_token(
        session, account_id=_account(caller), name=body.name, scopes=body.scopes, narrowing=narrowing,
        networks=body.networks, expires_at=body.expires_at,
    )  # fmt: skip
    idempotency.keep_without(request, "token")
    return view(created(response, token), token=secret)


@router.get("/{token_id:uuid}", response_model=ApiTokenView, dependencies=READ, responses=ON_READ)
async def read_api_token(token: OwnToken, response: Response) -> dict[str, Any]:
    """One of one's own tokens."""
    return view(tagged(response, token))


@router.post("/{token_id:uuid}:roll", response_model=ApiTokenCreated, status_code=status.HTTP_201_CREATED,
             dependencies=[*WRITE, KEYED], responses=ON_VERB)  # fmt: skip
async def roll_api_token(
    body: ApiTokenRoll, token: OwnToken, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    request: Request, response: Response,
) -> dict[str, Any]:  # fmt: skip
    """A new token like this one, which stays good for a while beside it."""
    require_match(token, if_match)
    own = _own_narrowing(request)
    if narrowed(caller, own, token.scopes, token.narrowing) != token.narrowing:
        raise NotAllowed(reason="out_of_sight")
    overlap = timedelta(hours=body.overlap_hours)
    made, secret = await service.roll(session, token, overlap=overlap, expires_at=body.expires_at)
    idempotency.keep_without(request, "token")
    return view(created(response, made), token=secret)


@router.post("/{token_id:uuid}:revoke", response_model=ApiTokenView, dependencies=[*WRITE, KEYED], responses=ON_VERB)
async def revoke_api_token(
    token: OwnToken, if_match: IfMatch, session: OpenSession, response: Response
) -> dict[str, Any]:
    """End the token now."""
    require_match(token, if_match)
    await service.revoke(session, token)
    return view(tagged(response, token))


def _own_narrowing(request: Request) -> Mapping[str, Sequence[str]]:
    """What the caller's own token is narrowed to."""
    narrowing: Mapping[str, Sequence[str]] = getattr(request.state, "narrowing", None) or {}
    return narrowing


def _account(caller: Caller) -> UUID:
    account_id = account_of(caller)
    if account_id is None:
        raise NotAllowed(reason="own_name_only")
    return account_id
