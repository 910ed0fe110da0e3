"""A backup that restores: one file, checked when it is written and again before it replaces anything."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL

from storage.errors import BackupError, Locked
from storage.lock import lock_for
from storage.urls import parse_url, sqlite_path

_POSTGRES_FOLDER = Path("/usr/lib/postgresql")
_TOOL_TIMEOUT_S = 3600


def backup(url: str | URL, file: Path) -> None:
    """Write a consistent copy to ``file`` while the desk may go on running. Raises BackupError; an existing
    ``file`` is replaced only by a copy that passed its check."""
    source = sqlite_path(url)
    partial = file.with_name(file.name + ".part")
    try:
        if source is None:
            _run_tool("pg_dump", url, "--format=custom", f"--file={partial}")
        else:
            if not source.exists():
                raise BackupError(f"there is no database at {source}")
            _copy(source, partial)
            _check(partial)
        _flush(partial)
        partial.replace(file)
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"the backup was not written: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


def restore(url: str | URL, file: Path) -> Path | None:
    """Put a backup in the place of the database and return where the old file was kept (None: there was
    none, or a server). Raises BackupError, with nothing changed, while a desk is running or if the backup
    fails its check."""
    if not file.is_file():
        raise BackupError(f"there is no backup at {file}")
    lock = lock_for(url)
    try:
        lock.acquire()
    except Locked as error:
        raise BackupError(f"stop the desk first: {error}") from error
    try:
        target = sqlite_path(url)
        if target is None:
            _run_tool(
                "pg_restore", url, "--clean", "--if-exists", "--no-owner", "--single-transaction", str(file)
            )
            return None
        return _replace(target, file)
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"nothing was restored: {error}") from error
    finally:
        lock.release()


def _replace(target: Path, file: Path) -> Path | None:
    partial = target.with_name(target.name + ".restoring")
    try:
        shutil.copyfile(file, partial)
        _check(partial)
        _flush(partial)
        kept = _set_aside(target) if target.exists() else None
        partial.replace(target)
        return kept
    finally:
        partial.unlink(missing_ok=True)


def _set_aside(target: Path) -> Path:
    """Copy the old database, with what its write-ahead log still holds, and empty the log: a log left behind
    would be replayed into the restored file."""
    kept = target.with_name(f"{target.name}.replaced-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
    sides = [target.with_name(target.name + suffix) for suffix in ("-wal", "-shm")]
    try:
        _copy(target, kept)
        for side in sides:
            side.unlink(missing_ok=True)
    except sqlite3.Error:  # the old file is broken: that is why it is being replaced
        shutil.copyfile(target, kept)
        for side in sides:
            if side.exists():
                side.replace(kept.with_name(kept.name + side.name.removeprefix(target.name)))
    return kept


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    with (
        contextlib.closing(sqlite3.connect(source)) as old,
        contextlib.closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")


def _check(path: Path) -> None:
    """Raise BackupError unless the file is a sound database of this desk."""
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
            found = connection.execute(
                "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
            ).fetchone()
    except sqlite3.Error as error:
        raise BackupError(f"{path.name} is not a sound database: {error}") from error
    if verdict != "ok":
        raise BackupError(f"{path.name} is damaged: {verdict}")
    if not found[0]:
        raise BackupError(f"{path.name} is not a database of this desk")


def _flush(path: Path) -> None:
    """Have the file on the disk before its name says so."""
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def _run_tool(name: str, url: str | URL, *arguments: str) -> None:
    tool = _find_tool(name)
    parsed = parse_url(url).set(drivername="postgresql")
    # The password goes by environment: a process list shows arguments to everybody.
    password = parsed.password or os.environ.get("PGPASSWORD", "")
    target = parsed.set(password=None).render_as_string(hide_password=False)
    try:
        done = subprocess.run(  # noqa: S603
            [tool, f"--dbname={target}", *arguments],
            env={**os.environ, "PGPASSWORD": str(password)},
            capture_output=True,
            text=True,
            timeout=_TOOL_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BackupError(f"{name} did not run: {error}") from error
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise BackupError(f"{name} failed: {lines[0] if lines else done.returncode}")


def _find_tool(name: str) -> str:
    found = shutil.which(name)
    if found is not None:
        return found
    versions = sorted(_POSTGRES_FOLDER.glob(f"*/bin/{name}"), key=lambda path: path.parts[-3])
    if not versions:
        raise BackupError(f"{name} is not installed: install PostgreSQL's client programs")
    return str(versions[-1])
