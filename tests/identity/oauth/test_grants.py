"""How tokens are had, and how they are not."""

import base64
import json
import secrets
from datetime import timedelta

import pytest
import time_machine
from httpx import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.identity.models import Account, AuditEntry, TokenFamily
from app.territories.models import Territory
from tests.factories import a_territory
from tests.identity.oauth.support import (
    REDIRECT,
    App,
    a_code,
    a_machine,
    an_account_of,
    an_app,
    ask,
    call,
    refresh,
    signed_in,
)

VERIFIER = "v" * 43


@pytest.fixture
async def territory(session: AsyncSession) -> Territory:
    return await a_territory(session)


@pytest.fixture
async def account(session: AsyncSession, territory: Territory) -> Account:
    return await an_account_of(session, territory)


@pytest.fixture
async def app(session: AsyncSession, territory: Territory) -> App:
    return await an_app(session, territory)


def claims_of(token: str) -> dict[str, object]:
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


async def test_a_code_gives_tokens_that_say_nothing_personal(session, anonymous, app, account):
    tokens = await signed_in(session, anonymous, app, account)
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 600
    assert tokens["refresh_token"].startswith("aet_ref_")
    header = json.loads(base64.urlsafe_b64decode(tokens["access_token"].split(".")[0] + "=="))
    assert (header["typ"], header["alg"]) == ("at+jwt", "ES256")
    said = claims_of(tokens["access_token"])
    assert set(said) == {"iss", "aud", "sub", "client_id", "sid", "jti", "iat", "exp", "scope"}
    assert said["iss"] == said["aud"] == "http://test"
    assert said["exp"] - said["iat"] == 600
    assert account.email not in str(said)
    assert account.display_name not in str(said)
    assert (await call(anonymous, tokens["access_token"])).status_code == 200


async def test_answers_with_tokens_are_stored_nowhere_and_readable_by_apps_in_browsers(session, anonymous, app):
    response = await refresh(anonymous, app, "nothing")
    assert response.status_code == 400
    assert response.json() == {"error": "invalid_grant"} | response.json()
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["access-control-allow-origin"] == "*"
    asked = await anonymous.options(
        "/oauth/token", headers={"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    )
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-methods"] == "POST"


async def test_a_code_is_good_once_and_its_return_ends_what_it_opened(session, anonymous, app, account):
    code = await a_code(session, app, account, verifier=VERIFIER)
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    first = await ask(anonymous, app, **asked)
    assert (await call(anonymous, first.json()["access_token"])).status_code == 200
    again = await ask(anonymous, app, **asked)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert (await call(anonymous, first.json()["access_token"])).status_code == 401
    assert (await refresh(anonymous, app, first.json()["refresh_token"])).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"code_verifier": "short"},
        {"redirect_uri": REDIRECT + "/"},
        {"redirect_uri": ""},
        {"code": "unknown"},
        {"code": ""},
        {"resource": "https://other.example"},
    ],
)
async def test_a_code_needs_its_verifier_its_address_and_its_resource(session, anonymous, app, account, wrong):
    code = await a_code(session, app, account, verifier=VERIFIER)
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    response = await ask(anonymous, app, **asked | wrong)
    assert response.status_code == 400
    assert response.json()["error"] in {"invalid_grant", "invalid_request", "invalid_target"}
    assert "access_token" not in response.json()


async def test_a_code_ends_after_a_minute(session, anonymous, app, account):
    code = await a_code(session, app, account, verifier=VERIFIER, lasts=-1)
    response = await ask(
        anonymous, app, grant_type="authorization_code", code=code, redirect_uri=REDIRECT, code_verifier=VERIFIER
    )
    assert response.json()["error"] == "invalid_grant"


async def test_a_code_is_for_the_client_it_was_given_to(session, anonymous, territory, app, account):
    code = await a_code(session, app, account, verifier=VERIFIER)
    other = await an_app(session, territory)
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    assert (await ask(anonymous, other, **asked)).json()["error"] == "invalid_grant"
    assert (await ask(anonymous, app, **asked)).status_code == 200


async def test_a_refresh_token_is_replaced_each_time(session, anonymous, app, account):
    tokens = await signed_in(session, anonymous, app, account)
    second = (await refresh(anonymous, app, tokens["refresh_token"])).json()
    assert second["refresh_token"] != tokens["refresh_token"]
    assert (await call(anonymous, second["access_token"])).status_code == 200
    third = (await refresh(anonymous, app, second["refresh_token"])).json()
    assert (await call(anonymous, third["access_token"])).status_code == 200


