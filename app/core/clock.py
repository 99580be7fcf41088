"""The application's own clock: one place to read it, so that tests can travel in time."""

from datetime import UTC, datetime


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)
