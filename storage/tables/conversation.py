"""The last question of a person in a chat, for follow-ups, and votes on answers."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, Table, UniqueConstraint

from storage.tables.columns import BigId, Json, Utc, Words
from storage.tables.metadata import metadata

conversation = Table(
    "conversation",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    # 0 outside forum topics.
    Column("thread_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("question", Words, nullable=False),
    Column("answer", Json, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Index("ix_conversation_expires_at", "expires_at"),
)

# A question whose answer carries buttons; a button's data names the row, never the person.
asked = Table(
    "asked",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("thread_id", BigInteger),
    Column("user_id", BigInteger, nullable=False),
    Column("message_id", BigInteger),
    Column("question", Words, nullable=False),
    Column("offered", Json, nullable=False),
    Column("asked_at", Utc, nullable=False),
    Index("ix_asked_asked_at", "asked_at"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("message_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("question", Words, nullable=False),
    Column("answer", Json, nullable=False),
    Column("vote", Integer, nullable=False),
    Column("at", Utc, nullable=False),
    CheckConstraint("vote IN (-1, 1)", name="vote"),
    UniqueConstraint("chat_id", "message_id", "user_id"),
)
