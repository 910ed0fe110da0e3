"""Raw updates as they came, committed before anything parses them."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, Table, Text, text

from storage.tables.columns import Utc, Words
from storage.tables.metadata import metadata

inbox = Table(
    "inbox",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    # What came without a usable update id is parked under a negative one made from its content.
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("raw", Text, nullable=False),
    Column("chat_id", BigInteger),
    Column("user_id", BigInteger),
    Column("lane", Words, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_try_at", Utc),
    Column("error", Words),
    Column("received_at", Utc, nullable=False),
    Column("done_at", Utc),
    CheckConstraint("state IN ('new', 'retry', 'done', 'dead')", name="state"),
    Index(
        "ix_inbox_open",
        "bot_id",
        "update_id",
        sqlite_where=text("state IN ('new', 'retry')"),
        postgresql_where=text("state IN ('new', 'retry')"),
    ),
    Index(
        "ix_inbox_dead",
        "received_at",
        sqlite_where=text("state = 'dead'"),
        postgresql_where=text("state = 'dead'"),
    ),
    Index("ix_inbox_done_at", "done_at"),
)
