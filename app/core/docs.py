"""`/docs` and `/openapi.json`: the documentation callers read, with no network and no inline script."""

import functools
import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import orjson
from fastapi import FastAPI, Header
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response

from app.core import pages

OPENAPI_PATH = "/openapi.json"
START = f"""\
window.onload = () => SwaggerUIBundle({{
  url: "{OPENAPI_PATH}", dom_id: "#swagger", deepLinking: true, filter: true, tryItOutEnabled: true,
  presets: [SwaggerUIBundle.presets.apis], layout: "BaseLayout", validatorUrl: null,
}});
"""


def install(app: FastAPI) -> None:
    """Serve the description of `app`, and Swagger UI over it from the assets of an installed package."""
    app.mount("/docs/assets", StaticFiles(directory=_assets()), name="docs_assets")

    @functools.cache
    def description() -> tuple[bytes, str]:
        body = orjson.dumps(app.openapi())
        return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'

    @app.get(OPENAPI_PATH, include_in_schema=False)
    async def read_openapi(if_none_match: Annotated[str | None, Header()] = None) -> Response:
        """The OpenAPI 3.1 description of every operation."""
        body, tag = description()
        headers = {"ETag": tag, "Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
        if if_none_match and tag in if_none_match:
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="application/json")

    @app.get("/docs", include_in_schema=False)
    async def read_docs() -> Response:
        """The documentation, to read and to try."""
        return pages.page("docs.html", "en", {"title": app.title})

    @app.get("/docs/start.js", include_in_schema=False)
    async def read_start() -> Response:
        """What starts Swagger UI."""
        return Response(START, media_type="text/javascript", headers={"Cache-Control": "public, max-age=300"})


def _assets() -> Path:
    spec = find_spec("fastapi_offline")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "static"
