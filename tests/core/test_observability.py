"""What the operator sees, and what no log may ever hold."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import structlog
from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core import metrics, observability, problems
from app.core.db import PooledDatabase, let_see
from app.core.hardening import Hardening
from app.core.observability import Observed
from app.settings import Settings

CANARY = "Zoé-Quetsche-4212"
SETTINGS = Settings(_env_file=None, log_format="json")


class Pupil(BaseModel):
    name: str
    age: int = 0


class Log(io.StringIO):
    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == "request"]


@pytest.fixture
def log() -> Iterator[Log]:
    """Everything written while the test runs, as a server would write it."""
    root, structure = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    stream = Log()
    observability.configure(SETTINGS, to=stream)
    yield stream
    root.handlers, root.level = handlers, level
    structlog.configure(**structure)


def build(database: PooledDatabase | None = None) -> FastAPI:
    api = FastAPI()
    problems.install(api)
    router = APIRouter(prefix="/v1")

    @router.post("/pupils")
    async def add_pupil(pupil: Pupil, request: Request) -> None:
        request.state.caller = SimpleNamespace(id="caller-7", name=CANARY)
        match pupil.age:
            case 1:
                raise ValueError(f"{pupil.name} is not a value")
            case 2:
                {"name": 1}[pupil.name]
            case 3:
                Pupil.model_validate({"name": pupil.name, "age": pupil.name})
            case 4:
                assert database is not None
                async with AsyncSession(database.engine) as session:
                    await let_see(session, caller=[pupil.name])
                    await session.execute(
                        text("INSERT INTO idempotency_keys VALUES (:name, :name, '', now(), 1, '{}', '')"),
                        [{"name": pupil.name}, {"name": pupil.name}],
                    )
            case 5:
                assert database is not None
                async with database.driver() as connection:
                    await connection.fetch(f"SELECT '{pupil.name}'::int")
            case 6:
                assert database is not None
                async with database.driver() as connection:
                    await connection.fetch("SELECT $1::int", pupil.name)
            case 7:
                try:
                    raise KeyError(pupil.name)
                except KeyError as error:
                    raise RuntimeError(pupil.name) from error
            case 8:
                logging.getLogger("library").error("it failed", exc_info=asyncpg.DataError(pupil.name))

    @router.get("/pupils/{name}")
    async def get_pupil(name: str) -> str:
        return name

    @router.get("/after")
    async def fail_afterwards() -> Response:
        async def fail() -> None:
            raise ValueError(CANARY)

        return Response(b"done", background=BackgroundTask(fail))

    @router.get("/midway")
    async def fail_midway() -> Response:
        async def parts() -> AsyncIterator[bytes]:
            yield b"begun"
            raise ValueError(CANARY)

        return StreamingResponse(parts())

    api.include_router(router)
    return api


def client_of(app: ASGIApp, log: Log) -> httpx.AsyncClient:
    observed = Observed(app, settings=SETTINGS, log_to=log)
    return httpx.AsyncClient(transport=httpx.ASGITransport(observed), base_url="http://test")


@pytest.mark.unit
async def test_a_request_leaves_one_line_that_names_nobody(log: Log) -> None:
    async with client_of(Hardening(build()), log) as client:
        answer = await client.get(f"/v1/pupils/{CANARY}?q={CANARY}", headers={"User-Agent": CANARY[4:]})
    assert answer.status_code == 200
    assert len(log.lines) == 1
    line = log.lines[0]
    assert line["ms"] > 0
    assert line | {"timestamp": 0, "ms": 0} == {
        "timestamp": 0, "level": "info", "event": "request", "request_id": answer.headers["x-request-id"],
        "method": "GET", "route": "/v1/pupils/{name}", "status": 200, "ms": 0, "caller": None,
    }  # fmt: skip


@pytest.mark.unit
async def test_the_caller_is_told_by_id(log: Log) -> None:
    async with client_of(build(), log) as client:
        await client.post("/v1/pupils", json={"name": CANARY})
    assert log.requests[0]["caller"] == "caller-7"
    assert CANARY not in log.getvalue()


@pytest.mark.unit
@pytest.mark.parametrize(
    ("sent", "is_kept"),
    [
        ("web-1.2_3", True),
        ("x" * 64, True),
        ("x" * 65, False),
        ("", False),
        ("a b", False),
        ('"}{', False),
        ("é", False),
    ],
)
async def test_a_harmless_request_id_is_kept_and_another_replaced(log: Log, sent: str, is_kept: bool) -> None:
    async with client_of(build(), log) as client:
        answer = await client.get("/v1/nowhere", headers=[(b"X-Request-Id", sent.encode())])
    id_ = answer.headers["x-request-id"]
    assert (id_ == sent) is is_kept
    assert is_kept or UUID(id_).version == 7
    assert log.requests[0]["request_id"] == id_
    assert answer.json()["instance"] == ("/v1/nowhere" if is_kept else f"urn:uuid:{id_}")


@pytest.mark.parametrize("age", range(1, 9))
async def test_no_log_holds_what_was_submitted_whatever_fails(log: Log, age: int, own_database: PooledDatabase) -> None:
    async with client_of(Hardening(build(own_database)), log) as client:
        answer = await client.post(f"/v1/pupils?name={CANARY}", json={"name": CANARY, "age": age})
    expected = {1: 500, 2: 500, 3: 500, 4: 409, 5: 422, 6: 422, 7: 500, 8: 200}
    assert answer.status_code == expected[age]
    assert CANARY not in answer.text
    assert "Quetsche" not in log.getvalue()
    if answer.status_code == 500:
        told = [line for line in log.lines if line["event"] == "internal-error"]
        assert len(told) == 1
        assert told[0]["request_id"] == answer.headers["x-request-id"]
        assert any("add_pupil" in place for place in told[0]["trace"])


@pytest.mark.unit
async def test_no_log_holds_a_refused_body(log: Log) -> None:
    async with client_of(Hardening(build()), log) as client:
        for body in (f'{{"name": "{CANARY}", "age": "{CANARY}"}}', f'{{"{CANARY}": 1', f'["{CANARY}", NaN]'):
            answer = await client.post(
                "/v1/pupils", content=body.encode(), headers={"Content-Type": "application/json"}
            )
            assert answer.status_code in {400, 422}
    assert [line["status"] for line in log.requests] == [422, 400, 400]
    assert "Quetsche" not in log.getvalue()


@pytest.mark.unit
async def test_causes_are_told_by_kind_and_place(log: Log) -> None:
    async with client_of(build(), log) as client:
        await client.post("/v1/pupils", json={"name": CANARY, "age": 7})
    told = next(line for line in log.lines if line["event"] == "internal-error")
    assert told["error"] == "builtins.RuntimeError"
    assert "builtins.KeyError" in told["trace"]


@pytest.mark.unit
async def test_a_failure_after_the_answer_is_logged_once_and_changes_nothing(log: Log) -> None:
    async with client_of(build(), log) as client:
        answer = await client.get("/v1/after")
    assert (answer.status_code, answer.content) == (200, b"done")
    assert [line["event"] for line in log.lines] == ["internal-error", "request"]
    assert CANARY not in log.getvalue()


@pytest.mark.unit
async def test_a_failure_midway_ends_the_answer_unfinished(log: Log) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/v1/midway", "raw_path": b"/v1/midway", "query_string": b"",
             "headers": [], "http_version": "1.1", "scheme": "http", "root_path": ""}  # fmt: skip
    await Observed(build(), settings=SETTINGS, log_to=log)(scope, receive, send)
    assert [message.get("more_body") for message in sent] == [None, True]
    assert [line["event"] for line in log.lines] == ["internal-error", "request"]
    assert CANARY not in log.getvalue()


@pytest.mark.unit
async def test_what_fails_outside_the_api_is_answered_all_the_same(log: Log) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError(CANARY)

    async with client_of(broken, log) as client:
        answer = await client.get("/")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal-error")
    assert [line["event"] for line in log.lines] == ["internal-error", "request"]
    assert CANARY not in log.getvalue() + answer.text


@pytest.mark.unit
async def test_what_breaks_off_outside_the_api_is_logged_too(log: Log) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(b"done")(scope, receive, send)
        raise ValueError(CANARY)

    async with client_of(broken, log) as client:
        assert (await client.get("/")).content == b"done"
    assert [line["event"] for line in log.lines] == ["interrupted", "request"]
    assert CANARY not in log.getvalue()


@pytest.mark.unit
async def test_a_caller_who_left_is_noted_as_such(log: Log) -> None:
    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        return

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    await Observed(silent, settings=SETTINGS, log_to=log)(scope, None, None)  # type: ignore[arg-type]
    assert log.requests[0]["status"] == 499


@pytest.mark.unit
async def test_a_full_disk_does_not_refuse_requests() -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left on device")

    observed = Observed(build(), settings=SETTINGS, log_to=Full())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(observed), base_url="http://test") as client:
        assert (await client.get("/v1/pupils/x")).status_code == 200


@pytest.mark.unit
async def test_the_console_form_is_for_people() -> None:
    stream = io.StringIO()
    settings = Settings(_env_file=None, log_format="console")
    observed = Observed(build(), settings=settings, log_to=stream)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(observed), base_url="http://test") as client:
        await client.get("/v1/pupils/x")
    assert "route=/v1/pupils/{name}" in stream.getvalue()
    assert "status=200" in stream.getvalue()


@pytest.mark.unit
async def test_fewer_messages_are_written_when_asked() -> None:
    stream = io.StringIO()
    observed = Observed(build(), settings=Settings(_env_file=None, log_level="warning"), log_to=stream)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(observed), base_url="http://test") as client:
        await client.get("/v1/pupils/x")
    assert stream.getvalue() == ""


@pytest.mark.unit
async def test_counts_are_by_template_method_and_status_whatever_is_asked(log: Log) -> None:
    labels = {"method": "GET", "route": "/v1/pupils/{name}", "status": "200"}

    def seen() -> float:
        return metrics.REGISTRY.get_sample_value("http_request_duration_seconds_count", labels) or 0

    before = seen()
    async with client_of(Hardening(build()), log) as client:
        for name in ("a", "b", "c"):
            await client.get(f"/v1/pupils/{name}")
        for path in ("/x", "/y", "/z"):
            await client.request("BREW", path)
    assert seen() == before + 3
    routes = {line["route"] for line in log.requests}
    methods = {line["method"] for line in log.requests}
    assert (routes, methods) == ({"/v1/pupils/{name}", "unmatched"}, {"GET", "OTHER"})
    assert metrics.REGISTRY.get_sample_value("http_requests_in_progress") == 0


@pytest.mark.unit
async def test_a_head_counts_under_its_own_name_and_route(log: Log) -> None:
    async with client_of(Hardening(build()), log) as client:
        await client.head("/v1/pupils/x")
    assert (log.requests[0]["method"], log.requests[0]["route"]) == ("HEAD", "/v1/pupils/{name}")
