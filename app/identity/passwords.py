"""Passwords: which are accepted, and how they are kept and compared (argon2id).

A comparison costs the same whether the account exists or not, and runs in one of two threads of its own, so
that many at once neither fill the memory (64 MiB each) nor hold up other requests.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar, TypeVarTuple

import anyio
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.core.errors import Unavailable

Given = TypeVarTuple("Given")
Result = TypeVar("Result")

SHORTEST, LONGEST = 12, 200
FEWEST_DIFFERENT = 5
THREADS, MOST_WAITING = 2, 32

_hasher = PasswordHash((Argon2Hasher(),))  # 64 MiB, three passes, four lanes (RFC 9106, 4)
_threads = anyio.CapacityLimiter(THREADS)
_COMMON = Path(__file__).with_name("common_passwords.txt")
_LEET = str.maketrans("013457@$!", "oieastasi")


def fault(password: str, *, email: str) -> str | None:
    """Why this password is refused, as a code (`too-short`, `too-long`, `has-email`, `too-common`), or None."""
    plain = _normal(password)
    if len(plain) < SHORTEST:
        return "too-short"
    if len(plain) > LONGEST:
        return "too-long"
    folded = plain.casefold()
    if any(len(part) >= 4 and part in folded for part in (email.casefold(), email.casefold().partition("@")[0])):
        return "has-email"
    return "too-common" if _is_common(folded) else None


def _is_common(folded: str) -> bool:
    """Whether it is a well-known password, once digits for letters and a few signs at its ends are set aside."""
    trimmed = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
    forms = {folded, trimmed, folded.translate(_LEET), trimmed.translate(_LEET)}
    return len(set(folded)) < FEWEST_DIFFERENT or bool(forms & _common())


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(_COMMON.read_text(encoding="utf-8").split())


async def hashed(password: str) -> str:
    """What is kept of a password. Raises `Unavailable` when too many wait."""
    return await _run(_hasher.hash, _normal(password))


async def matches(password: str, kept: str | None) -> bool:
    """Whether this is the password kept; false, after the same work, when none is. Raises `Unavailable`."""
    plain = _normal(password)[: LONGEST + 1]
    is_right = await _run(_hasher.verify, plain, kept or _dummy())
    return is_right and kept is not None


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=1)
def _dummy() -> str:
    return _hasher.hash("nobody has this password")


async def _run(work: Callable[[*Given], Result], *given: *Given) -> Result:
    if _threads.statistics().tasks_waiting >= MOST_WAITING:
        raise Unavailable(headers={"Retry-After": "5"})
    return await anyio.to_thread.run_sync(work, *given, limiter=_threads)
