"""Every exception becomes a problem of ours, in two languages, without a word that was submitted."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, Cookie, FastAPI, Header, HTTPException, Query
from fastapi.exceptions import ResponseValidationError
from pydantic import BaseModel, ConfigDict, EmailStr, Field, HttpUrl, field_validator

from app.core import errors, problems

pytestmark = pytest.mark.unit

CANARY = "Zoé-Quetsche-4212"


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str


class Visit(BaseModel):
    model_config = ConfigDict(extra="forbid")

    day: date
    at: datetime | None = None
    id: UUID | None = None
    pets: list[Annotated[Cat | Dog, Field(discriminator="kind")]] = []
    mixed: int | list[str] = 0
    price: Annotated[Decimal, Field(max_digits=4, decimal_places=2)] = Decimal(0)
    mail: EmailStr | None = None
    site: HttpUrl | None = None
    counts: dict[str, int] = {}
    state: Literal["draft", "published"] = "draft"
    word: Annotated[str, Field(min_length=2, max_length=4, pattern="^[a-z]+$")] = "abc"

    @field_validator("word")
    @classmethod
    def not_bad(cls, word: str) -> str:
        if word == "evil":
            raise ValueError(f"{word} is {CANARY}")
        if word == "dup":
            raise errors.invalid("already_exists")
        return word


class Shown(BaseModel):
    number: int


def build() -> FastAPI:
    app = FastAPI()
    problems.install(app)
    inner = APIRouter(prefix="/v1")

    @inner.post("/visits")
    async def create_visit(visit: Visit) -> str:
        return visit.day.isoformat()

    @inner.get("/visits")
    async def list_visits(
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        themes: Annotated[list[int] | None, Query()] = None,
        if_match: Annotated[int | None, Header()] = None,
        session: Annotated[int | None, Cookie()] = None,
    ) -> int:
        return limit

    @inner.get("/visits/{visit_id}")
    async def get_visit(visit_id: UUID) -> UUID:
        return visit_id

    @inner.delete("/visits/{visit_id}")
    async def delete_visit(visit_id: UUID) -> UUID:
        return visit_id

    @inner.get("/fails/{how}")
    async def fail(how: str) -> Shown:
        raise FAILURES[how]

    @inner.get("/wrong-answer", response_model=Shown)
    async def wrong_answer() -> dict[str, str]:
        return {"number": CANARY}

    app.include_router(inner)
    return app


FAILURES: dict[str, Exception] = {
    "defect": ValueError(CANARY),
    "file": FileNotFoundError(2, CANARY),
    "teapot": HTTPException(418, CANARY),
    "http-400": HTTPException(400, CANARY),
    "http-401": HTTPException(401, CANARY, {"WWW-Authenticate": "Bearer"}),
    "transition": errors.IllegalTransition("draft", "published", "out_of_sight"),
    "reason": errors.NotAllowed(reason="out_of_sight"),
    "too-large": errors.PayloadTooLarge(limit=5),
    "headers": errors.Unavailable(headers={"Retry-After": "7"}),
    "answer": ResponseValidationError([{"type": "int", "loc": (CANARY,), "msg": CANARY, "input": CANARY}], body=CANARY),
}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def told(answer: httpx.Response) -> dict[str, str]:
    return {error["pointer"]: error["code"] for error in answer.json()["errors"]}


async def test_a_refusal_is_problem_json_with_every_member(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/visits", json={}, headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == "en"
    assert answer.headers["vary"] == "Accept-Language"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "type": "/problems/invalid-input",
        "title": "Data refused",
        "status": 422,
        "detail": "Some data does not have the form or value asked for: see “errors”.",
        "instance": "/v1/visits",
        "errors": [{"pointer": "#/day", "code": "missing", "message": "Required."}],
    }


async def test_the_same_refusal_speaks_french_by_default(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/visits", json={})
    assert answer.headers["content-language"] == "fr"
    assert answer.json()["title"] == "Données refusées"
    assert answer.json()["errors"][0]["message"] == "Donnée obligatoire."


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"day": CANARY}, {"#/day": "date_from_datetime_parsing"}),
        ({"day": "2012-02-30"}, {"#/day": "date_from_datetime_parsing"}),
        ({"day": "2012-03-01", "id": CANARY}, {"#/id": "uuid_parsing"}),
        ({"day": "2012-03-01", "at": CANARY}, {"#/at": "datetime_from_date_parsing"}),
        ({"day": "2012-03-01", CANARY: 1}, {"#/Zo%C3%A9-Quetsche-4212": "extra_forbidden"}),
        ({"day": "2012-03-01", "a/b~c": 1}, {"#/a~1b~0c": "extra_forbidden"}),
        ({"day": "2012-03-01", "pets": [{"kind": "dog"}]}, {"#/pets/0/name": "missing"}),
        ({"day": "2012-03-01", "pets": [{"kind": CANARY}]}, {"#/pets/0": "union_tag_invalid"}),
        ({"day": "2012-03-01", "pets": [{}]}, {"#/pets/0": "union_tag_not_found"}),
        ({"day": "2012-03-01", "counts": {"a": CANARY}}, {"#/counts/a": "int_parsing"}),
        ({"day": "2012-03-01", "price": 123.456}, {"#/price": "decimal_max_digits"}),
        ({"day": "2012-03-01", "mail": CANARY}, {"#/mail": "email"}),
        ({"day": "2012-03-01", "site": CANARY}, {"#/site": "url_parsing"}),
        ({"day": "2012-03-01", "state": CANARY}, {"#/state": "literal_error"}),
        ({"day": "2012-03-01", "word": "evil"}, {"#/word": "invalid"}),
        ({"day": "2012-03-01", "word": "dup"}, {"#/word": "already_exists"}),
        ({"day": "2012-03-01", "word": CANARY}, {"#/word": "string_too_long"}),
        ([CANARY], {"#": "model_attributes_type"}),
        (CANARY, {"#": "model_attributes_type"}),
        (None, {"#": "missing"}),
    ],
)
async def test_a_fault_in_the_body_is_pointed_at_and_never_quoted(
    client: httpx.AsyncClient, fields: object, faults: dict[str, str]
) -> None:
    for language in ("fr", "en"):
        answer = await client.post("/v1/visits", json=fields, headers={"Accept-Language": language})
        assert answer.status_code == 422
        assert told(answer) == faults
        assert CANARY not in answer.text
        assert all(error["message"] and "…" not in error["message"] for error in answer.json()["errors"])


async def test_the_members_of_a_union_are_no_part_of_a_pointer(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/visits", json={"day": "2012-03-01", "mixed": [1]})
    assert {(error["pointer"], error["code"]) for error in answer.json()["errors"]} == {
        ("#/mixed", "int_type"),
        ("#/mixed/0", "string_type"),
    }


async def test_possible_values_are_listed_without_an_english_or(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/visits", json={"day": "2012-03-01", "state": "x"})
    assert "'draft', 'published'" in answer.json()["errors"][0]["message"]


async def test_faults_elsewhere_are_pointed_at_by_place_and_name(client: httpx.AsyncClient) -> None:
    answer = await client.get(
        f"/v1/visits?limit=0&themes=1&themes={CANARY}", headers={"If-Match": "x", "Cookie": f"session={CANARY[-4:]}x"}
    )
    assert told(answer) == {
        "?limit": "greater_than_equal",
        "?themes": "int_parsing",
        "header:If-Match": "int_parsing",
        "cookie:session": "int_parsing",
    }
    assert CANARY not in answer.text
    answer = await client.get("/v1/visits/not-a-uuid")
    assert told(answer) == {"path:visit_id": "uuid_parsing"}


async def test_broken_json_cannot_be_read(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/v1/visits", content=b'{"day": "%s' % CANARY.encode(), headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, told(answer)) == (400, {"#": "json_invalid"})
    assert CANARY not in answer.text


async def test_an_unknown_path_is_not_found(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/elsewhere")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/v1/visits", "GET, HEAD, OPTIONS, POST"),
        ("TRACE", "/v1/visits", "GET, HEAD, OPTIONS, POST"),
        ("POST", "/v1/visits/1", "DELETE, GET, HEAD, OPTIONS"),
        ("PROPFIND", "/v1/visits/1", "DELETE, GET, HEAD, OPTIONS"),
    ],
)
async def test_a_wrong_method_is_told_every_right_one(
    client: httpx.AsyncClient, method: str, path: str, allow: str
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allow)
    assert answer.json()["type"] == "/problems/method-not-allowed"


async def test_options_names_the_methods_of_a_path(client: httpx.AsyncClient) -> None:
    answer = await client.options("/v1/visits")
    assert (answer.status_code, answer.headers["allow"], answer.content) == (204, "GET, HEAD, OPTIONS, POST", b"")
    assert (await client.options("/v1/elsewhere")).status_code == 404


@pytest.mark.parametrize(
    ("how", "status", "slug"),
    [
        ("defect", 500, "internal-error"),
        ("file", 500, "internal-error"),
        ("answer", 500, "internal-error"),
        ("http-400", 400, "malformed-request"),
        ("http-401", 401, "not-authenticated"),
        ("transition", 409, "illegal-transition"),
        ("too-large", 413, "payload-too-large"),
        ("headers", 503, "unavailable"),
    ],
)
async def test_a_failure_says_its_kind_and_nothing_else(
    client: httpx.AsyncClient, how: str, status: int, slug: str
) -> None:
    answer = await client.get(f"/v1/fails/{how}", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}")
    assert CANARY not in answer.text
    assert "…" not in answer.json()["detail"] or how.startswith("http")


async def test_an_answer_that_breaks_its_own_schema_is_a_defect(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/wrong-answer")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal-error")
    assert CANARY not in answer.text


async def test_a_transition_says_from_to_and_why(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/fails/transition", headers={"Accept-Language": "en"})
    assert answer.json()["detail"].startswith("Going from “draft” to “published” is not possible: the row")


async def test_the_reason_of_another_refusal_follows_its_detail(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/fails/reason", headers={"Accept-Language": "en"})
    assert answer.json()["detail"] == "You may not do this. The row would leave what you can see."


async def test_the_headers_of_a_problem_are_sent(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/fails/headers")).headers["retry-after"] == "7"
    assert (await client.get("/v1/fails/http-401")).headers["www-authenticate"] == "Bearer"


async def test_a_status_without_a_problem_of_ours_is_about_blank(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/fails/teapot")
    assert (answer.status_code, answer.json()["type"], answer.json()["title"]) == (418, "about:blank", "I'm a Teapot")
    assert CANARY not in answer.text


def test_middleware_answers_a_problem_with_nothing_but_the_scope() -> None:
    scope = {
        "type": "http", "path": "/x", "headers": [(b"accept-language", b"en")],
        "state": {"request_id": "01936f6e-0000-7000-8000-000000000001"},
    }  # fmt: skip
    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    answer = problems.response(scope, errors.PayloadTooLarge(limit=5))
    asyncio.run(answer(scope, None, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 413
    assert b'"instance":"urn:uuid:01936f6e-0000-7000-8000-000000000001"' in answer.body
    assert b"(5 bytes)" in answer.body
