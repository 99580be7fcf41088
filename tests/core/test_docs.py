"""The documentation reads and tries the API with no network, under a strict policy."""

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp

from app.core import docs, health, problems
from app.core.hardening import Hardening
from app.core.headers import SecurityHeaders
from app.settings import Settings
from tests.browser import needs_chromium, visiting

SETTINGS = Settings(_env_file=None)


def build() -> ASGIApp:
    api = FastAPI(title="Essai", openapi_url=None, docs_url=None, redoc_url=None)
    api.state.settings = SETTINGS
    problems.install(api)
    docs.install(api)
    api.include_router(health.router)
    return SecurityHeaders(Hardening(api), settings=SETTINGS)


@needs_chromium
async def test_the_documentation_shows_and_tries_operations_without_any_network() -> None:
    async with visiting(build()) as visit:
        await visit.page.goto(f"{visit.base}/docs")
        await visit.page.click("#operations-service-get_liveness_livez_get button.opblock-summary-control")
        await visit.page.click("button.execute")
        shown = await visit.page.inner_text(".live-responses-table .response .highlight-code")
        assert '"status": "alive"' in shown
        assert (visit.complaints, visit.elsewhere) == ([], [])


@pytest.mark.unit
async def test_the_description_is_whole_and_can_be_revalidated() -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(build()), base_url="http://test") as client:
        answer = await client.get("/openapi.json")
        assert answer.json()["openapi"].startswith("3.1")
        assert "/livez" in answer.json()["paths"]
        assert "/docs" not in answer.json()["paths"]
        assert answer.headers["access-control-allow-origin"] == "*"
        again = await client.get("/openapi.json", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.unit
async def test_the_documentation_has_nothing_inline_and_nothing_from_elsewhere() -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(build()), base_url="http://test") as client:
        answer = await client.get("/docs")
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "script-src 'self'" in policy
        assert "<style" not in answer.text
        assert "http:" not in answer.text
        assert "https:" not in answer.text
        for path in ("/docs/assets/swagger-ui.css", "/docs/assets/swagger-ui-bundle.js", "/docs/start.js"):
            assert (await client.get(path)).status_code == 200
        for path in ("/docs/assets/../core.py", "/docs/assets/%2e%2e/core.py", "/docs/assets/nothing.js"):
            assert (await client.get(path)).status_code == 404
