"""The keys that sign access tokens: next (published, not used yet), current (signs), retired (still verifies).

Private keys are sealed in the database under a key derived from the server's secret. Each worker holds the
set in memory and reads it again every minute, or when a token names a key it does not know.
"""

import base64
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.db import Database
from app.identity import jwt
from app.identity.models import SigningKey

RETIRED_FOR = timedelta(hours=1)
READ_EVERY = timedelta(minutes=1)
READ_AT_MOST_EVERY = timedelta(seconds=5)


def derive(secret: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose, from the server's secret (HKDF, RFC 5869)."""
    return HKDF(SHA256(), 32, salt=None, info=f"aet {purpose}".encode()).derive(secret)


@dataclass
class KeyRing:
    """The signing keys as one worker knows them. `secret` is the server's."""

    secret: bytes
    _verifying: dict[str, jwt.Key] = field(default_factory=dict)
    _published: list[dict[str, str]] = field(default_factory=list)
    _signer: tuple[str, jwt.Key] | None = None
    _read_at: datetime | None = None

    def known(self, kid: str) -> jwt.Key | None:
        """The verifying key of this name, if this worker knows it now."""
        return self._verifying.get(kid)

    async def refresh(self, session: AsyncSession, kid: str | None = None) -> None:
        """Read the set again if it is a minute old, or if it has not `kid` and was not read just now."""
        age = None if self._read_at is None else clock.now() - self._read_at
        wait = READ_EVERY if kid is None or kid in self._verifying else READ_AT_MOST_EVERY
        if age is None or not timedelta(0) <= age < wait:
            await self.read(session)

    async def read(self, session: AsyncSession) -> None:
        """Read the set."""
        alive = or_(SigningKey.status != "retired", SigningKey.retired_at > clock.now() - RETIRED_FOR)
        rows = (await session.scalars(select(SigningKey).where(alive).order_by(SigningKey.created_at))).all()
        self._verifying = {row.kid: self._verifying.get(row.kid) or jwt.verifying_key(row.public_jwk) for row in rows}
        self._published = [{**row.public_jwk, "kid": row.kid, "alg": "ES256", "use": "sig"} for row in rows]
        self._signer = next((self._opened(row) for row in rows if row.status == "current"), None)
        self._read_at = clock.now()

    async def signer(self, session: AsyncSession) -> tuple[str, jwt.Key]:
        """The name of the current key and the key to sign with; the first keys are made on the way."""
        await self.refresh(session)
        if self._signer is None:
            await ensure(session, self.secret)
            await self.read(session)
        assert self._signer is not None
        return self._signer

    async def published(self, session: AsyncSession) -> list[dict[str, str]]:
        """The public keys, for `jwks.json` (RFC 7517)."""
        await self.refresh(session)
        return self._published

    def _opened(self, row: SigningKey) -> tuple[str, jwt.Key] | None:
        if self._signer and self._signer[0] == row.kid:
            return self._signer
        pem = _unseal(row, self.secret)
        return (row.kid, jwt.signing_key(pem)) if pem else None


async def start(database: Database, ring: KeyRing) -> None:
    """Have keys before the first token is asked for, and know them."""
    async with database.session() as session:
        await ensure(session, ring.secret)
        await session.commit()
        await ring.read(session)


async def ensure(session: AsyncSession, secret: bytes) -> None:
    """Have a current and a next key that this server's secret opens; those it does not open are put away."""
    await session.execute(func.pg_advisory_xact_lock(20, 1).select())
    rows = await listed(session)
    for row in rows:
        if row.status != "retired" and _unseal(row, secret) is None:
            _retire(row, clock.now())
    await session.flush()
    there = {row.status for row in rows}
    for status in ("current", "next"):
        if status not in there:
            session.add(_made(status, secret))
    await session.flush()


async def rotate(session: AsyncSession, secret: bytes, *, is_compromised: bool = False) -> None:
    """The next key signs from now on and a new next one is published; the former still verifies for an hour.

    `is_compromised`: the former verifies nothing any more; every worker knows within a minute.
    """
    await ensure(session, secret)
    rows = {row.status: row for row in await listed(session) if row.status != "retired"}
    former, following = rows["current"], rows["next"]
    _retire(former, clock.now() - (RETIRED_FOR if is_compromised else timedelta(0)))
    await session.flush()
    following.status = "current"
    session.add(_made("next", secret))
    await session.flush()


async def listed(session: AsyncSession) -> Sequence[SigningKey]:
    """Every key there ever was, oldest first."""
    return (await session.scalars(select(SigningKey).order_by(SigningKey.created_at))).all()


def _retire(row: SigningKey, at: datetime) -> None:
    row.status, row.retired_at, row.private_sealed = "retired", at, b""


def _made(status: str, secret: bytes) -> SigningKey:
    private = ec.generate_private_key(ec.SECP256R1())
    numbers = private.public_key().public_numbers()
    public = {"crv": "P-256", "kty": "EC", "x": _base64url(numbers.x), "y": _base64url(numbers.y)}
    thumbprint = sha256(json.dumps(public, separators=(",", ":"), sort_keys=True).encode()).digest()  # RFC 7638
    kid = base64.urlsafe_b64encode(thumbprint).rstrip(b"=").decode()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    nonce = os.urandom(12)
    sealed = nonce + AESGCM(derive(secret, "signing keys")).encrypt(nonce, pem, kid.encode())
    return SigningKey(kid=kid, status=status, public_jwk=public, private_sealed=sealed, created_at=clock.now())


def _unseal(row: SigningKey, secret: bytes) -> str | None:
    """The private key in PEM, or None when it was sealed under another secret."""
    nonce, sealed = row.private_sealed[:12], row.private_sealed[12:]
    try:
        return AESGCM(derive(secret, "signing keys")).decrypt(nonce, sealed, row.kid.encode()).decode()
    except InvalidTag:
        return None


def _base64url(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()
