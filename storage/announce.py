"""News of a transaction, delivered only once it is committed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

Subscriber = Callable[[Any], None]
_KEY = "storage.announced"


def announce(connection: Connection, topic: str, value: Any) -> None:
    """Tell the subscribers of ``topic`` about ``value`` after this unit of work is committed; never before,
    and not at all if it is rolled back."""
    connection.info.setdefault(_KEY, []).append((topic, value))


def take_announced(connection: Connection) -> list[tuple[str, Any]]:
    """Return and forget what was announced on this connection so far."""
    taken: list[tuple[str, Any]] = connection.info.pop(_KEY, [])
    return taken
