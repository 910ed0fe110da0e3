"""Desk-wide values set from chat or kept by the program."""

from __future__ import annotations

from sqlalchemy import Column, Table

from storage.tables.columns import Json, Words
from storage.tables.metadata import metadata

setting = Table(
    "setting",
    metadata,
    Column("key", Words, primary_key=True),
    Column("value", Json),
)
