"""Clients that nobody here wrote, against a server that listens: oauth4webapi in Node, Authlib's in Python."""

import asyncio
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import httpx
import pytest
import uvicorn
from authlib.integrations.httpx_client import AsyncOAuth2Client

from app.core.journal import attribute_to
from app.identity.caller import Role
from tests.conftest import SETTINGS, House
from tests.factories import a_territory
from tests.identity.oauth.support import App, a_machine, an_app
from tests.identity.people import PASSWORD, an_account, grant, submit
from tests.places import on_loopback

NODE = Path(__file__).parents[2] / "node"
REDIRECT = "http://127.0.0.1/callback"
needs_node = pytest.mark.skipif(
    (shutil.which("node") is None or not (NODE / "node_modules/oauth4webapi").exists())
    and os.environ.get("CI") != "true",
    reason="oauth4webapi is not installed (npm ci in tests/node)",
)


class Live:
    """A server that listens, an account's browser, and two applications."""

    base: str
    browser: httpx.AsyncClient
    app: App
    machine: App

    async def consent(self, address: str) -> str:
        """Open the address the application gave, allow it, and say where that led."""
        page = await self.browser.get(address)
        assert page.status_code == 200, page.text
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
        form = {name: unescape(value) for name, value in hidden} | {"decision": "allow"}
        answer = await self.browser.post("/oauth/authorize", data=form, headers={"Origin": self.base})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]


@pytest.fixture
async def live(own_database) -> AsyncIterator[Live]:
    listening = on_loopback()
    live = Live()
    live.base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    house = House(own_database, SETTINGS.model_copy(update={"public_url": live.base}))
    async with house.running(), own_database.session() as session:
        attribute_to(session, "test")
        territory = await a_territory(session)
        account = await an_account(session)
        await grant(session, account, Role.COLLECTIVITE, territory)
        live.app = await an_app(session, territory, redirect_uris=[REDIRECT])
        live.machine = await a_machine(session, territory)
        server = uvicorn.Server(uvicorn.Config(house.app, log_config=None, access_log=False, lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        async with httpx.AsyncClient(base_url=live.base) as live.browser:
            origin = {"Origin": live.base}
            answer = await submit(live.browser, "/login", headers=origin, email=account.email, password=PASSWORD)
            assert answer.status_code == 303
            yield live
        server.should_exit = True
        await serving
    listening.close()


@needs_node
async def test_oauth4webapi_finds_the_server_gets_refreshes_and_revokes_tokens(live):
    script = await asyncio.create_subprocess_exec(
        "node", "oauth-client.mjs", live.base, live.app.row.client_id, live.machine.row.client_id, live.machine.secret,
        REDIRECT.replace("127.0.0.1", "127.0.0.1:51234"),
        cwd=NODE, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    address = (await script.stdout.readline()).decode().strip()
    if not address:
        pytest.fail((await script.stderr.read()).decode())
    place = await live.consent(address)
    out, err = await asyncio.wait_for(script.communicate(f"{place}\n".encode()), 60)
    assert script.returncode == 0, err.decode()
    assert json.loads(out) == {
        "issuer": live.base,
        "authorizationServers": [live.base],
        "scope": "events:read tokens:read",
        "called": 200,
        "validated": True,
        "rotated": True,
        "calledAfterRefresh": 200,
        "calledAfterRevocation": "401 invalid_token",
        "introspected": [True, "events:read"],
    }


async def test_authlib_s_client_gets_refreshes_and_revokes_tokens(live):
    async with httpx.AsyncClient() as plain:
        server = (await plain.get(f"{live.base}/.well-known/oauth-authorization-server")).json()
    async with AsyncOAuth2Client(
        live.app.row.client_id, token_endpoint_auth_method="none", scope="tokens:read", redirect_uri=REDIRECT,
        code_challenge_method="S256",
    ) as client:  # fmt: skip
        verifier = "v" * 64
        address, state = client.create_authorization_url(server["authorization_endpoint"], code_verifier=verifier)
        place = await live.consent(address)
        token = await client.fetch_token(
            server["token_endpoint"], authorization_response=place, code_verifier=verifier, state=state
        )
        assert (await client.get(f"{live.base}/v1/api-tokens")).status_code == 200
        renewed = await client.refresh_token(server["token_endpoint"], refresh_token=token["refresh_token"])
        assert renewed["refresh_token"] != token["refresh_token"]
        revoked = await client.revoke_token(server["revocation_endpoint"], token=renewed["refresh_token"])
        assert revoked.status_code == 200
        assert (await client.get(f"{live.base}/v1/api-tokens")).status_code == 401


async def test_authlib_s_client_gets_a_token_in_a_system_s_own_name(live):
    async with AsyncOAuth2Client(live.machine.row.client_id, live.machine.secret, scope="events:read") as client:
        token = await client.fetch_token(f"{live.base}/oauth/token", grant_type="client_credentials")
        assert token["scope"] == "events:read"
        assert (await client.get(f"{live.base}/v1/events")).status_code == 200
