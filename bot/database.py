"""Where the desk's database is, and opening it as the one active process."""

from __future__ import annotations

import threading

from bot.errors import AlreadyRunning
from bot.settings import Settings
from storage.errors import Locked
from storage.lock import ProcessLock, lock_for, take_over
from storage.schema import upgrade
from storage.store import Store
from storage.urls import sqlite_path, sqlite_url


def database_url(settings: Settings) -> str:
    """The setting's, or a SQLite file in the data directory."""
    if settings.database_url:
        return settings.database_url.get_secret_value()
    return sqlite_url(settings.data_dir / "zhuanban.db")


def open_store(settings: Settings, *, stop: threading.Event | None = None) -> tuple[Store, ProcessLock]:
    """Take the desk's lock, bring the database up to date and open it.

    On PostgreSQL a second process stands by until the first is gone or ``stop`` is set; on SQLite it is
    refused with AlreadyRunning. Raises StorageError.
    """
    url = database_url(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    lock = lock_for(url)
    try:
        lock.acquire(wait=sqlite_path(url) is None, stop=stop)
    except Locked as error:
        raise AlreadyRunning(str(error)) from None
    try:
        upgrade(url)
        store = Store(url)
        if sqlite_path(url) is None:
            # A former holder that lost its connection may not have noticed: its writes are refused from now on.
            take_over(store)
    except BaseException:
        lock.release()
        raise
    return store, lock
