"""Passwords hashed cheaply: a hundred sign-ins would take minutes at the cost they have in earnest."""

from collections.abc import Iterator

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.identity import passwords


@pytest.fixture(autouse=True, scope="session")
def costly_hashes() -> Iterator[PasswordHash]:
    """The hasher of earnest, which is not used here."""
    costly = passwords._hasher
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHash((Argon2Hasher(time_cost=1, memory_cost=1024),)))
        passwords._dummy.cache_clear()
        yield costly
    passwords._dummy.cache_clear()
