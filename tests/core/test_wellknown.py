"""Where programs look for what this address offers."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI

from app.core import problems, wellknown
from app.settings import Settings

pytestmark = pytest.mark.unit


def client(settings: Settings) -> httpx.AsyncClient:
    api = FastAPI()
    api.state.settings = settings
    problems.install(api)
    api.include_router(wellknown.router)
    return httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://test")


async def test_the_security_contact_is_the_operators_and_does_not_expire_soon() -> None:
    settings = Settings(_env_file=None, public_url="https://x.example/", security_contact="mailto:alerte@x.example")
    async with client(settings) as asking:
        answer = await asking.get("/.well-known/security.txt")
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert fields["Contact"] == "mailto:alerte@x.example"
    assert fields["Canonical"] == "https://x.example/.well-known/security.txt"
    left = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
    assert timedelta(days=170) < left < timedelta(days=365)


async def test_without_a_contact_there_is_no_such_file() -> None:
    async with client(Settings(_env_file=None)) as asking:
        assert (await asking.get("/.well-known/security.txt")).status_code == 404


@pytest.mark.parametrize("contact", ["alerte@x.example", "javascript:alert(1)", "mailto:a\nContact: b", "http://x"])
def test_a_contact_that_is_no_address_is_refused_at_start(contact: str) -> None:
    with pytest.raises(ValueError, match="security_contact"):
        Settings(_env_file=None, security_contact=contact)


async def test_the_catalogue_names_the_description_the_documentation_and_the_state() -> None:
    async with client(Settings(_env_file=None, public_url="https://x.example")) as asking:
        answer = await asking.get("/.well-known/api-catalog")
    assert answer.headers["content-type"].startswith("application/linkset+json; profile=")
    (entry,) = answer.json()["linkset"]
    assert entry["anchor"] == "https://x.example/v1"
    assert entry["service-desc"][0]["href"] == "https://x.example/openapi.json"
    assert entry["service-doc"][0]["href"] == "https://x.example/docs"
    assert entry["status"][0]["href"] == "https://x.example/readyz"
