"""Consent and tokens in a real browser: the whole way from an application and back, and what axe-core says."""

import re
import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.async_api import Page

from app.identity.caller import Role
from tests.browser import needs_axe, needs_chromium, visiting
from tests.factories import a_school, a_territory
from tests.identity.oauth.support import REDIRECT, an_app, ask, call, challenge_of
from tests.identity.people import PASSWORD, an_account, enrolled, grant

pytestmark = needs_chromium
LOOKS = [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")]
VERIFIER = secrets.token_urlsafe(40)


@pytest.fixture
async def someone(session):
    """A référent of two schools, with a second factor, and the application they use."""
    territory = await a_territory(session, name="Val-de-Bièvre")
    account = await an_account(session)
    for name in ("Lycée Gustave-Eiffel", "Lycée Darius-Milhaud"):
        await grant(session, account, Role.REFERENT, territory, await a_school(session, territory, name=name))
    app = await an_app(session, territory, name="Agenda des lycées")
    return account, await enrolled(session, account), app


def address_of(base: str, app, **changes: str) -> str:
    asked = {
        "response_type": "code", "client_id": app.row.client_id, "redirect_uri": REDIRECT, "state": "xyz",
        "code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256", **changes,
    }  # fmt: skip
    return f"{base}/oauth/authorize?{urlencode(asked)}"


async def sign_in(page: Page, account, device) -> None:
    await page.fill("[name=email]", account.email)
    await page.fill("[name=password]", PASSWORD)
    await page.click("main form button >> nth=0")
    await page.fill("[name=code]", device.now())
    await page.click("main form button >> nth=0")


async def test_someone_signs_in_with_a_second_factor_allows_the_app_and_comes_back_to_it(house, anonymous, someone):
    account, device, app = someone
    async with visiting(house.app) as visit:
        page = visit.page
        await page.route(f"{REDIRECT}**", lambda route: route.fulfill(body="<h1>L’application</h1>"))
        await page.goto(address_of(visit.base, app))
        assert "/login" in page.url
        await sign_in(page, account, device)
        await page.wait_for_selector("text=Agenda des lycées")
        await page.check("text=Seulement Lycée Darius-Milhaud")
        await page.click("button[value=allow]")
        await page.wait_for_url(f"{REDIRECT}**")
        answer = {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
        assert visit.complaints == []
    assert (answer["state"], answer["iss"]) == ("xyz", "http://test")
    tokens = await ask(
        anonymous, app, grant_type="authorization_code", code=answer["code"], redirect_uri=REDIRECT,
        code_verifier=VERIFIER,
    )  # fmt: skip
    assert (await call(anonymous, tokens.json()["access_token"])).status_code == 200


@needs_axe
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_consent_and_tokens_are_for_everyone_at_every_width(house, someone, width, scheme):
    account, device, app = someone
    async with visiting(house.app, width=width, scheme=scheme) as visit:
        page = visit.page
        await page.goto(address_of(visit.base, app))
        await sign_in(page, account, device)
        await page.wait_for_selector("button[value=allow]")
        faults = [*await visit.barriers(), await visit.is_too_wide()]
        await page.goto(address_of(visit.base, app, client_id="unknown"))
        faults += [*await visit.barriers(), await visit.is_too_wide()]
        await page.goto(f"{visit.base}/account/tokens")
        await page.fill("[name=name]", "Synchronisation des stages")
        await page.click("text=Créer un jeton >> nth=-1")
        faults += [*await visit.barriers(), await visit.is_too_wide()]
        await page.check("[name=scopes] >> nth=0")
        await page.click("text=Créer un jeton >> nth=-1")
        token = re.search(r"aet_pat_[0-9A-Za-z]{38}", await page.inner_text("main"))
        assert token
        faults += [*await visit.barriers(), await visit.is_too_wide()]
        await page.click("text=Retour à mes jetons")
        faults += [*await visit.barriers(), await visit.is_too_wide()]
    assert faults == [False] * 5
