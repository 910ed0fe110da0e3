"""Desk-wide values: small JSON documents by key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, select

from storage.tables.setting import setting
from storage.upsert import upsert


def get_value(connection: Connection, key: str, default: Any = None) -> Any:
    """Return the value of ``key``, or ``default`` where there is none."""
    row = connection.execute(select(setting.c.value).where(setting.c.key == key)).first()
    return default if row is None else row.value


def put_value(connection: Connection, key: str, value: Any) -> None:
    """Set ``key``; None removes it."""
    if value is None:
        connection.execute(delete(setting).where(setting.c.key == key))
    else:
        upsert(connection, setting, {"key": key, "value": value}, keys=("key",))
