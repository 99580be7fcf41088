"""Secrets the server must read again, sealed in the database under keys derived from its own secret."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.identity.keys import derive

NONCE = 12


def seal(secret: bytes, purpose: str, plain: bytes, *, bound_to: bytes) -> bytes:
    """`plain`, readable only with the server's `secret`, for this purpose, beside what it is bound to (AES-GCM)."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(derive(secret, purpose)).encrypt(nonce, plain, bound_to)


def unseal(secret: bytes, purpose: str, sealed: bytes, *, bound_to: bytes) -> bytes | None:
    """What was sealed; None when it was sealed under another secret, or for something else."""
    try:
        return AESGCM(derive(secret, purpose)).decrypt(sealed[:NONCE], sealed[NONCE:], bound_to)
    except InvalidTag:
        return None
