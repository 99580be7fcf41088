"""What PostgreSQL refuses, told as a problem: its own words, which quote rows, never leave."""

import re
from collections.abc import Iterator
from types import FrameType

from asyncpg import InterfaceError, InternalClientError, PostgresError
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from app.core.errors import (
    AlreadyExists,
    Conflict,
    ErrorAt,
    InternalError,
    InvalidInput,
    Problem,
    StillReferenced,
    Unavailable,
    VersionMismatch,
)

CONSTRAINTS: dict[str, ErrorAt] = {}
"""Where the fault lies when a constraint is violated, by the constraint's name."""

RETRY_AFTER = {"Retry-After": "2"}
COLUMN = re.compile(r"^[a-z][a-z0-9_]{0,62}$")

# https://www.postgresql.org/docs/current/errcodes-appendix.html
BUSY = {
    "0A000",  # a statement prepared before a migration
    "25P03",  # idle too long inside a transaction
    "25P04",  # transaction too long
    "40001",  # serialization failure
    "40P01",  # deadlock
    "55P03",  # lock timeout
    "57014",  # statement timeout
}
BUSY_CLASSES = (
    "08",  # connection lost
    "28",  # login refused
    "3D",  # no such database
    "53",  # out of memory, disk or connections
    "57P",  # stopping or starting
)


def describe_constraint(name: str, pointer: str, code: str, **params: object) -> None:
    """Say where the fault lies, and under which code, when the constraint `name` is violated."""
    CONSTRAINTS[name] = ErrorAt(pointer, code, params)


def problem_of(error: BaseException) -> Problem | None:
    """The problem a database error stands for; None when the error is not the database's.

    An unknown error of the database is an `InternalError`: a defect of ours.
    """
    if isinstance(error, StaleDataError):
        return VersionMismatch()
    if isinstance(error, PoolTimeout | DisconnectionError | InterfaceError | InternalClientError):
        return InternalError() if "another operation" in str(error) else _busy()
    if isinstance(error, OSError):
        return _busy() if _is_from_driver(error) else None
    if isinstance(error, PostgresError):
        return _of_state(error, "")
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return _busy()
    if isinstance(error, StatementError):
        return _of_statement(error)
    return InternalError() if isinstance(error, SQLAlchemyError) else None


def _of_statement(error: StatementError) -> Problem:
    for cause in _causes(error):
        if isinstance(cause, PostgresError):
            return _of_state(cause, error.statement or "")
        if isinstance(cause, InterfaceError | OSError):
            return _busy()
    return InternalError()


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        original = getattr(cause, "orig", None)
        cause = original if isinstance(original, BaseException) else cause.__cause__


def _of_state(error: PostgresError, statement: str) -> Problem:
    state: str = error.sqlstate or ""
    place = CONSTRAINTS.get(error.constraint_name or "")
    at = (place,) if place else ()
    if state in BUSY or state.startswith(BUSY_CLASSES):
        return _busy()
    if state == "23505":
        return AlreadyExists(*at)
    if state == "23001" or (state == "23503" and _is_still_referenced(error, statement)):
        return StillReferenced()
    if state in {"23000", "23P01"}:  # the first is what our own triggers say
        return Conflict(*at)
    if state == "23502" and COLUMN.match(error.column_name or ""):
        return InvalidInput(ErrorAt(f"#/{error.column_name}", "missing"))
    if state in {"23503", "23514"} or state.startswith("22"):
        return InvalidInput(*at)
    return InternalError()


def _is_still_referenced(error: PostgresError, statement: str) -> bool:
    """PostgreSQL has one code for "the other row is missing" and "others still need this row"."""
    detail = error.detail or ""
    if "is still referenced" in detail or "is not present" in detail:
        return "is still referenced" in detail
    return statement.lstrip().upper().startswith("DELETE")


def _busy() -> Unavailable:
    return Unavailable(headers=RETRY_AFTER)


def _is_from_driver(error: OSError) -> bool:
    """Whether the driver met it on its way to PostgreSQL, rather than ourselves with a file."""
    trace = error.__traceback__
    while trace is not None:
        frame: FrameType = trace.tb_frame
        if frame.f_globals.get("__name__", "").split(".")[0] == "asyncpg":
            return True
        trace = trace.tb_next
    return False
