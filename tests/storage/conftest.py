"""Stores for the tests of storage."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.store import Store
from tests.storage.databases import (
    database_url,
    empty_url,
    postgres_server,
    postgres_template,
    private_postgres,
    sqlite_template,
)

__all__ = [
    "database_url",
    "empty_url",
    "postgres_server",
    "postgres_template",
    "private_postgres",
    "sqlite_template",
    "store",
]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open store with our tables, of either kind."""
    with Store(database_url) as opened:
        yield opened
