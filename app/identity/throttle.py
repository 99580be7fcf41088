"""Guessing made slow: failures of one account and from one address are counted, by keyed hash, for 15 minutes.

An attempt is counted before it is judged, in a transaction of its own, so that many at once are all counted.
Past the limit nothing is judged until the window ends; attempts refused meanwhile do not prolong it, so
nobody is locked out for ever. What is counted is what was typed: an unknown account is treated like a known one.
"""

import hmac
import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from app.core import clock
from app.core.db import Database
from app.identity.models import LoginAttempts

WINDOW = timedelta(minutes=15)
KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is counted: `key` says it without telling, `limit` failures are let through in a window."""

    key: bytes
    limit: int


def account(secret_key: bytes, email: str) -> Subject:
    """The account of this e-mail, whether there is one or not."""
    return Subject(_key(secret_key, "account", email.strip().casefold()), limit=10)


def second_factor(secret_key: bytes, account_id: object) -> Subject:
    """The second factor of an account: a million codes, so few guesses."""
    return Subject(_key(secret_key, "second factor", str(account_id)), limit=6)


def mails_to(secret_key: bytes, email: str) -> Subject:
    """The mails sent to one person on anybody's request."""
    return Subject(_key(secret_key, "mail", email.strip().casefold()), limit=3)


def address(secret_key: bytes, host: str | None) -> Subject:
    """The network a request comes from: one IPv4 address, or the /64 an IPv6 subscriber has."""
    return Subject(address_hash(secret_key, host), limit=60)


def address_hash(secret_key: bytes, host: str | None) -> bytes:
    """What is kept of an address: enough to tell that two are the same."""
    return _key(secret_key, "address", _network(host or ""))


async def wait(database: Database, *subjects: Subject) -> int:
    """Count one attempt of each. Zero: go on; else the seconds until one may try again."""
    async with database.session() as session:
        waits = []
        for subject in sorted(subjects, key=lambda subject: subject.key):
            failures, since = (await session.execute(_counted(subject.key))).one()
            if failures > subject.limit:
                waits.append(math.ceil((since + WINDOW - clock.now()).total_seconds()))
        await session.commit()
    return max([1, *waits]) if waits else 0


async def forget(database: Database, *subjects: Subject) -> None:
    """The attempt was right: what was counted before it is void. Counts of past days go with it."""
    keys: Sequence[bytes] = [subject.key for subject in subjects]
    async with database.session() as session:
        await session.execute(delete(LoginAttempts).where(LoginAttempts.subject.in_(keys)))
        await session.execute(delete(LoginAttempts).where(LoginAttempts.since < clock.now() - KEPT_FOR))
        await session.commit()


def _counted(key: bytes) -> ReturningInsert[int, datetime]:
    now = clock.now()
    is_over = LoginAttempts.since <= now - WINDOW
    fresh = insert(LoginAttempts).values(subject=key, since=now, failures=1)
    return fresh.on_conflict_do_update(
        index_elements=[LoginAttempts.subject],
        set_={
            "since": case((is_over, now), else_=LoginAttempts.since),
            "failures": case((is_over, 1), else_=LoginAttempts.failures + 1),
        },
    ).returning(LoginAttempts.failures, LoginAttempts.since)


def _key(secret_key: bytes, kind: str, what: str) -> bytes:
    return hmac.digest(secret_key, f"throttle\0{kind}\0{what}".encode(errors="replace"), "sha256")


def _network(host: str) -> str:
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
