"""Which database failures pass, which mean "not saved", and which are mistakes of the program."""

from __future__ import annotations

import sqlite3
from typing import Literal

from sqlalchemy.exc import DBAPIError

Failure = Literal["again", "unsaved", "bug"]

_SQLITE_UNSAVED = {
    sqlite3.SQLITE_BUSY,  # busy_timeout has waited already
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}
_POSTGRES_AGAIN = {"40001", "40P01", "55P03"}
"""serialization_failure, deadlock_detected, lock_not_available (PostgreSQL, appendix A)."""

_POSTGRES_UNSAVED = ("08", "53", "57", "58", "25006")
"""Connection, resources, operator intervention, system error, read-only transaction."""


def classify(error: DBAPIError) -> Failure:
    """Say whether to run the unit of work again, to report it as not saved, or to let the error through."""
    origin = error.orig
    code = getattr(origin, "sqlite_errorcode", None)
    if isinstance(code, int):
        return "unsaved" if code & 0xFF in _SQLITE_UNSAVED else "bug"
    state = getattr(origin, "sqlstate", None)
    if isinstance(state, str):
        if state in _POSTGRES_AGAIN:
            return "again"
        return "unsaved" if state.startswith(_POSTGRES_UNSAVED) else "bug"
    # psycopg gives no state when there was no server to give one.
    return "unsaved" if error.connection_invalidated or type(origin).__name__ == "OperationalError" else "bug"


def reason(error: DBAPIError) -> str:
    """Return one line about the failure, without the statement and its parameters."""
    text = str(error.orig).strip() or type(error.orig).__name__
    name = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    line = text.splitlines()[0]
    return f"{line} ({name})" if name else line
