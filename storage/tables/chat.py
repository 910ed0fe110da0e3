"""Chats and people the bot has met."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Table, Text, false

from storage.tables.columns import Utc, Words
from storage.tables.metadata import metadata

chat = Table(
    "chat",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),
    Column("title", Words, nullable=False, server_default=""),
    Column("state", Text, nullable=False),
    Column("migrated_to", BigInteger),
    Column("seen_at", Utc, nullable=False),
    CheckConstraint("state IN ('active', 'left', 'migrated')", name="state"),
)

person = Table(
    "person",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Words, nullable=False, server_default=""),
    Column("username", Words),
    # A bot may write to a person only after the person has written to it.
    Column("private_ok", Boolean, nullable=False, server_default=false()),
    Column("seen_at", Utc, nullable=False),
)
