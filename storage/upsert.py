"""INSERT … ON CONFLICT for either engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table) -> Insert:
    """Return an insert that leaves an existing row of the same key alone; rowcount and RETURNING tell
    which rows were new."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def upsert(connection: Connection, table: Table, values: Mapping[str, Any], *, keys: Iterable[str]) -> None:
    """Insert a row, or update the one with the same ``keys`` (its primary or a unique key)."""
    keys = tuple(keys)
    changed = {name: value for name, value in values.items() if name not in keys}
    if connection.dialect.name == "postgresql":
        connection.execute(
            postgresql.insert(table).values(**values).on_conflict_do_update(index_elements=keys, set_=changed)
        )
    else:
        connection.execute(
            sqlite.insert(table).values(**values).on_conflict_do_update(index_elements=keys, set_=changed)
        )
