"""Errors of the bot package.

    BotError
    ├── SettingsError     a setting is missing or wrong
    ├── AlreadyRunning    another process holds this desk's lock
    └── Unavailable       something the desk needs is gone for now; the caller may try again

``str(error)`` is one English line for the command line; the chat never shows it.
"""

from __future__ import annotations


class BotError(Exception):
    """Base of everything this package raises on purpose."""


class SettingsError(BotError):
    """A setting is missing or wrong; the message names it."""


class AlreadyRunning(BotError):
    """Another process is running this desk."""


class Unavailable(BotError):
    """Something the desk needs is gone for now."""
