"""The demonstration's people: their secrets open what they say, are kept once, and never exist in production."""

import json
from types import SimpleNamespace
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import select

from app.actors.people.models import Affiliation, Person
from app.core.db import let_see
from app.core.errors import CannotStart
from app.demo.accounts import FILE, PERSONAS, put_accounts
from app.demo.load import load
from app.demo.rows import demo_id
from app.demo.territories import FIRST, SUCCESSOR, territory_id
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


async def test_each_account_sees_its_rows_and_is_refused_its_neighbours(session, database, settings, anonymous):
    """Whom each account reads, of the people of its territory, of its neighbour's and of the territory before."""
    credentials = await put_accounts(database, settings)
    await let_see(session, territory_ids=[territory_id(FIRST), territory_id(SUCCESSOR)], actor_ids=None)
    rows = (
        await session.execute(select(Person.id, Affiliation.territory_id, Affiliation.actor_id).join(Affiliation))
    ).all()
    of_club, of_dee = (
        {r.id for r in rows if r.actor_id == demo_id("actor", SUCCESSOR, key)} for key in ("club", "dee")
    )
    of_school = {r.id for r in rows if r.actor_id == demo_id("actor", SUCCESSOR, "school")}
    here, before = ({r.id for r in rows if r.territory_id == territory_id(name)} for name in (SUCCESSOR, FIRST))
    expected = {
        "collectivite_admin": here, "collectivite": here, "referent": of_school, "club_member": of_club,
        "operator": set(), "collectivite_neighbour": before, "club_member_neighbour": of_dee,
    }  # fmt: skip
    assert all(expected[role] for role in expected.keys() - {"operator"})
    for entry in credentials["accounts"]:
        anonymous.headers["Authorization"] = f"Bearer {entry['api_token']}"
        listed = await anonymous.get("/v1/people?limit=200")
        seen = {UUID(row["id"]) for row in listed.json()["items"]} if listed.is_success else set()
        assert seen == expected[entry["role"]], entry["role"]
        refused = (here | before) - seen
        assert refused
        neighbour = await anonymous.get(f"/v1/people/{min(refused)}")
        assert neighbour.status_code == (403 if entry["role"] == "operator" else 404), entry["role"]
