"""Secrets that tell their kind, and a wrong one by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity import opaque

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("kind", opaque.Kind)
def test_a_secret_tells_its_kind(kind: opaque.Kind):
    secret = opaque.make(kind)
    assert opaque.kind_of(secret) is kind
    assert secret.startswith(kind)
    assert len(secret) == len(kind) + 38
    assert secret != opaque.make(kind)


@given(st.integers(0, 45), st.sampled_from(opaque.ALPHABET + "_-é\n"))
def test_one_wrong_character_is_seen_without_a_database(place: int, put: str):
    secret = opaque.make(opaque.Kind.API_TOKEN)
    changed = secret[:place] + put + secret[place + 1 :]
    assert changed == secret or opaque.kind_of(changed) is None


@given(st.text())
def test_garbage_is_no_secret(text: str):
    assert opaque.kind_of(text) is None


def test_what_is_kept_depends_on_the_key_and_tells_nothing_of_the_secret():
    secret = opaque.make(opaque.Kind.REFRESH_TOKEN)
    assert opaque.keyed_hash(secret, b"one") != opaque.keyed_hash(secret, b"two")
    assert secret.encode() not in opaque.hashed(secret) + opaque.keyed_hash(secret, b"one")
    assert opaque.keyed_hash("\ud800", b"one") != opaque.keyed_hash("", b"one")
