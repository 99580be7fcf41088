"""A real browser over a real server, for what only a browser shows."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Page, async_playwright
from starlette.types import ASGIApp

from tests.places import on_loopback

CHROMIUM = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and os.environ.get("CI") != "true", reason="this machine has no chromium"
)


AXE = Path(__file__).parent / "node/node_modules/axe-core/axe.min.js"
needs_axe = pytest.mark.skipif(
    not AXE.exists() and os.environ.get("CI") != "true", reason="axe-core is not installed (npm ci in tests/node)"
)


@dataclass
class Visit:
    """One page of a browser that can reach nothing but the server, and what it complained of."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    async def barriers(self) -> list[str]:
        """What axe-core finds that would keep someone out of this page (WCAG 2.2 A and AA)."""
        await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found = await self.page.evaluate("tags => axe.run({runOnly: tags})", tags)
        return [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in found["violations"]]

    async def is_too_wide(self) -> bool:
        """Whether one must scroll sideways."""
        wide: bool = await self.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        return wide


@asynccontextmanager
async def visiting(app: ASGIApp, *, width: int = 1280, scheme: str = "light") -> AsyncIterator[Visit]:
    """Serve `app` on the loopback and open a browser of this width on it."""
    listening = on_loopback()
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=CHROMIUM,
                args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"],
            )
            page = await browser.new_page(
                viewport={"width": width, "height": 900},
                color_scheme="dark" if scheme == "dark" else "light",
                locale="fr-FR",
            )
            visit = Visit(page, base)
            page.on("console", lambda said: visit.complaints.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: visit.complaints.append(str(error)))
            page.on(
                "request",
                lambda asked: None if asked.url.startswith((base, "data:")) else visit.elsewhere.append(asked.url),
            )
            yield visit
            await browser.close()
    finally:
        server.should_exit = True
        await serving
        listening.close()
