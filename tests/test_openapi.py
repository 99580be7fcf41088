"""The contract: what `openapi/v1.json` promises is complete, lintable, and what the server does.

Schemathesis plays every operation against the running application (examples, coverage, fuzzing, stateful),
seeded, in the name of an admin; how many cases it played is printed and may not fall under a floor.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from openapi_spec_validator import validate

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "openapi" / "v1.json"
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def document() -> dict:
    return json.loads(DOCUMENT.read_text())


def operations(document: dict) -> Iterator[tuple[str, dict]]:
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            yield f"{method.upper()} {path}", item[method]


@pytest.mark.unit
def test_the_document_is_openapi_3_1(document: dict) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1")


@pytest.mark.unit
def test_every_operation_is_named_told_and_grouped(document: dict) -> None:
    wanting = {
        name: [part for part in ("operationId", "summary", "description", "tags") if not operation.get(part)]
        for name, operation in operations(document)
    }
    assert {name: parts for name, parts in wanting.items() if parts} == {}


@pytest.mark.unit
def test_every_refusal_is_a_problem(document: dict) -> None:
    untyped = [
        f"{name} {status}"
        for name, operation in operations(document)
        for status, answer in operation["responses"].items()
        if status >= "400" and "application/problem+json" not in answer.get("content", {})
    ]
    assert untyped == []


@pytest.mark.unit
def test_every_operation_of_v1_names_its_scopes(document: dict) -> None:
    for name, operation in operations(document):
        if " /v1/" in name and " /v1/public/" not in name:
            assert operation.get("security"), name


@pytest.mark.unit
def test_every_body_and_every_answer_has_an_example(document: dict) -> None:
    wanting = []
    for name, operation in operations(document):
        contents = [("body", operation.get("requestBody", {}).get("content", {}))]
        contents += [(s, a.get("content", {})) for s, a in operation["responses"].items() if s.startswith("2")]
        for where, content in contents:
            for media_type, media in content.items():
                if not _has_example(document, media):
                    wanting.append(f"{name} {where} {media_type}")
    assert wanting == []


def _has_example(document: dict, media: dict) -> bool:
    if media.get("example") is not None or media.get("examples"):
        return True
    schemas = media.get("schema", {}).get("anyOf", [media.get("schema", {})])
    return any(_resolved(document, schema).get("examples") for schema in schemas)


def _resolved(document: dict, schema: dict) -> dict:
    return document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def test_the_linter_has_nothing_to_say() -> None:
    if not shutil.which("npx") and os.environ.get("CI") != "true":
        pytest.skip("Node.js is not installed")
    said = subprocess.run(
        [
            "npx",
            "--no-install",
            "redocly",
            "lint",
            str(DOCUMENT),
            "--config",
            str(ROOT / "openapi/redocly.yaml"),
            "--format=stylish",
        ],
        cwd=ROOT / "tests/node",
        env={**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    said_all = said.stdout + said.stderr
    assert said.returncode == 0, said_all  # the strict rules count a warning as an error
