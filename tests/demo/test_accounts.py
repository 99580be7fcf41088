"""The demonstration's people: their secrets open what they say, are kept once, and never exist in production."""

import json
from types import SimpleNamespace

import pyotp
import pytest
from sqlalchemy import select

from app.core.errors import CannotStart
from app.demo.accounts import FILE, PERSONAS, put_accounts
from app.demo.load import load
from app.identity import opaque, totp
from app.identity.models import Account, ApiToken, Client
from app.settings import signing_key
from tests.conftest import SETTINGS
from tests.identity.people import submit


@pytest.fixture
async def settings(database, tmp_path):
    await load(database)
    return SETTINGS.model_copy(update={"data_dir": tmp_path})


async def test_every_account_signs_in_with_its_password_and_second_factor(session, database, settings, anonymous):
    credentials = await put_accounts(database, settings)
    assert {entry["role"] for entry in credentials["accounts"]} == {who.key for who in PERSONAS}
    for entry in credentials["accounts"]:
        assert set(entry) == {"role", "email", "password", "totp_secret", "api_token"}
        anonymous.cookies.clear()
        answer = await submit(anonymous, "/login", email=entry["email"], password=entry["password"])
        assert answer.status_code == 303
        if entry["totp_secret"]:
            answer = await submit(anonymous, "/login/second-factor", code=pyotp.TOTP(entry["totp_secret"]).now())
            assert answer.status_code == 303, entry["role"]
        page = await anonymous.get("/account")
        assert (page.status_code, entry["role"], page.headers.get("location")) == (200, entry["role"], None)
        kept = await session.scalar(select(ApiToken).where(ApiToken.token_hash == opaque.hashed(entry["api_token"])))
        assert kept is not None


async def test_the_file_is_its_owners_alone_and_a_second_load_changes_nothing(database, settings):
    first = await put_accounts(database, settings)
    path = settings.data_dir / FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text()) == first
    before = path.stat().st_mtime_ns
    assert await put_accounts(database, settings) == first
    assert path.stat().st_mtime_ns == before


async def test_secrets_that_were_lost_are_replaced_and_the_old_ones_end(session, database, settings):
    first = await put_accounts(database, settings)
    (settings.data_dir / FILE).unlink()
    second = await put_accounts(database, settings)
    for old, new in zip(first["accounts"], second["accounts"], strict=True):
        assert old["password"] != new["password"]
        token = await session.scalar(select(ApiToken).where(ApiToken.token_hash == opaque.hashed(old["api_token"])))
        await session.refresh(token)
        assert token.revoked_at
    assert [client["client_id"] for client in first["clients"]] == ["demo-mobile", "demo-web", "demo-partner"]
    for old, new in zip(first["clients"], second["clients"], strict=True):
        assert set(new) == {"client_id", "client_secret", "redirect_uris", "grants"}
        client = await session.scalar(select(Client).where(Client.client_id == new["client_id"]))
        if new["client_secret"]:
            assert client.secret_hash == opaque.hashed(new["client_secret"]) != opaque.hashed(old["client_secret"])
    referent = next(entry for entry in second["accounts"] if entry["role"] == "referent")
    account = await session.scalar(select(Account).where(Account.email == referent["email"]))
    assert await totp.check(session, signing_key(SETTINGS), account.id, pyotp.TOTP(referent["totp_secret"]).now())


async def test_production_has_no_demonstration_accounts(tmp_path):
    production = SimpleNamespace(environment="production", data_dir=tmp_path)
    with pytest.raises(CannotStart, match="never exist in production"):
        await put_accounts(None, production)
    assert list(tmp_path.iterdir()) == []
