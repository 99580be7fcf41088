"""Consent: an application asks, its user decides, and the answer goes nowhere but to the application."""

import html
import re
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import select

from app.identity.caller import Role
from app.identity.models import AuditEntry, AuthorizationCode
from tests.factories import a_school, a_territory
from tests.identity.oauth.support import REDIRECT, App, an_app, ask, call, challenge_of
from tests.identity.people import an_account, grant, sign_in, text_of

VERIFIER = secrets.token_urlsafe(40)


def request_of(app: App, **changes: Any) -> dict[str, str]:
    asked = {
        "response_type": "code", "client_id": app.row.client_id, "redirect_uri": REDIRECT, "state": "a state & more",
        "scope": "events:read themes:read tokens:read", "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256", **changes,
    }  # fmt: skip
    return {name: value for name, value in asked.items() if value is not None}


async def page_of(client: AsyncClient, app: App, **changes: Any) -> Response:
    return await client.get("/oauth/authorize", params=request_of(app, **changes))


def hidden(page: Response) -> dict[str, str]:
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    return {name: html.unescape(value) for name, value in fields}


async def decide(client: AsyncClient, page: Response, decision: str = "allow", **more: str) -> Response:
    return await client.post("/oauth/authorize", data=hidden(page) | {"decision": decision, **more})


def answer_of(response: Response, to: str = REDIRECT) -> dict[str, str]:
    assert response.status_code == 303, response.text
    place = response.headers["location"]
    assert place.startswith(to + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(place).query).items()}


@pytest.fixture
async def territory(session):
    return await a_territory(session, name="Val-de-Bièvre")


@pytest.fixture
async def account(session, anonymous, territory):
    account = await an_account(session)
    await grant(session, account, Role.COLLECTIVITE, territory)
    await sign_in(anonymous, account)
    return account


@pytest.fixture
async def app(session, territory):
    return await an_app(session, territory, name="Agenda <b>mobile</b>")


async def test_consent_gives_a_code_with_state_and_issuer_and_the_code_gives_tokens(session, anonymous, app, account):
    page = await page_of(anonymous, app)
    assert page.status_code == 200
    assert "Lire les événements" in text_of(page)
    assert "Agenda &lt;b&gt;mobile" in page.text
    response = await decide(anonymous, page)
    answer = answer_of(response)
    assert (answer["state"], answer["iss"]) == ("a state & more", "http://test")
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["referrer-policy"] == "no-referrer"
    tokens = await ask(
        anonymous, app, grant_type="authorization_code", code=answer["code"], redirect_uri=REDIRECT,
        code_verifier=VERIFIER,
    )  # fmt: skip
    assert tokens.json()["scope"] == "events:read themes:read tokens:read"
    assert (await call(anonymous, tokens.json()["access_token"])).status_code == 200
    line = await session.scalar(select(AuditEntry).where(AuditEntry.action == "consent"))
    assert (line.caller, line.resource_id, line.outcome) == (f"account:{account.id}", app.row.id, "allowed")


async def test_who_refuses_goes_back_without_a_code(session, anonymous, app, account):
    answer = answer_of(await decide(anonymous, await page_of(anonymous, app), "deny"))
    assert answer == {"error": "access_denied", "state": "a state & more", "iss": "http://test"} | {
        "error_description": answer["error_description"]
    }
    assert await session.scalar(select(AuthorizationCode)) is None


async def test_the_page_may_lead_to_the_application_and_nowhere_else(anonymous, app, account):
    policy = (await page_of(anonymous, app)).headers["content-security-policy"]
    assert "form-action 'self' https://app.example;" in policy + ";"
    assert "frame-ancestors 'none'" in policy


async def test_who_has_not_signed_in_does_so_first_and_comes_back(anonymous, app, session):
    response = await page_of(anonymous, app)
    assert response.status_code == 303
    place = urlsplit(response.headers["location"])
    assert place.path == "/login"
    back = parse_qs(place.query)["next"][0]
    assert back.startswith("/oauth/authorize?")
    assert parse_qs(urlsplit(back).query)["state"] == ["a state & more"]


@pytest.mark.parametrize(
    "wrong",
    [{"client_id": "unknown"}, {"client_id": None}, {"redirect_uri": "https://evil.example/cb"}, {"redirect_uri": None},
     {"redirect_uri": REDIRECT + "/"}, {"redirect_uri": "é"}, {"redirect_uri": 'https://app.example/"'},
     {"client_id": "<script>"}, {"response_type": "é"}, {"redirect_uri": "javascript:alert(1)"}],
)  # fmt: skip
async def test_a_request_that_cannot_be_trusted_is_told_here_and_sent_nowhere(anonymous, app, wrong):
    response = await page_of(anonymous, app, **wrong)
    assert response.status_code == 400
    assert "location" not in response.headers
    assert "<script>" not in response.text


