"""What programs find out by themselves: metadata of the server (RFC 8414) and of the API (RFC 9728), public keys."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from app.identity.keys import KeyRing, ensure
from app.identity.rights import SCOPES

OPEN = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"}
SERVER_PATH, RESOURCE_PATH = "/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource"
GRANTS = ["authorization_code", "refresh_token", "client_credentials"]
WITH_SECRET = ["client_secret_basic", "client_secret_post"]

router = APIRouter(prefix="/.well-known", include_in_schema=False)


@router.get("/oauth-authorization-server")
async def read_authorization_server(request: Request) -> JSONResponse:
    """Where and how tokens are had."""
    return JSONResponse(server_metadata(request.app.state.settings.base_url), headers=OPEN)


@router.get("/oauth-protected-resource")
async def read_protected_resource(request: Request) -> JSONResponse:
    """What the API asks of those who call it."""
    base = request.app.state.settings.base_url
    told = {
        "resource": base,
        "authorization_servers": [base],
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "scopes_supported": sorted(SCOPES),
        "bearer_methods_supported": ["header"],
        "resource_name": "Agir Ensemble sur le Territoire",
        "resource_documentation": f"{base}/docs",
    }
    return JSONResponse(told, headers=OPEN)


@router.get("/jwks.json")
async def read_keys(request: Request) -> JSONResponse:
    """The keys access tokens are verified with: next, current and just retired (RFC 7517)."""
    ring: KeyRing = request.app.state.key_ring
    async with request.app.state.database.session() as session:
        keys = await ring.published(session)
        if not keys:
            await ensure(session, ring.secret)
            await session.commit()
            await ring.read(session)
            keys = await ring.published(session)
    return JSONResponse({"keys": keys}, headers=OPEN, media_type="application/jwk-set+json")


def server_metadata(base: str) -> dict[str, Any]:
    """The authorization server, as RFC 8414 and RFC 9207 name its parts."""
    return {
        "issuer": base,
        "authorization_endpoint": f"{base}/oauth/authorize",
        "token_endpoint": f"{base}/oauth/token",
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "scopes_supported": sorted(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": GRANTS,
        "token_endpoint_auth_methods_supported": [*WITH_SECRET, "none"],
        "revocation_endpoint": f"{base}/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": [*WITH_SECRET, "none"],
        "introspection_endpoint": f"{base}/oauth/introspect",
        "introspection_endpoint_auth_methods_supported": WITH_SECRET,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": ["fr", "en"],
        "service_documentation": f"{base}/docs",
    }
