"""Errors of the storage package.

    StorageError
    ├── NotSaved            a unit of work was not stored: disk full, busy, I/O, server gone
    │   └── MaybeSaved      the server vanished while committing: stored or not, nobody knows
    ├── NotRead             a read could not be done for now
    ├── StoreClosed         the store is closing or closed
    ├── SchemaMismatch      the database is of another revision than this program
    ├── Locked              another process holds this database's lock
    ├── LockLost            this process no longer holds it and must stop
    └── BackupError         a backup or restore was refused or failed; nothing was changed

``str(error)`` is one English line for the command line; the chat never shows it.
"""

from __future__ import annotations


class StorageError(Exception):
    """Base of everything this package raises on purpose."""


class NotSaved(StorageError):
    """Nothing of this unit of work was stored; the caller may try again later."""


class MaybeSaved(NotSaved):
    """The connection broke during COMMIT; a retry must re-check the state it changes."""


class NotRead(StorageError):
    """The database could not be read for now."""


class StoreClosed(StorageError):
    """The store is closing or closed."""


class SchemaMismatch(StorageError):
    """The database is of another revision than this program knows or needs."""


class Locked(StorageError):
    """Another process holds the lock of this database; the message names it where known."""


class LockLost(StorageError):
    """This process lost the lock: another one may already be active."""


class BackupError(StorageError):
    """A backup or restore was refused or failed; the database is as it was."""
