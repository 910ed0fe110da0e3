"""What was done, by whom: rows are added, never changed (triggers refuse it), each bound to the last."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, Text, UniqueConstraint

from storage.tables.columns import BigId, Json, Utc, Words
from storage.tables.metadata import metadata

audit = Table(
    "audit",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("actor", Words, nullable=False),
    Column("chat_id", BigInteger),
    Column("action", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("detail", Json, nullable=False),
    # Unique, so that two rows cannot claim the same predecessor.
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    UniqueConstraint("prev_hash"),
    Index("ix_audit_subject", "subject"),
    Index("ix_audit_at", "at"),
)
