"""Nothing sent can make the application fail, nor be read in two ways."""

import asyncio
import json
from collections.abc import Iterable
from typing import Annotated, Any

import pytest
from fastapi import Body, FastAPI, Form, Query, Request, UploadFile
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.responses import Response

from app.core import json_input, problems
from app.core.hardening import MAX_PATH, MAX_QUERY, MIB, Hardening

pytestmark = pytest.mark.unit

JSON = (b"content-type", b"application/json")


def build() -> FastAPI:
    app = FastAPI()
    problems.install(app)

    @app.post("/v1/echo")
    async def echo(body: Annotated[Any, Body()] = None) -> Any:
        return body

    @app.api_route("/v1/raw", methods=["POST", "PUT", "PATCH", "DELETE"])
    async def raw(request: Request) -> Response:
        return Response(await request.body())

    @app.get("/v1/items/{name}")
    async def item(name: str, q: str = "", limit: Annotated[int, Query(le=200)] = 1) -> list[Any]:
        return [name, q, limit]

    @app.post("/oauth/token")
    async def token(grant_type: Annotated[str, Form()]) -> str:
        return grant_type

    @app.post("/v1/import/file")
    async def upload(file: UploadFile) -> int:
        return len(await file.read())

    return app


APP = Hardening(
    build(),
    larger={"/v1/import": 3 * MIB},
    accepts={"/oauth": ["application/x-www-form-urlencoded"], "/v1/import": ["multipart/form-data", "text/csv"]},
)


class Answer:
    def __init__(self, messages: list[dict[str, Any]]) -> None:
        self.is_silent = not messages
        start: dict[str, Any] = messages[0] if messages else {"status": 0, "headers": []}
        self.status: int = start["status"]
        self.headers = {name.decode(): value.decode() for name, value in start["headers"]}
        self.body = b"".join(message.get("body", b"") for message in messages[1:])

    @property
    def faults(self) -> dict[str, str]:
        return {fault["pointer"]: fault["code"] for fault in json.loads(self.body)["errors"]}

    @property
    def slug(self) -> str:
        return str(json.loads(self.body)["type"]).removeprefix("/problems/")


def call(
    method: str = "GET",
    path: bytes = b"/v1/items/x",
    *,
    query: bytes = b"",
    headers: Iterable[tuple[bytes, bytes]] = (),
    chunks: Iterable[bytes] = (),
    is_counted: bool = True,
    is_leaving: bool = False,
) -> Answer:
    """One request, as a server would hand it over. `chunks` is its body; a caller who is leaving never ends it."""
    parts = list(chunks)
    told = (b"content-length", str(len(b"".join(parts))).encode()) if is_counted else (b"transfer-encoding", b"chunked")
    lengths = [told] if parts else []
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path.decode("latin-1"), "raw_path": path, "query_string": query, "root_path": "",
        "headers": [(b"host", b"test"), *headers, *lengths],
        "client": ("127.0.0.1", 1), "server": ("test", 80),
    }  # fmt: skip
    queue: list[dict[str, Any]] = [
        {"type": "http.request", "body": part, "more_body": is_leaving or at < len(parts) - 1}
        for at, part in enumerate(parts or [b""])
    ]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return queue.pop(0) if queue else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    asyncio.run(APP(scope, receive, send))
    return Answer(sent)


def post(body: bytes, path: bytes = b"/v1/echo", *headers: tuple[bytes, bytes]) -> Answer:
    return call("POST", path, headers=headers or [JSON], chunks=[body])


