"""Questions the plan does not cover, handed to the office."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Table, Text, text

from storage.tables.columns import BigId, Utc, Words
from storage.tables.metadata import metadata

office_item = Table(
    "office_item",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("question", Words, nullable=False),
    Column("asker_chat_id", BigInteger, nullable=False),
    Column("asker_thread_id", BigInteger),
    Column("asker_user_id", BigInteger, nullable=False),
    Column("asker_message_id", BigInteger),
    Column("state", Text, nullable=False),
    Column("card_key", Words),
    Column("answer", Words),
    Column("answered_by", BigInteger),
    Column("created_at", Utc, nullable=False),
    Column("answered_at", Utc),
    CheckConstraint("state IN ('open', 'answered')", name="state"),
    Index(
        "ix_office_item_open",
        "created_at",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)
