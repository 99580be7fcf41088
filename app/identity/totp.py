"""The second factor: codes of six digits that change every 30 seconds (RFC 6238), and codes for a lost device.

A code is taken one step early or late, for clocks that differ, and only once.
"""

import hmac
import io
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import pyotp
import segno
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.identity import opaque, sealing
from app.identity.models import RecoveryCode, SecondFactor

STEP = 30
DRIFT = (-1, 0, 1)
RECOVERY_CODES = 10
ISSUER = "Agir Ensemble"
PURPOSE = "second factor"
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


async def begin(session: AsyncSession, secret_key: bytes, account_id: UUID) -> str:
    """The secret to enrol a device with (base32): the one begun earlier, else a new one; not yet in force.

    Raises `ValueError` when a device is already enrolled.
    """
    factor = await session.get(SecondFactor, account_id, with_for_update=True)
    if factor and factor.confirmed_at:
        raise ValueError("a device is enrolled")
    opened = _open(secret_key, factor) if factor else None
    if opened:
        return opened
    made = pyotp.random_base32()
    sealed = sealing.seal(secret_key, PURPOSE, made.encode(), bound_to=account_id.bytes)
    if factor:
        factor.sealed_secret = sealed
    else:
        session.add(SecondFactor(account_id=account_id, sealed_secret=sealed))
    return made


async def confirm(session: AsyncSession, secret_key: bytes, account_id: UUID, code: str) -> list[str] | None:
    """Put the device in force if it shows this code, and give the recovery codes, once; None for a wrong code."""
    factor = await session.get(SecondFactor, account_id, with_for_update=True)
    if factor is None or factor.confirmed_at or not _take(secret_key, factor, code):
        return None
    factor.confirmed_at = clock.now()
    await session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = ["-".join(_random(5) for _ in range(2)) for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(account_id=account_id, code_hash=_recovery_hash(secret_key, code)) for code in codes)
    return codes


async def check(session: AsyncSession, secret_key: bytes, account_id: UUID, code: str) -> bool:
    """Whether the account's device shows this code now and it was not taken before, or it is a recovery code."""
    factor = await session.get(SecondFactor, account_id, with_for_update=True)
    if factor is None or factor.confirmed_at is None:
        return False
    return _take(secret_key, factor, code) or await _take_recovery(session, secret_key, account_id, code)


async def forget(session: AsyncSession, account_id: UUID) -> None:
    """Let the account enrol another device: neither the old one nor its recovery codes count any more."""
    for table in (SecondFactor, RecoveryCode):
        await session.execute(delete(table).where(table.account_id == account_id))


async def enrolled(session: AsyncSession, account_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the accounts that have a device in force."""
    rows = select(SecondFactor.account_id).where(
        SecondFactor.account_id.in_(account_ids), SecondFactor.confirmed_at.is_not(None)
    )
    return set((await session.scalars(rows)).all())


def qr_code(secret: str, email: str) -> str:
    """The drawing (inline SVG) a device reads the secret from; black on white whatever the page's colours."""
    address = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn,
        kind="svg",
        xmldecl=False,
        svgns=True,
        omitsize=True,
        border=4,
        light="#fff",
        svgclass="qr",
        lineclass=None,
    )
    return drawn.getvalue().decode()


def _take(secret_key: bytes, factor: SecondFactor, code: str) -> bool:
    opened, digits = _open(secret_key, factor), re.sub(r"\s", "", code)
    if opened is None or not re.fullmatch(r"[0-9]{6}", digits):
        return False
    now = _step_of(clock.now())
    shown = [step for step in (now + drift for drift in DRIFT) if _shows(opened, step, digits)]
    fresh = [step for step in shown if factor.last_step is None or step > factor.last_step]
    if fresh:
        factor.last_step = fresh[0]
    return bool(fresh)


def _shows(opened: str, step: int, digits: str) -> bool:
    return hmac.compare_digest(pyotp.TOTP(opened).generate_otp(step), digits)


def _step_of(at: datetime) -> int:
    return int(at.timestamp()) // STEP


def _open(secret_key: bytes, factor: SecondFactor) -> str | None:
    plain = sealing.unseal(secret_key, PURPOSE, factor.sealed_secret, bound_to=factor.account_id.bytes)
    return plain.decode() if plain else None


async def _take_recovery(session: AsyncSession, secret_key: bytes, account_id: UUID, code: str) -> bool:
    of_account = select(RecoveryCode).where(
        RecoveryCode.account_id == account_id,
        RecoveryCode.code_hash == _recovery_hash(secret_key, code),
        RecoveryCode.used_at.is_(None),
    )
    found: RecoveryCode | None = await session.scalar(of_account.with_for_update())
    if found is None:
        return False
    found.used_at = clock.now()
    return True


def _recovery_hash(secret_key: bytes, code: str) -> bytes:
    return opaque.keyed_hash(re.sub(r"[\s-]", "", code).lower(), secret_key)


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