def test_a_good_body_arrives_as_it_was_sent() -> None:
    body = json.dumps({"nom": "Écopôle 🌱", "n": 2**63 - 1, "m": -(2**63), "x": [1.5e300, None, True, {}]}).encode()
    assert json.loads(post(body).body) == json.loads(body)
    chunks = [body[:7], b"", body[7:20], body[20:]]
    for is_counted in (True, False):
        answer = call("PATCH", b"/v1/raw", headers=[JSON], chunks=chunks, is_counted=is_counted)
        assert (answer.status, answer.body) == (200, body)


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        (b'{"a": {"b": [1, NaN]}}', {"#/a/b/1": "not_finite"}),
        (b"-Infinity", {"#": "not_finite"}),
        (b'{"a": 1e999, "b": -1e999}', {"#/a": "not_finite", "#/b": "not_finite"}),
        (b'{"a": 9223372036854775808}', {"#/a": "integer_out_of_range"}),
        (b'{"a": -9223372036854775809}', {"#/a": "integer_out_of_range"}),
        (b'[1' + b"0" * 5000 + b"]", {"#/0": "integer_out_of_range"}),
        (b'{"a": 1, "b": {"x": 1, "x": 1}}', {"#/b/x": "duplicate_key"}),
        (b'{"a": 1, "\\u0061": 2}', {"#/a": "duplicate_key"}),
        (b'{"a": ["x\\u0000y"]}', {"#/a/0": "forbidden_character"}),
        (b'{"a": "\\ud800"}', {"#/a": "forbidden_character"}),
        (b'{"a": "\\uDfFf\\ud800"}', {"#/a": "forbidden_character"}),
        (b'{"a\\u0000": 1}', {"#/a%00": "forbidden_character"}),
        (b'{"\\ud800": 1}', {"#/%3F": "forbidden_character"}),
        (b'{"a": "\xff"}', {"#": "invalid_utf8"}),
        (b'{"a": "\xed\xa0\x80"}', {"#": "invalid_utf8"}),
        (b'{"a": "\x00"}', {"#": "json_invalid"}),
        (b'{"a": 1', {"#": "json_invalid"}),
        (b"\xef\xbb\xbf{}", {"#": "json_invalid"}),
        (b"   ", {"#": "json_invalid"}),
        (b"[" * 33 + b"]" * 33, {"#" + "/0" * 32: "too_deep"}),
        (b'{"a":' * 33 + b"1" + b"}" * 33, {"#" + "/a" * 32: "too_deep"}),
        (b"[" * 100_000, {"#": "too_deep"}),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else "",
)  # fmt: skip
def test_ambiguous_or_hostile_json_is_refused_where_it_stands(body: bytes, faults: dict[str, str]) -> None:
    answer = post(body)
    assert (answer.status, answer.slug, answer.faults) == (400, "malformed-request", faults)


def test_what_only_looks_hostile_is_read() -> None:
    for body in (
        b'{"a": "\\ud83c\\udf31"}',
        b'{"a": "\\\\u0000"}',
        b"[" * 32 + b"]" * 32,
        b"[" + b"[]," * 500 + b"[]]",
        b'{"a": "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}',
        b'[{"x": 1}, {"x": 1}]',
        b"1e308",
    ):
        assert post(body).status == 200, body


def test_only_so_many_faults_are_listed() -> None:
    assert len(post(b"[" + b"NaN," * 1000 + b"NaN]").faults) == json_input.MOST_FAULTS


@pytest.mark.parametrize("is_counted", [True, False])
def test_a_body_past_the_limit_is_refused_before_its_end(is_counted: bool) -> None:
    half = b" " * (MIB // 2)
    assert call("POST", b"/v1/raw", headers=[JSON], chunks=[half, half[:-2], b"1"], is_counted=is_counted).status == 200
    answer = call("POST", b"/v1/raw", headers=[JSON], chunks=[half, half, b"1"], is_counted=is_counted)
    assert (answer.status, answer.slug, answer.headers["connection"]) == (413, "payload-too-large", "close")
    assert b"1048576" in answer.body


def test_some_paths_take_larger_bodies() -> None:
    csv = (b"content-type", b"text/csv; charset=utf-8")
    assert call("POST", b"/v1/import/file", headers=[csv], chunks=[b"x" * 2 * MIB]).status == 422
    assert call("POST", b"/v1/import/file", headers=[csv], chunks=[b"x" * 4 * MIB]).status == 413


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"content-type", b"text/plain")],
        [(b"content-type", b"application/x-www-form-urlencoded")],
        [(b"content-type", b"application/json; charset=iso-8859-1")],
        [(b"content-type", b"application/json-patch+json")],
        [(b"content-type", b"nonsense")],
        [JSON, (b"content-encoding", b"gzip")],
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_another_kind_of_body_is_refused_with_those_that_are_read(
    method: str, headers: list[tuple[bytes, bytes]]
) -> None:
    answer = call(method, b"/v1/raw", headers=headers, chunks=[b"{}"])
    assert (answer.status, answer.slug) == (415, "unsupported-media-type")
    assert answer.headers["accept"] == "application/json, application/merge-patch+json"


