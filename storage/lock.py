"""One active process per desk: a lock file beside a SQLite file, an advisory lock on PostgreSQL.

Either is given back by the system when the process dies, however it dies.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, Connection, Engine, create_engine, pool, text
from sqlalchemy.exc import DBAPIError

from storage.engine import POSTGRES_PATIENCE
from storage.errors import Locked, LockLost
from storage.failures import reason
from storage.settings import get_value, put_value
from storage.store import Store
from storage.urls import parse_url, sqlite_path

_log = logging.getLogger(__name__)

WAIT_STEP_S = 0.5
_ADVISORY_KEY = 0x7A68_7561_6E
_ACTIVE = "lock.active"


class ProcessLock(Protocol):
    """The right to be the active process of a desk."""

    def acquire(self, *, wait: bool = False, stop: threading.Event | None = None) -> None:
        """Take the lock. Raises Locked at once, or with ``wait`` stands by until the holder is gone;
        setting ``stop`` ends the waiting with Locked."""

    def watch(self, on_lost: Callable[[LockLost], None], *, every_s: float = 1.0) -> None:
        """Call ``on_lost`` once, from a thread, if the lock is lost while this process lives."""

    def release(self) -> None:
        """Give the lock back. May be called twice."""


def lock_for(url: str | URL) -> ProcessLock:
    """Return the lock of a database, not yet taken."""
    path = sqlite_path(url)
    return AdvisoryLock(url) if path is None else FileLock(path.with_name(path.name + ".lock"))


class FileLock:
    """``flock`` on a file that names the holder's process id."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    def acquire(self, *, wait: bool = False, stop: threading.Event | None = None) -> None:
        """See ProcessLock."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _until(lambda: self._try(handle), wait=wait, stop=stop, refusal=self._refusal)
        except BaseException:
            os.close(handle)
            raise
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        self._handle = handle

    def watch(self, on_lost: Callable[[LockLost], None], *, every_s: float = 1.0) -> None:
        """A file lock is not lost while its process lives."""

    def release(self) -> None:
        """See ProcessLock. The file stays: removing it would let two processes lock two files."""
        if self._handle is not None:
            os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None

    def _try(self, handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _refusal(self) -> str:
        with contextlib.suppress(OSError):
            if pid := self.path.read_text().strip():
                return f"another process ({pid}) is running this desk"
        return "another process is running this desk"


class AdvisoryLock:
    """A session lock of PostgreSQL on a connection of its own: gone when that connection is."""

    def __init__(self, url: str | URL) -> None:
        self._engine: Engine = create_engine(
            parse_url(url),
            poolclass=pool.NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args=POSTGRES_PATIENCE,
        )
        self._connection: Connection | None = None
        self._use = threading.Lock()
        self._released = threading.Event()

    def acquire(self, *, wait: bool = False, stop: threading.Event | None = None) -> None:
        """See ProcessLock. Raises Locked also where no server answers, unless it waits."""
        self._released.clear()
        try:
            _until(
                lambda: self._try(patient=wait),
                wait=wait,
                stop=stop,
                refusal=lambda: "another process is running this desk",
            )
        except BaseException:
            self._disconnect()
            raise

    def watch(self, on_lost: Callable[[LockLost], None], *, every_s: float = 1.0) -> None:
        """See ProcessLock."""
        threading.Thread(
            target=self._watch, args=(on_lost, every_s), name="storage-lock", daemon=True
        ).start()

    def release(self) -> None:
        """See ProcessLock."""
        self._released.set()
        self._disconnect()
        self._engine.dispose()

    def _try(self, *, patient: bool) -> bool:
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            question = text("SELECT pg_try_advisory_lock(:key)")
            return bool(self._connection.execute(question, {"key": _ADVISORY_KEY}).scalar())
        except DBAPIError as error:
            self._disconnect()
            if patient:
                _log.info("standing by: %s", reason(error))
                return False
            raise Locked(f"the lock cannot be taken: {reason(error)}") from error

    def _watch(self, on_lost: Callable[[LockLost], None], every_s: float) -> None:
        while not self._released.wait(every_s):
            try:
                with self._use:
                    if self._connection is None:
                        return
                    self._connection.execute(text("SELECT 1"))
            except DBAPIError as error:
                if not self._released.is_set():
                    on_lost(LockLost(f"the lock's connection broke: {reason(error)}"))
                return

    def _disconnect(self) -> None:
        with self._use:
            connection, self._connection = self._connection, None
            if connection is not None:
                with contextlib.suppress(DBAPIError):
                    connection.close()


def take_over(store: Store) -> None:
    """Shut out a former holder that has not noticed yet: from now on ``store`` writes only while no later
    process has called this. Needs an upgraded database."""
    token = uuid.uuid4().hex

    def fence(connection: Connection) -> None:
        if get_value(connection, _ACTIVE) != token:
            raise LockLost("another process has taken over")

    store.write(lambda connection: put_value(connection, _ACTIVE, token))
    store.guard(fence)


def _until(
    attempt: Callable[[], bool], *, wait: bool, stop: threading.Event | None, refusal: Callable[[], str]
) -> None:
    stop = stop or threading.Event()
    while not attempt():
        if not wait or stop.wait(WAIT_STEP_S):
            raise Locked(refusal())
