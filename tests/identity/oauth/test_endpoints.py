"""Revocation, introspection, metadata, keys, and secrets found in the open."""

import json
from datetime import timedelta

import pytest
import time_machine

from app.core import clock
from app.identity.models import Account, TokenFamily
from app.identity.oauth import upkeep
from app.identity.rights import SCOPES
from tests.conftest import SETTINGS
from tests.factories import a_territory
from tests.identity.oauth.support import a_code, a_machine, an_account_of, an_app, ask, call, refresh, signed_in
from tests.identity.oauth.test_bearer import an_api_token


@pytest.fixture
async def territory(session):
    return await a_territory(session)


@pytest.fixture
async def account(session, territory):
    return await an_account_of(session, territory)


@pytest.fixture
async def app(session, territory):
    return await an_app(session, territory)


@pytest.fixture
async def server_app(session, territory):
    return await an_app(session, territory, is_confidential=True)


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
async def test_revoking_either_token_ends_both(session, anonymous, app, account, which):
    tokens = await signed_in(session, anonymous, app, account)
    response = await ask(anonymous, app, "/oauth/revoke", token=tokens[which])
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert (await call(anonymous, tokens["access_token"])).status_code == 401
    assert (await refresh(anonymous, app, tokens["refresh_token"])).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("token", ["nothing", "a.b.c", "é" * 10, "aet_ref_of_nobody"])
async def test_revoking_what_is_no_token_is_answered_alike(anonymous, app, token):
    response = await ask(anonymous, app, "/oauth/revoke", token=token, token_type_hint="unheard_of")
    assert response.status_code in ({400} if "é" in token else {200})


async def test_a_client_cannot_revoke_another_s_token(session, anonymous, territory, app, account):
    tokens = await signed_in(session, anonymous, app, account)
    other = await an_app(session, territory)
    assert (await ask(anonymous, other, "/oauth/revoke", token=tokens["access_token"])).status_code == 400
    assert (await call(anonymous, tokens["access_token"])).status_code == 200


async def test_introspection_tells_a_client_of_its_own_tokens(session, anonymous, server_app, account):
    tokens = await signed_in(session, anonymous, server_app, account)
    told = (await ask(anonymous, server_app, "/oauth/introspect", token=tokens["access_token"])).json()
    assert told["active"] is True
    assert told["client_id"] == server_app.row.client_id
    assert told["sub"] == str(account.id)
    assert told["scope"] == tokens["scope"]
    assert told["exp"] - told["iat"] == 600
    lasting = (await ask(anonymous, server_app, "/oauth/introspect", token=tokens["refresh_token"])).json()
    assert (lasting["active"], lasting["token_type"]) == (True, "refresh_token")
    assert account.email not in json.dumps([told, lasting])


@pytest.mark.parametrize("end", ["revoked", "expired", "disabled", "rotated"])
async def test_a_token_that_ended_is_just_not_active(session, anonymous, server_app, account, end):
    tokens = await signed_in(session, anonymous, server_app, account)
    token, later = tokens["access_token"], clock.now()
    if end == "revoked":
        await ask(anonymous, server_app, "/oauth/revoke", token=token)
    elif end == "expired":
        later += timedelta(minutes=11)
    elif end == "disabled":
        account.disabled_at = clock.now()
        await session.commit()
    else:
        token = tokens["refresh_token"]
        await refresh(anonymous, server_app, token)
    with time_machine.travel(later):
        assert (await ask(anonymous, server_app, "/oauth/introspect", token=token)).json() == {"active": False}


async def test_introspection_tells_nothing_of_others_tokens_nor_to_public_clients(
    session, anonymous, territory, app, server_app, account
):
    tokens = await signed_in(session, anonymous, app, account)
    asked = await ask(anonymous, server_app, "/oauth/introspect", token=tokens["access_token"])
    assert asked.json() == {"active": False}
    refused = await ask(anonymous, app, "/oauth/introspect", token=tokens["access_token"])
    assert refused.json()["error"] == "invalid_client"
    _, api_token = await an_api_token(session, account)
    assert (await ask(anonymous, server_app, "/oauth/introspect", token=api_token)).json() == {"active": False}


