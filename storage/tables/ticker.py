"""Work that is due at a time of the desk's clock."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, Text

from storage.tables.columns import Json, Utc, Words
from storage.tables.metadata import metadata

ticker_job = Table(
    "ticker_job",
    metadata,
    Column("name", Words, primary_key=True),
    Column("handler", Words, nullable=False),
    # NULL: once. Else the JSON that bot.delivery.triggers understands.
    Column("trigger", Json),
    Column("policy", Text, nullable=False),
    # How late an occurrence still counts as on time.
    Column("grace_s", Integer, nullable=False),
    Column("payload", Json, nullable=False),
    # NULL: nothing more to do.
    Column("next_due_at", Utc),
    # Real time: when a failing occurrence is tried again.
    Column("retry_at", Utc),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("last_due_at", Utc),
    Column("last_run_at", Utc),
    Column("skipped", Integer, nullable=False, server_default="0"),
    Column("error", Words),
    CheckConstraint("policy IN ('catch_up', 'send_late', 'skip')", name="policy"),
    Index("ix_ticker_job_next_due_at", "next_due_at"),
)