@pytest.mark.parametrize(
    "kind", [b"application/json", b"application/merge-patch+json", b'APPLICATION/JSON ; charset="UTF-8"; v=1']
)
def test_json_in_utf8_is_read_under_each_of_its_names(kind: bytes) -> None:
    assert call("PATCH", b"/v1/raw", headers=[(b"content-type", kind)], chunks=[b"{}"]).status == 200


def test_a_request_without_a_body_needs_no_content_type() -> None:
    assert call("POST", b"/v1/raw", chunks=[]).status == 200
    assert call("POST", b"/v1/raw", headers=[(b"content-length", b"0")], chunks=[]).status == 200


def test_forms_and_files_are_read_where_they_are_accepted() -> None:
    form = (b"content-type", b"application/x-www-form-urlencoded")
    assert post(b"grant_type=refresh%20token", b"/oauth/token", form).body == b'"refresh token"'
    for broken in (b"grant_type=%ff", b"grant_type=%00", b"grant_type=%zz"):
        assert post(broken, b"/oauth/token", form).status == 400
    assert post(b"{}", b"/oauth/token", JSON).status == 415
    multipart = (b"content-type", b"multipart/form-data; boundary=b")
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n12345\r\n--b--\r\n'
    assert post(body, b"/v1/import/file", multipart).body == b"5"


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        (b"q=%00", {"?q": "forbidden_character"}),
        (b"limit=1&q=a%00b", {"?q": "forbidden_character"}),
        (b"q=%ff", {"?q": "invalid_utf8"}),
        (b"q=%ed%a0%80", {"?q": "invalid_utf8"}),
        (b"q=%C3", {"?q": "invalid_utf8"}),
        (b"q=100%", {"?q": "invalid_percent_encoding"}),
        (b"q=%g1", {"?q": "invalid_percent_encoding"}),
        (b"q=\xc3\xa9", {"?q": "invalid_percent_encoding"}),
        (b"q=a b", {"?q": "invalid_percent_encoding"}),
        (b"q=\x01", {"?q": "invalid_percent_encoding"}),
        (b"%zz=1", {"?%25zz": "invalid_percent_encoding"}),
    ],
)
def test_a_query_that_is_not_clean_utf8_is_refused_by_parameter(query: bytes, faults: dict[str, str]) -> None:
    answer = call(query=query)
    assert (answer.status, answer.slug, answer.faults) == (400, "malformed-request", faults)


def test_a_query_in_utf8_is_read() -> None:
    assert json.loads(call(query=b"q=%C3%A9t%C3%A9+%F0%9F%8C%B1%0A&limit=3").body) == ["x", "été 🌱\n", 3]


def test_a_number_past_every_limit_is_a_fault_and_no_failure() -> None:
    answer = call(query=b"limit=" + b"1" + b"0" * 30)
    assert (answer.status, answer.faults) == (422, {"?limit": "less_than_equal"})
    assert call(query=b"limit=" + b"9" * 5000).status == 422


@pytest.mark.parametrize("path", [b"/v1/items/%00", b"/v1/items/%0a", b"/v1/items/%ff", b"/v1/items/%", b"/v1/\xe9"])
def test_a_path_that_is_not_clean_utf8_is_refused(path: bytes) -> None:
    answer = call(path=path)
    assert (answer.status, answer.slug) == (400, "malformed-request")


