"""The endpoints that machines call: token, revocation, introspection. Forms in, JSON of RFC 6749 out."""

import math
import time
from collections.abc import Awaitable, Callable

from authlib.oauth2.rfc6749 import OAuth2Error
from fastapi import APIRouter, Request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse, Response

from app.core.errors import TooManyRequests
from app.identity.keys import KeyRing, derive
from app.identity.oauth.endpoints import IntrospectionEndpoint, RevocationEndpoint
from app.identity.oauth.grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant, S256Required
from app.identity.oauth.requests import OAuthRequest, form_pairs
from app.identity.oauth.server import Answer, Issuer, Server

A_MINUTE = RateLimitItemPerMinute(120)
OPEN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
PREFLIGHT = OPEN | {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
Drive = Callable[[Server, OAuthRequest], Answer]
Run = Callable[[Drive, OAuthRequest], Awaitable[Answer]]

router = APIRouter(prefix="/oauth", include_in_schema=False)


class Quota:
    """How often one address may ask, each worker counting its own."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def take(self, request: Request, limit: RateLimitItem = A_MINUTE) -> None:
        """Count this request. Raises `TooManyRequests`, which says when to come back."""
        address = request.client.host if request.client else "unknown"
        where = (request.url.path, address)
        if not await self._limiter.hit(limit, *where):
            window = await self._limiter.get_window_stats(limit, *where)
            wait = max(1, math.ceil(window.reset_time - time.time()))
            raise TooManyRequests(headers={"Retry-After": str(wait)} | OPEN)


@router.post("/token")
async def issue_token(request: Request) -> Response:
    """Tokens for a code, for a refresh token, or for a client's own credentials."""
    return await _answer(request, lambda server, asked: server.create_token_response(asked))


@router.post("/revoke")
async def revoke_token(request: Request) -> Response:
    """End a token and all that the same consent opened (RFC 7009)."""
    return await _answer(request, lambda server, asked: server.create_endpoint_response("revocation", asked))


@router.post("/introspect")
async def introspect_token(request: Request) -> Response:
    """Tell a confidential client about a token of its own (RFC 7662)."""
    return await _answer(request, lambda server, asked: server.create_endpoint_response("introspection", asked))


@router.options("/token")
@router.options("/revoke")
async def allow_browsers() -> Response:
    """An application in a browser may ask from anywhere: it shows no cookie."""
    return Response(status_code=204, headers=PREFLIGHT)


async def server_of(request: Request, session: AsyncSession) -> Run:
    """What runs a piece of Authlib's work in this session's transaction."""
    ring: KeyRing = request.app.state.key_ring
    kid, key = await ring.signer(session)
    issuer = Issuer(request.app.state.settings.base_url, ring, kid, key, derive(ring.secret, "refresh tokens"))

    async def run(drive: Drive, asked: OAuthRequest) -> Answer:
        return await session.run_sync(lambda sync: drive(_complete(Server(sync, issuer, request)), asked))

    return run


async def _answer(request: Request, drive: Drive) -> Response:
    quota: Quota = request.app.state.oauth_quota
    await quota.take(request)
    base_url = request.app.state.settings.base_url
    try:
        pairs, authorization = await form_pairs(request), request.headers.get("authorization")
        asked = OAuthRequest("POST", base_url, request.url.path, pairs, authorization)
    except OAuth2Error as error:
        return _json(Answer(*error()))
    async with request.app.state.database.session() as session:
        run = await server_of(request, session)
        answer = await run(drive, asked)
        await session.commit()  # also after a refusal: a replay ends its family
    return _json(answer)


def _complete(server: Server) -> Server:
    server.register_grant(AuthorizationCodeGrant, [S256Required()])
    server.register_grant(RefreshTokenGrant)
    server.register_grant(ClientCredentialsGrant)
    server.register_endpoint(RevocationEndpoint)
    server.register_endpoint(IntrospectionEndpoint)
    return server


def _json(answer: Answer) -> Response:
    body = dict(answer.body) if isinstance(answer.body, list) else answer.body
    kept = {name: value for name, value in answer.headers if name.lower() == "www-authenticate"}
    return JSONResponse(body, answer.status, NO_STORE | OPEN | kept)