@pytest.mark.parametrize(
    ("wrong", "error"),
    [({"code_challenge": None}, "invalid_request"), ({"code_challenge_method": None}, "invalid_request"),
     ({"code_challenge_method": "plain"}, "invalid_request"), ({"code_challenge": "short"}, "invalid_request"),
     ({"code_challenge": "a" * 44}, "invalid_request"),
     ({"response_type": "token"}, "unsupported_response_type"), ({"response_type": None}, "unsupported_response_type"),
     ({"response_type": "code id_token"}, "unsupported_response_type"), ({"scope": "nothing:known"}, "invalid_scope"),
     ({"response_mode": "fragment"}, "invalid_request"), ({"resource": "https://other.example"}, "invalid_target")],
)  # fmt: skip
async def test_a_verified_application_is_told_what_is_wrong(anonymous, app, wrong, error):
    answer = answer_of(await page_of(anonymous, app, **wrong))
    assert answer["error"] == error
    assert (answer["state"], answer["iss"]) == ("a state & more", "http://test")


async def test_a_parameter_given_twice_is_refused(anonymous, app):
    pairs = [*request_of(app).items(), ("state", "another")]
    assert (await anonymous.get("/oauth/authorize", params=pairs)).status_code == 400


async def test_an_application_that_was_not_let_in_cannot_ask(session, anonymous, territory):
    app = await an_app(session, territory, is_approved=False)
    response = await page_of(anonymous, app)
    assert response.status_code == 400


async def test_a_form_from_elsewhere_is_refused(session, anonymous, app, account):
    page = await page_of(anonymous, app)
    fields = hidden(page) | {"decision": "allow", "csrf": "forged"}
    assert (await anonymous.post("/oauth/authorize", data=fields)).status_code == 403
    headers = {"Origin": "https://evil.example"}
    response = await anonymous.post("/oauth/authorize", data=hidden(page) | {"decision": "allow"}, headers=headers)
    assert response.status_code == 403
    assert await session.scalar(select(AuthorizationCode)) is None


async def test_what_the_form_sends_is_checked_like_the_request_itself(session, anonymous, app, account):
    page = await page_of(anonymous, app)
    changed = hidden(page) | {"decision": "allow", "redirect_uri": "https://evil.example/cb"}
    response = await anonymous.post("/oauth/authorize", data=changed)
    assert response.status_code == 400
    assert "location" not in response.headers


async def test_an_application_gets_no_scope_its_user_has_not(session, anonymous, territory, account):
    app = await an_app(session, territory, scopes=["territories:write", "events:read", "audit:read"])
    page = await page_of(anonymous, app, scope=None)
    assert "Lire les événements" in text_of(page)
    assert "Modifier les territoires" not in text_of(page)
    await decide(anonymous, page)
    code = await session.scalar(select(AuthorizationCode))
    assert code.scopes == ["events:read"]
    answer = answer_of(await page_of(anonymous, app, scope="audit:read"))
    assert answer["error"] == "access_denied"


async def test_consent_can_be_kept_to_one_territory(session, anonymous, territory, account):
    other = await a_territory(session, name="Plaine centrale")
    await grant(session, account, Role.COLLECTIVITE, other)
    app = await an_app(session, territory)
    app.row.territory_id = None  # approved by the operator, for everywhere
    await session.commit()
    page = await page_of(anonymous, app)
    assert "Plaine centrale" in text_of(page)
    answer = answer_of(await decide(anonymous, page, within=f"territory:{other.id}"))
    code = await session.scalar(select(AuthorizationCode))
    assert code.narrowing == {"territory_ids": [str(other.id)]}
    assert answer["code"]
    stranger = await a_territory(session)
    refused = answer_of(await decide(anonymous, await page_of(anonymous, app), within=f"territory:{stranger.id}"))
    assert refused["error"] == "access_denied"


async def test_a_club_member_can_keep_consent_to_one_organisation(session, anonymous, territory):
    one, two = await a_school(session, territory, name="Un"), await a_school(session, territory, name="Deux")
    account = await an_account(session)
    await grant(session, account, Role.CLUB_MEMBER, territory, one)
    await grant(session, account, Role.CLUB_MEMBER, territory, two)
    await sign_in(anonymous, account)
    app = await an_app(session, territory)
    answer_of(await decide(anonymous, await page_of(anonymous, app), within=f"actor:{two.id}"))
    code = await session.scalar(select(AuthorizationCode))
    assert code.narrowing == {"actor_ids": [str(two.id)]}


async def test_an_application_approved_for_one_territory_opens_no_other(session, anonymous, account, territory):
    elsewhere = await a_territory(session)
    app = await an_app(session, elsewhere)
    assert answer_of(await page_of(anonymous, app))["error"] == "access_denied"


async def test_an_app_on_a_device_comes_back_to_any_port(session, anonymous, territory, account):
    app = await an_app(session, territory, redirect_uris=["http://127.0.0.1/cb", "fr.example.app:/cb"])
    page = await page_of(anonymous, app, redirect_uri="http://127.0.0.1:51234/cb")
    assert answer_of(await decide(anonymous, page), "http://127.0.0.1:51234/cb")["code"]
    page = await page_of(anonymous, app, redirect_uri="fr.example.app:/cb")
    assert "form-action 'self' fr.example.app:" in page.headers["content-security-policy"]
    assert answer_of(await decide(anonymous, page), "fr.example.app:/cb")["code"]
