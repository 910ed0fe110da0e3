"""Engines: one for the single writer, one for readers, the same promises on SQLite and PostgreSQL.

A write transaction sees no lost update: BEGIN IMMEDIATE on SQLite, SERIALIZABLE on PostgreSQL. A read is
one snapshot. A commit is on disk when it returns (SQLite: WAL with synchronous=FULL).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from storage.urls import parse_url, sqlite_path

BUSY_TIMEOUT_MS = 5_000
WAL_LIMIT_BYTES = 64 * 1024 * 1024

POSTGRES_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""Without these libpq parameters (seconds, the last in ms) a vanished server blocks a caller for hours."""


def writer_engine(url: str | URL, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> Engine:
    """Return an engine with one connection whose transactions take the write lock when they begin."""
    parsed = parse_url(url)
    path = sqlite_path(parsed)
    if path is None:
        return _postgres(parsed, pool_size=1, isolation="SERIALIZABLE")
    path.parent.mkdir(parents=True, exist_ok=True)
    pragmas = (
        f"busy_timeout={busy_timeout_ms}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"journal_size_limit={WAL_LIMIT_BYTES}",
    )
    return _sqlite(parsed, pool_size=1, pragmas=pragmas, begin="BEGIN IMMEDIATE")


def reader_engine(url: str | URL, *, connections: int = 4, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> Engine:
    """Return an engine of read-only snapshot transactions."""
    parsed = parse_url(url)
    if sqlite_path(parsed) is None:
        engine = _postgres(parsed, pool_size=connections, isolation="REPEATABLE READ")
        return engine.execution_options(postgresql_readonly=True)
    pragmas = (f"busy_timeout={busy_timeout_ms}", "foreign_keys=ON", "query_only=ON")
    return _sqlite(parsed, pool_size=connections, pragmas=pragmas, begin="BEGIN")


def _sqlite(url: URL, *, pool_size: int, pragmas: tuple[str, ...], begin: str) -> Engine:
    engine = create_engine(
        url, pool_size=pool_size, max_overflow=0, connect_args={"check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def configure(dbapi_connection: Any, _record: object) -> None:
        # The driver must not open transactions of its own: a deferred one that upgrades loses updates.
        dbapi_connection.isolation_level = None
        for pragma in pragmas:
            dbapi_connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgres(url: URL, *, pool_size: int, isolation: Any) -> Engine:
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        isolation_level=isolation,
        connect_args=POSTGRES_PATIENCE,
    )
