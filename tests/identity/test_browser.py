"""The pages in a real browser: the whole way in by hand, at every width and in both colours, for everyone."""

import os
from pathlib import Path

import pyotp
import pytest
from playwright.async_api import Page

from app.identity.accounts import service as accounts
from app.identity.models import LinkPurpose
from tests.browser import Visit, needs_chromium, visiting
from tests.identity.people import PASSWORD, a_referent_account, an_account, enrolled

pytestmark = needs_chromium

AXE = Path(__file__).parents[1] / "node" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = os.environ.get("AET_SCREENSHOTS")
needs_axe = pytest.mark.skipif(not AXE.exists() and os.environ.get("CI") != "true", reason="npm ci in tests/node")
LOOKS = [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")]
NEW = "trois lampes vertes"


async def look(visit: Visit, name: str) -> list[str]:
    """What axe-core finds in the page as it is, and whether it is wider than the window."""
    page = visit.page
    if SHOTS:
        is_dark = await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        look = f"{page.viewport_size['width']}-{'dark' if is_dark else 'light'}"
        await page.screenshot(path=f"{SHOTS}/{name}-{look}.png", full_page=True)
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    found = await page.evaluate("rules => axe.run(document, rules)", rules)
    faults = [f"{name}: {fault['id']} {fault['nodes'][0]['html']}" for fault in found["violations"]]
    if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        faults.append(f"{name}: wider than the window")
    return faults


async def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        await page.fill(f"[name={name}]", value)
    await page.click("main form button >> nth=0")


async def secret_of(page: Page) -> pyotp.TOTP:
    return pyotp.TOTP((await page.inner_text(".secret code")).replace(" ", ""))


@needs_axe
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_every_page_is_accessible_and_fits(session, house, width, scheme):
    account = await a_referent_account(session, password=None, display_name="Camille Référent")
    link = await accounts.link_for(session, account, LinkPurpose.INVITATION)
    await session.commit()
    faults: list[str] = []
    async with visiting(house.app, width=width, scheme=scheme) as visit:
        page, base = visit.page, visit.base
        for name, path in (("login", "/login"), ("reset", "/password-reset"), ("void", "/invitation?link=x")):
            await page.goto(base + path)
            faults += await look(visit, name)
        await page.goto(f"{base}/login")
        await fill(page, email="x@y.example", password="faux")
        faults += await look(visit, "login-wrong")
        await page.goto(f"{base}/password-reset")
        await fill(page, email="x@y.example")
        faults += await look(visit, "reset-sent")
        await page.goto(f"{base}/invitation?link={link}")
        await fill(page, password="court", again="court")
        faults += await look(visit, "invitation")
        await fill(page, password=NEW, again=NEW)
        faults += await look(visit, "enrol")
        device = await secret_of(page)
        await fill(page, code=device.now())
        faults += await look(visit, "recovery")
        await page.click("a.button")
        faults += await look(visit, "account")
        await page.goto(f"{base}/account/forget-device")
        faults += await look(visit, "device")
        await page.goto(f"{base}/account")
        await page.click("text=Se déconnecter >> nth=0")
        await fill(page, email=account.email, password=NEW)
        faults += await look(visit, "second-factor")
        visit.complaints[:] = [said for said in visit.complaints if "Failed to load resource" not in said]
        assert (faults, visit.complaints, visit.elsewhere) == ([], [], [])


async def test_one_signs_in_with_the_keyboard_alone(session, house):
    account = await an_account(session)
    async with visiting(house.app) as visit:
        await visit.page.goto(f"{visit.base}/login")
        await visit.page.wait_for_selector("[name=email]:focus")
        await visit.page.keyboard.type(account.email)
        await visit.page.keyboard.press("Tab")
        await visit.page.keyboard.type(PASSWORD)
        await visit.page.keyboard.press("Enter")
        await visit.page.wait_for_url("**/account")
        assert "Camille Martin" in await visit.page.inner_text("main")


async def test_a_second_factor_brings_one_back_to_the_page_one_wanted(session, house):
    account = await a_referent_account(session)
    device = await enrolled(session, account)
    async with visiting(house.app) as visit:
        await visit.page.goto(f"{visit.base}/account/forget-device")
        await fill(visit.page, email=account.email, password=PASSWORD)
        await fill(visit.page, code=device.now())
        await visit.page.wait_for_url("**/account/forget-device")