def test_an_address_too_long_is_refused() -> None:
    assert call(query=b"q=" + b"a" * (MAX_QUERY - 2)).status == 200
    assert call(query=b"q=" + b"a" * (MAX_QUERY - 1)).status == 414
    assert call(path=b"/v1/items/" + b"a" * MAX_PATH).slug == "uri-too-long"


def test_control_characters_in_headers_are_refused() -> None:
    assert call(headers=[(b"if-match", b'"1\x00"')]).faults == {"header:": "forbidden_character"}
    assert call(headers=[(b"x-name", "Zoé\t–".encode())]).status == 200


def test_a_header_that_says_what_the_body_is_comes_once() -> None:
    answer = call("POST", b"/v1/raw", headers=[JSON, JSON], chunks=[b"{}"])
    assert (answer.status, answer.faults) == (400, {"header:Content-Type": "repeated_header"})
    answer = call("POST", b"/v1/raw", headers=[JSON, (b"content-length", b"1")], chunks=[b"{}"])
    assert answer.faults == {"header:Content-Length": "repeated_header"}
    answer = call("POST", b"/v1/raw", headers=[JSON, (b"content-length", b"-1")], chunks=[])
    assert answer.faults == {"header:Content-Length": "invalid"}


def test_a_head_is_answered_as_a_get_without_its_body() -> None:
    whole, head = call(), call("HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers == whole.headers


def test_a_caller_who_leaves_before_the_end_gets_no_answer() -> None:
    assert call("POST", b"/v1/raw", headers=[JSON], chunks=[b"{"], is_leaving=True).is_silent


def test_strange_methods_are_not_allowed_rather_than_failing() -> None:
    for method in ("TRACE", "CONNECT", "PROPFIND", "get", "\u00e9"):
        answer = call(method)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def is_sound(answer: Answer) -> bool:
    kind = answer.headers.get("content-type", "")
    return answer.status < 500 and (answer.status < 400 or kind == "application/problem+json")


@given(st.binary(max_size=300))
@example(b'{"a":')
@example(b"\\ud800")
@settings(max_examples=300, deadline=None)
def test_no_bytes_as_a_body_make_it_fail(body: bytes) -> None:
    assert is_sound(post(body))


JUNK = st.sampled_from(
    ["NaN", "1e999", "-Infinity", "1" * 25, '"\\u0000"', '"\\ud800"', "{", "}", "[", "]", ",", ":", '"a"', '"', "null"]
)  # fmt: skip


@given(st.lists(JUNK, max_size=30).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_no_pile_of_json_pieces_makes_it_fail(body: str) -> None:
    assert is_sound(post(body.encode()))


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
        | st.integers(-(2**63), 2**63 - 1),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
        max_leaves=20,
    )
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_all_other_json_is_read_unchanged(value: Any) -> None:
    clean = json.dumps(value).replace("\\u0000", "?")
    text = json.dumps(json.loads(clean), ensure_ascii=False)
    if not any("\ud800" <= character <= "\udfff" for character in text):
        answer = post(text.encode())
        assert (answer.status, json.loads(answer.body)) == (200, json.loads(text))


@given(st.binary(max_size=80), st.binary(max_size=80))
@example(b"%", b"%u0041")
@example(b"..%2f..%2f", b"&&&;=%26")
@settings(max_examples=300, deadline=None)
def test_no_bytes_as_an_address_make_it_fail(path: bytes, query: bytes) -> None:
    assert is_sound(call(path=b"/v1/items/" + path, query=b"q=" + query))


@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"content-type", b"if-match", b"accept-language", b"cookie"]), st.binary(max_size=40)
        )
    )
)
@settings(max_examples=200, deadline=None)
def test_no_headers_make_it_fail(headers: list[tuple[bytes, bytes]]) -> None:
    assert is_sound(call(headers=headers))
    assert is_sound(call("POST", b"/v1/echo", headers=headers, chunks=[b"{}"]))
