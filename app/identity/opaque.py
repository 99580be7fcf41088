"""Opaque secrets: how they look, how a wrong one is told without asking the database, and what is kept of them.

A secret is a prefix that names its kind, 190 random bits in base 62 and their CRC-32 in six digits of it, so
that a scanner of leaked secrets can tell a true one. Only its hash is kept: with so many random bits a
plain SHA-256 cannot be searched for, and it outlives a change of the server's own secret. A refresh token is
hashed under that secret (HMAC).
"""

import hashlib
import hmac
import re
import secrets
import zlib
from enum import StrEnum

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
RANDOM_DIGITS, CHECK_DIGITS = 32, 6


class Kind(StrEnum):
    """What a secret is, by its prefix."""

    API_TOKEN = "aet_pat_"
    REFRESH_TOKEN = "aet_ref_"
    CLIENT_SECRET = "aet_sec_"


_FORM = re.compile(rf"(aet_[a-z]{{3}}_)([0-9A-Za-z]{{{RANDOM_DIGITS}}})([0-9A-Za-z]{{{CHECK_DIGITS}}})")


def make(kind: Kind) -> str:
    """A new secret of this kind."""
    body = kind + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_DIGITS))
    return body + _checksum(body)


def kind_of(secret: str) -> Kind | None:
    """The kind of a secret, or None when it has not the form or the checksum of one of ours."""
    found = _FORM.fullmatch(secret)
    if found is None or found[1] not in set(Kind) or found[3] != _checksum(found[1] + found[2]):
        return None
    return Kind(found[1])


def hashed(secret: str) -> bytes:
    """What is kept of an API token or of a client's secret."""
    return hashlib.sha256(secret.encode(errors="replace")).digest()


def keyed_hash(secret: str, key: bytes) -> bytes:
    """What is kept of a refresh token or of a code, under a key of the server's."""
    return hmac.digest(key, secret.encode(errors="replace"), "sha256")


def hint(secret: str) -> str:
    """The end of a secret, by which its owner tells it from others."""
    return secret[-4:]


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECK_DIGITS):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits
