"""What browsers are told they may do with each answer."""

import httpx
import pytest
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.headers import SecurityHeaders
from app.settings import Settings

pytestmark = pytest.mark.unit

DEVELOPMENT = Settings(_env_file=None)
PRODUCTION = Settings(
    _env_file=None, environment="production", secret_key="s" * 40, database_url="postgresql://x/y",
    public_url="https://example.org",
)  # fmt: skip


async def ask(answer: ASGIApp, path: str, settings: Settings = DEVELOPMENT) -> httpx.Headers:
    app = SecurityHeaders(answer, settings=settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return (await client.get(path)).headers


DATA = JSONResponse({})
PAGE = HTMLResponse("<p>")


@pytest.mark.parametrize(
    ("path", "page", "expected"),
    [
        ("/v1/actors", False, {"cache-control": "no-store", "cross-origin-resource-policy": "same-origin"}),
        ("/v1/public/events", False, {"cache-control": None, "cross-origin-resource-policy": "cross-origin"}),
        ("/embed/events", True, {"x-frame-options": None, "cross-origin-resource-policy": "cross-origin"}),
        ("/docs", True, {"x-frame-options": "DENY", "cross-origin-resource-policy": "same-origin"}),
        ("/problems/gone", True, {"x-frame-options": "DENY", "cache-control": None}),
        ("/.well-known/jwks.json", False, {"cross-origin-resource-policy": "cross-origin"}),
        ("/livez", False, {"x-frame-options": "DENY", "cross-origin-resource-policy": "same-origin"}),
    ],
)
async def test_each_tree_has_its_own(path: str, page: bool, expected: dict[str, str | None]) -> None:
    headers = await ask(PAGE if page else DATA, path)
    assert {name: headers.get(name) for name in expected} == expected
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"


async def test_data_may_do_nothing_in_a_browser() -> None:
    for path in ("/v1/actors", "/v1/public/events", "/embed/events", "/docs/assets/x.js"):
        assert (await ask(DATA, path))["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_a_page_may_show_its_own_style_and_only_the_embedded_ones_be_framed() -> None:
    embedded = (await ask(PAGE, "/embed/events"))["content-security-policy"]
    assert embedded.endswith("frame-ancestors *")
    for path in ("/problems", "/oauth/authorize", "/embedded-elsewhere/../docs"):
        policy = (await ask(PAGE, path))["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


async def test_https_is_asked_for_in_production_only() -> None:
    assert "strict-transport-security" not in await ask(DATA, "/v1/actors")
    headers = await ask(DATA, "/v1/actors", PRODUCTION)
    assert headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"


async def test_what_an_answer_says_itself_is_left_as_it_is() -> None:
    own = Response(
        headers={"Cache-Control": "private", "Content-Security-Policy": "sandbox", "Referrer-Policy": "no-referrer"}
    )
    headers = await ask(own, "/v1/actors")
    assert headers.get_list("cache-control") == ["private"]
    assert headers.get_list("content-security-policy") == ["sandbox"]
    assert headers.get_list("referrer-policy") == ["no-referrer"]


async def test_what_is_kept_to_be_sent_again_is_not_changed() -> None:
    kept = {"type": "http.response.start", "status": 200, "headers": [(b"etag", b'"1"')]}

    async def keeper(scope: Scope, receive: Receive, send: Send) -> None:
        await send(kept)
        await send({"type": "http.response.body", "body": b""})

    first, second = [await ask(keeper, "/v1/public/events") for _ in range(2)]
    assert first == second
    assert kept["headers"] == [(b"etag", b'"1"')]
