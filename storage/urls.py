"""What a database URL says."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.errors import StorageError


def parse_url(url: str | URL) -> URL:
    """Return the URL with its driver settled: ``sqlite`` (a file) or ``postgresql+psycopg``.

    Raises StorageError, without the URL in its text (it may hold a password), for anything else.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StorageError("the database URL cannot be read") from None
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
            raise StorageError("SQLite needs a file: sqlite:///path/to/file.db")
        return parsed.set(drivername="sqlite")
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise StorageError(f"unknown database kind {backend!r}: use sqlite or postgresql")


def sqlite_path(url: str | URL) -> Path | None:
    """Return the file of a SQLite URL, or None for a server."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database is None:
        return None
    return Path(parsed.database)


def sqlite_url(path: Path) -> str:
    """Return the URL of a SQLite file."""
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)
