"""Redirect addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.oauth.redirects import is_acceptable, matches, origin_of

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "uri",
    ["https://app.example/cb", "https://app.example/cb?a=1", "http://127.0.0.1:8123/cb", "http://[::1]/cb",
     "http://localhost/cb", "fr.example.app:/cb", "fr.example.app:cb"],
)  # fmt: skip
def test_an_address_of_the_client_s_own_can_be_registered(uri: str):
    assert is_acceptable(uri)


@pytest.mark.parametrize(
    "uri",
    ["http://app.example/cb", "https://app.example/cb#x", "https://app.example/cb#", "https://user@app.example/cb",
     "javascript:alert(1)", "data:text/html,x", "app:/cb", "https:///cb", "//app.example/cb", "/cb", "", "*",
     "https://app.example/a/../b", "https://app.example/\ncb", "https://app.example:port/", "https://app.example/<x>",
     "http://127.0.0.1.evil.example/cb", "https://app.example\\@evil.example/", "https://é.example/", "http://0.0.0.0/",
     "https://app.example/" + "a" * 500, "fr.example.app://evil.example/cb"],
)  # fmt: skip
def test_any_other_is_refused(uri: str):
    assert not is_acceptable(uri)


def test_an_address_matches_exactly():
    assert matches("https://app.example/cb", "https://app.example/cb")
    for other in ("https://app.example/cb/", "https://app.example/cb?x", "https://APP.example/cb",
                  "https://app.example:443/cb", "https://app.example/CB", "http://app.example/cb"):  # fmt: skip
        assert not matches("https://app.example/cb", other)


def test_on_its_own_machine_a_client_listens_on_any_port():
    assert matches("http://127.0.0.1/cb", "http://127.0.0.1:51234/cb")
    assert matches("http://[::1]:1/cb", "http://[::1]:51234/cb")
    for other in ("http://127.0.0.1:51234/other", "http://127.0.0.1:51234/cb?x=1", "http://evil.example:1/cb",
                  "https://127.0.0.1:51234/cb", "http://x@127.0.0.1/cb", "http://127.0.0.1:99999999/cb",
                  "http://127.0.0.1:1@evil.example/cb", "http://localhost:1/cb"):  # fmt: skip
        assert not matches("http://127.0.0.1/cb", other)


@given(st.text())
def test_garbage_is_neither_acceptable_nor_a_match(uri: str):
    assert not matches("http://127.0.0.1/cb", uri)
    assert not is_acceptable("http:" + uri) or "127." in uri or "localhost" in uri or "::1" in uri


def test_the_policy_of_a_page_names_where_its_form_may_lead():
    assert origin_of("https://app.example/cb") == "https://app.example"
    assert origin_of("http://127.0.0.1:8000/cb") == "http://127.0.0.1:8000"
    assert origin_of("fr.example.app:/cb") == "fr.example.app:"
    assert origin_of("http://[::1]:8000/cb") == "http:"