async def test_a_missing_token_is_an_invalid_request(anonymous, server_app):
    for path in ("/oauth/revoke", "/oauth/introspect"):
        assert (await ask(anonymous, server_app, path)).json()["error"] == "invalid_request"


async def test_programs_find_out_by_themselves(anonymous):
    server = await anonymous.get("/.well-known/oauth-authorization-server")
    told = server.json()
    assert told["issuer"] == "http://test"
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["response_types_supported"] == ["code"]
    assert set(told["grant_types_supported"]) == {"authorization_code", "refresh_token", "client_credentials"}
    assert told["authorization_response_iss_parameter_supported"] is True
    assert told["scopes_supported"] == sorted(SCOPES)
    assert server.headers["access-control-allow-origin"] == "*"
    resource = (await anonymous.get("/.well-known/oauth-protected-resource")).json()
    assert resource["authorization_servers"] == [told["issuer"]]
    assert resource["resource"] == "http://test"


async def test_only_public_keys_are_published(anonymous):
    response = await anonymous.get("/.well-known/jwks.json")
    keys = response.json()["keys"]
    assert len(keys) >= 2
    for key in keys:
        assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert response.headers["access-control-allow-origin"] == "*"


async def test_secrets_found_in_the_open_end_and_their_owner_is_told(
    session, anonymous, app, account, territory, capsys
):
    _, api_token = await an_api_token(session, account, name="mon script")
    tokens = await signed_in(session, anonymous, app, account)
    machine = await a_machine(session, territory, requested_by=account.id)
    found = [api_token, tokens["refresh_token"], machine.secret, "aet_pat_" + "0" * 38, "something else"]
    body = [{"token": token, "type": "aet", "url": "https://example.org/x", "source": "commit"} for token in found]
    response = await anonymous.post("/oauth/leaked-token", json=body)
    assert (response.status_code, response.content) == (202, b"")
    nothing = await anonymous.post("/oauth/leaked-token", json=[{"token": "nothing"}])
    assert (nothing.status_code, nothing.content) == (response.status_code, response.content)
    assert (await call(anonymous, api_token)).status_code == 401
    assert (await call(anonymous, tokens["access_token"])).status_code == 401
    assert (await ask(anonymous, machine, grant_type="client_credentials")).json()["error"] == "invalid_client"
    mails = capsys.readouterr().err
    assert mails.count(f"mail to {account.email}") == 2
    assert "mon script" in mails
    assert api_token not in mails


async def test_a_list_of_leaks_has_its_bounds(anonymous):
    assert (await anonymous.post("/oauth/leaked-token", json=[{"token": "x"}] * 101)).status_code == 422
    assert (await anonymous.post("/oauth/leaked-token", json=[{"token": "x" * 501}])).status_code == 422
    assert (await anonymous.post("/oauth/leaked-token", content=b"x")).status_code == 415


async def test_owners_are_told_once_before_a_token_ends(session, database, account, capsys):
    soon, _ = await an_api_token(session, account, name="bientôt", expires_at=clock.now() + timedelta(days=6))
    await an_api_token(session, account, name="plus tard", expires_at=clock.now() + timedelta(days=8))
    assert await upkeep.warn_owners(database, SETTINGS) == 1
    assert await upkeep.warn_owners(database, SETTINGS) == 0
    mails = capsys.readouterr().err
    assert "bientôt" in mails
    assert "plus tard" not in mails
    await session.refresh(soon)
    assert soon.warned_at is not None


async def test_what_ended_a_month_ago_goes_away(session, database, anonymous, app, account):
    await signed_in(session, anonymous, app, account)
    await a_code(session, app, account, verifier="v" * 43)
    with time_machine.travel(clock.now() + timedelta(days=89)):
        await upkeep.clear(database)
        family = await session.scalar(TokenFamily.__table__.select())
        assert family is not None
    with time_machine.travel(clock.now() + timedelta(days=121)):
        await upkeep.clear(database)
    assert await session.scalar(TokenFamily.__table__.select()) is None
    assert await session.get(Account, account.id)
