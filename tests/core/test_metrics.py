"""Who may read the counts."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from app.core import metrics, problems
from app.settings import Settings

pytestmark = pytest.mark.unit


def client(settings: Settings, address: str) -> httpx.AsyncClient:
    api = FastAPI()
    api.state.settings = settings
    problems.install(api)
    api.include_router(metrics.router)
    return httpx.AsyncClient(transport=httpx.ASGITransport(api, client=(address, 1)), base_url="http://test")


OPEN = Settings(_env_file=None)
GUARDED = Settings(_env_file=None, metrics_token="let-me-count")


async def test_this_machine_reads_the_counts_in_prometheus_form() -> None:
    for address in ("127.0.0.1", "::1"):
        async with client(OPEN, address) as asking:
            answer = await asking.get("/metrics")
        assert answer.status_code == 200
        names = {family.name for family in text_string_to_metric_families(answer.text)}
        assert {"http_request_duration_seconds", "http_requests_in_progress", "process_resident_memory_bytes"} <= names


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "testclient", ""])
async def test_another_machine_does_not(address: str) -> None:
    async with client(OPEN, address) as asking:
        assert (await asking.get("/metrics")).status_code == 403


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
async def test_what_a_proxy_on_this_machine_hands_on_is_not_this_machine(header: str) -> None:
    async with client(OPEN, "127.0.0.1") as asking:
        assert (await asking.get("/metrics", headers={header: "127.0.0.1"})).status_code == 403


async def test_where_there_is_a_token_it_alone_opens() -> None:
    async with client(GUARDED, "127.0.0.1") as asking:
        for wrong in ({}, {"Authorization": "Bearer let-me"}, {"Authorization": b"Bearer \xe9".decode("latin-1")}):
            answer = await asking.get("/metrics", headers=httpx.Headers(wrong, encoding="latin-1"))
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="metrics"')
    async with client(GUARDED, "192.0.2.1") as asking:
        answer = await asking.get("/metrics", headers={"Authorization": "Bearer let-me-count"})
        assert answer.status_code == 200


WORKER = """
from app.core import metrics
metrics.count("GET", "/x", 200, 0.01)
"""
READER = """
import asyncio, httpx
from fastapi import FastAPI
from app.core import metrics
from app.settings import Settings
api = FastAPI(); api.state.settings = Settings(_env_file=None); api.include_router(metrics.router)
async def read():
    transport = httpx.ASGITransport(api, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        print((await client.get("/metrics")).text)
asyncio.run(read())
"""


def test_the_counts_of_several_workers_are_added_up(tmp_path: Path) -> None:
    def run(program: str) -> str:
        environment = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PATH": ""}
        return subprocess.run(
            [sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True
        ).stdout

    run(WORKER)
    run(WORKER)
    assert 'http_request_duration_seconds_count{method="GET",route="/x",status="200"} 2.0' in run(READER)
