"""`/.well-known/*`: where programs look for what an address offers."""

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from app.core import clock, docs
from app.core.errors import NotFound
from app.settings import Settings

CATALOG_PATH = "/.well-known/api-catalog"
CATALOG_TYPE = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
VALID_FOR = timedelta(days=180)

router = APIRouter(prefix="/.well-known", include_in_schema=False)


@router.get("/security.txt")
async def read_security_contact(request: Request) -> Response:
    """Where to report a vulnerability (RFC 9116). Raises `NotFound` when the operator named no contact."""
    settings: Settings = request.app.state.settings
    if not settings.security_contact:
        raise NotFound
    expires = (clock.now() + VALID_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {settings.security_contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: fr, en",
        f"Canonical: {settings.base_url}/.well-known/security.txt",
    ]
    return Response(
        "\n".join([*lines, ""]), media_type="text/plain", headers={"Cache-Control": "public, max-age=86400"}
    )


@router.get("/api-catalog")
async def read_api_catalog(request: Request) -> Response:
    """The API's description, documentation and state (RFC 9727)."""
    base = request.app.state.settings.base_url
    entry = {
        "anchor": f"{base}/v1",
        "service-desc": [{"href": f"{base}{docs.OPENAPI_PATH}", "type": "application/json"}],
        "service-doc": [{"href": f"{base}/docs", "type": "text/html"}],
        "status": [{"href": f"{base}/readyz", "type": "application/json"}],
    }
    headers = {"Cache-Control": "public, max-age=86400", "Link": f'<{base}{CATALOG_PATH}>; rel="api-catalog"'}
    return JSONResponse({"linkset": [entry]}, headers=headers, media_type=CATALOG_TYPE)
