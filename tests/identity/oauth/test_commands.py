"""`aet clients`, `aet keys`, `aet tokens`."""

import asyncio
import re
import stat

import pytest
from typer.testing import CliRunner

from app.cli import main
from app.core.journal import attribute_to
from app.identity import keys
from tests.conftest import SETTINGS
from tests.factories import a_territory
from tests.identity.oauth.support import SECRET, App, an_account_of, ask, call


@pytest.fixture
async def aet(committed, own_database, monkeypatch):
    """Runs a command as the operator does, over this test's own database."""
    url = own_database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    monkeypatch.setenv("AET_DATABASE_URL", url)
    monkeypatch.setenv("AET_SECRET_KEY", SETTINGS.secret_key.get_secret_value())

    async def run(*words: str, code: int = 0) -> str:
        result = await asyncio.to_thread(CliRunner().invoke, main, words)
        assert result.exit_code == code, result.output
        return result.output

    return run


async def test_a_system_is_let_in_and_shut_out_from_the_command_line(aet, committed):
    async with committed.database.session() as session:
        attribute_to(session, "test")
        territory = await a_territory(session, slug="val-de-bievre")
    said = await aet("clients", "create", "CCI", "--scope", "events:read", "--territory", territory.slug,
                     "--source", "cci")  # fmt: skip
    client_id, secret = re.search(r"client_id\s+(\S+)\s+client_secret\s+(\S+)", said).groups()
    machine = App(type("Row", (), {"client_id": client_id}), secret)
    async with committed.client() as client:
        tokens = (await ask(client, machine, grant_type="client_credentials")).json()
        assert (await call(client, tokens["access_token"], "/v1/events")).status_code == 200
        assert client_id in await aet("clients", "list")
        newer = (await aet("clients", "roll-secret", client_id)).strip()
        assert (await ask(client, machine, grant_type="client_credentials")).status_code == 401
        machine = App(machine.row, newer)
        assert (await ask(client, machine, grant_type="client_credentials")).status_code == 200
        await aet("clients", "disable", client_id)
        assert (await call(client, tokens["access_token"], "/v1/events")).status_code == 401
        assert (await ask(client, machine, grant_type="client_credentials")).status_code == 401
        await aet("clients", "approve", client_id)
        assert (await ask(client, machine, grant_type="client_credentials")).status_code == 200


@pytest.mark.parametrize(
    "words",
    [("create", "X", "--scope", "nothing:known", "--source", "x"), ("create", "X", "--scope", "events:read"),
     ("create", "X", "--scope", "events:read", "--redirect-uri", "http://x.example/"),
     ("create", "X", "--scope", "events:read", "--source", "x")],
)  # fmt: skip
async def test_a_client_that_makes_no_sense_is_refused(aet, words):
    assert "Traceback" not in await aet("clients", *words, code=2)


async def test_an_unknown_name_is_said_in_a_sentence(aet):
    assert "No client has the id x." in await aet("clients", "disable", "x", code=1)
    assert "No account has the e-mail x@y.fr." in await aet("tokens", "list", "x@y.fr", code=1)


async def test_keys_are_rotated_and_the_former_still_verifies(aet, committed):
    before = committed.api.state.key_ring
    async with committed.database.session() as session:
        kid, _ = await before.signer(session)
    await aet("keys", "rotate")
    after = keys.KeyRing(SECRET)
    async with committed.database.session() as session:
        newer, _ = await after.signer(session)
    assert newer != kid
    assert after.known(kid)
    said = await aet("keys", "list")
    assert [said.count(state) for state in ("current", "next", "retired")] == [1, 1, 2]  # the heading says it too
    await aet("keys", "rotate", "--compromised")
    last = keys.KeyRing(SECRET)
    async with committed.database.session() as session:
        await last.read(session)
    assert last.known(newer) is None


async def test_an_api_token_is_made_listed_and_revoked(aet, committed, tmp_path):
    async with committed.database.session() as session:
        attribute_to(session, "test")
        account = await an_account_of(session, await a_territory(session))
    kept = tmp_path / "token"
    await aet("tokens", "create", account.email, "script", "--scope", "tokens:read", "--output", str(kept))
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    token = kept.read_text().strip()
    async with committed.client() as client:
        assert (await call(client, token)).status_code == 200
        assert "script" in await aet("tokens", "list", account.email)
        await aet("tokens", "revoke", account.email)
        assert (await call(client, token)).status_code == 401