async def test_a_retry_within_ten_seconds_is_refused_and_ends_nothing(session, anonymous, app, account):
    tokens = await signed_in(session, anonymous, app, account)
    second = (await refresh(anonymous, app, tokens["refresh_token"])).json()
    assert (await refresh(anonymous, app, tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await call(anonymous, second["access_token"])).status_code == 200
    assert (await refresh(anonymous, app, second["refresh_token"])).status_code == 200


async def test_a_refresh_token_that_comes_back_later_ends_its_family(session, anonymous, app, account):
    tokens = await signed_in(session, anonymous, app, account)
    second = (await refresh(anonymous, app, tokens["refresh_token"])).json()
    with time_machine.travel(clock.now() + timedelta(seconds=11)):
        assert (await refresh(anonymous, app, tokens["refresh_token"])).json()["error"] == "invalid_grant"
        assert (await call(anonymous, second["access_token"])).status_code == 401
        assert (await refresh(anonymous, app, second["refresh_token"])).json()["error"] == "invalid_grant"
    family = await session.get(TokenFamily, claims_uuid(second), populate_existing=True)
    assert family.revoked_for == "refresh_token_replayed"
    line = await session.scalar(select(AuditEntry).where(AuditEntry.action == "token.replayed"))
    assert (line.caller, line.outcome, line.detail) == (f"account:{account.id}", "denied", "refresh_token_replayed")


def claims_uuid(tokens: dict[str, str]) -> object:
    return claims_of(tokens["access_token"])["sid"]


async def test_an_older_refresh_token_ends_its_family_at_once(session, anonymous, app, account):
    first = await signed_in(session, anonymous, app, account)
    second = (await refresh(anonymous, app, first["refresh_token"])).json()
    third = (await refresh(anonymous, app, second["refresh_token"])).json()
    assert (await refresh(anonymous, app, first["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await call(anonymous, third["access_token"])).status_code == 401


async def test_a_refresh_token_ends_after_thirty_idle_days_and_its_family_after_ninety(
    session, anonymous, app, account
):
    token = (await signed_in(session, anonymous, app, account))["refresh_token"]
    start = clock.now()
    for day in (29, 58, 87):
        with time_machine.travel(start + timedelta(days=day)):
            token = (await refresh(anonymous, app, token)).json()["refresh_token"]
    with time_machine.travel(start + timedelta(days=91)):
        assert (await refresh(anonymous, app, token)).json()["error"] == "invalid_grant"
    idle = (await signed_in(session, anonymous, app, account))["refresh_token"]
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert (await refresh(anonymous, app, idle)).json()["error"] == "invalid_grant"


async def test_a_refresh_may_ask_for_less_and_never_for_more(session, anonymous, app, account):
    tokens = await signed_in(session, anonymous, app, account, scopes=["tokens:read", "events:read"])
    less = (await refresh(anonymous, app, tokens["refresh_token"], scope="events:read")).json()
    assert less["scope"] == "events:read"
    assert (await call(anonymous, less["access_token"])).status_code == 403
    more = await refresh(anonymous, app, less["refresh_token"], scope="events:read events:write")
    assert more.json()["error"] == "invalid_scope"
    assert (await refresh(anonymous, app, less["refresh_token"])).json()["scope"] == "events:read tokens:read"


async def test_a_refresh_token_is_for_its_own_client(session, anonymous, territory, app, account):
    tokens = await signed_in(session, anonymous, app, account)
    other = await an_app(session, territory)
    assert (await refresh(anonymous, other, tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await refresh(anonymous, app, tokens["refresh_token"])).status_code == 200


async def test_a_disabled_account_gets_no_more_tokens(session, anonymous, app, account):
    tokens = await signed_in(session, anonymous, app, account)
    account.disabled_at = clock.now()
    await session.commit()
    assert (await call(anonymous, tokens["access_token"])).status_code == 401
    assert (await refresh(anonymous, app, tokens["refresh_token"])).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("state", ["unapproved", "disabled"])
async def test_a_client_that_is_not_let_in_gets_nothing(session, anonymous, app, account, state):
    tokens = await signed_in(session, anonymous, app, account)
    if state == "disabled":
        app.row.disabled_at = clock.now()
    else:
        app.row.approved_at = None
    await session.commit()
    assert (await call(anonymous, tokens["access_token"])).status_code == 401
    response = await refresh(anonymous, app, tokens["refresh_token"])
    assert response.json()["error"] == "invalid_client"
    assert response.status_code in {400, 401}


async def test_a_machine_gets_a_token_in_its_own_name_for_its_own_rows(session, anonymous, territory):
    machine = await a_machine(session, territory, scopes=["events:read", "actors:read"])
    response = await ask(anonymous, machine, grant_type="client_credentials")
    assert response.status_code == 200
    assert "refresh_token" not in response.json()
    assert response.json()["scope"] == "actors:read events:read"
    assert claims_of(response.json()["access_token"])["sub"] == machine.row.client_id
    seen = await call(anonymous, response.json()["access_token"], "/v1/events")
    assert seen.status_code == 200


async def test_a_machine_may_show_its_secret_in_the_body_but_not_twice(session, anonymous, territory):
    machine = await a_machine(session, territory)
    form = {"grant_type": "client_credentials", "client_id": machine.row.client_id, "client_secret": machine.secret}
    assert (await anonymous.post("/oauth/token", data=form)).status_code == 200
    both = await anonymous.post("/oauth/token", data=form, auth=machine.auth)
    assert both.json()["error"] == "invalid_request"


@pytest.mark.parametrize("secret", ["wrong", "", "%", "é", "aet_sec_", "\t"])
async def test_a_machine_with_a_wrong_secret_is_refused(session, anonymous, territory, secret):
    machine = await a_machine(session, territory)
    response = await anonymous.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, auth=(machine.row.client_id, secret)
    )
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
    assert response.headers["www-authenticate"].startswith("Basic")


async def test_a_confidential_client_cannot_do_without_its_secret(session, anonymous, territory, account):
    app = await an_app(session, territory, is_confidential=True)
    tokens = await signed_in(session, anonymous, app, account)
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": app.row.client_id}
    response = await anonymous.post("/oauth/token", data=form)
    assert response.json()["error"] == "invalid_client"
    assert (await refresh(anonymous, app, tokens["refresh_token"])).status_code == 200


@pytest.mark.parametrize(
    "grant", ["password", "implicit", "", "urn:ietf:params:oauth:grant-type:device_code", "x" * 99]
)
async def test_no_other_grant_exists(anonymous, app, grant):
    response = await ask(anonymous, app, grant_type=grant, username="a", password="b")
    assert (response.status_code, response.json()["error"]) == (400, "unsupported_grant_type")


async def test_a_client_gets_tokens_only_in_the_ways_it_was_approved_for(session, anonymous, territory, account):
    app = await an_app(session, territory, grants=["authorization_code"])
    tokens = await signed_in(session, anonymous, app, account)
    assert "refresh_token" not in tokens
    confidential = await an_app(session, territory, is_confidential=True)
    response = await ask(anonymous, confidential, grant_type="client_credentials")
    assert response.json()["error"] == "unauthorized_client"
    public = await ask(anonymous, app, grant_type="client_credentials")
    assert public.json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    "body",
    ["grant_type=refresh_token&grant_type=refresh_token", "a" * 200 + "=1", "client_id=%F0%9F%98%80", "client_id=a%22b",
     "&".join(f"p{n}=1" for n in range(60)), "grant_type=%22", "scope=" + "x" * 5000, "resource=%22", "=", "&&&"],
)  # fmt: skip
async def test_unreadable_parameters_are_an_invalid_request(anonymous, app, body):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    response = await anonymous.post("/oauth/token", content=body, headers=headers)
    assert response.status_code == 400
    assert response.json()["error"] in {"invalid_request", "unsupported_grant_type"}


async def test_a_body_that_is_no_form_is_refused(anonymous):
    assert (await anonymous.post("/oauth/token", json={"grant_type": "refresh_token"})).status_code == 415
    assert (await anonymous.post("/oauth/token")).json()["error"] == "unsupported_grant_type"


FIELDS = st.dictionaries(
    st.sampled_from(["grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret", "scope",
                     "refresh_token", "token", "token_type_hint", "resource"]),
    st.text(max_size=40) | st.sampled_from(["authorization_code", "refresh_token", "client_credentials"]),
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(FIELDS, st.sampled_from(["token", "revoke", "introspect"]), st.binary(max_size=30))
async def test_garbage_never_breaks_an_endpoint(house, anonymous: AsyncClient, fields, endpoint, credentials):
    house.api.state.oauth_quota.__init__()
    basic = "Basic " + base64.b64encode(credentials).decode()
    form = {name: value.encode(errors="replace") for name, value in fields.items()}
    response = await anonymous.post(f"/oauth/{endpoint}", data=form, headers={"Authorization": basic})
    assert response.status_code in {400, 401}


async def test_one_address_cannot_ask_without_end(house, anonymous, app):
    house.api.state.oauth_quota.__init__()
    statuses = [(await refresh(anonymous, app, secrets.token_hex(8))).status_code for _ in range(121)]
    assert statuses == [400] * 120 + [429]
    last = await refresh(anonymous, app, "x")
    assert 1 <= int(last.headers["retry-after"]) <= 60
    house.api.state.oauth_quota.__init__()
