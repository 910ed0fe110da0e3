"""Messages to send, the live messages (cards) some of them belong to, and the pauses Telegram asked for."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from storage.tables.columns import BigId, Json, Utc, Words
from storage.tables.metadata import metadata

card = Table(
    "card",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("key", Words, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("message_id", BigInteger),
    Column("desired", Json, nullable=False),
    Column("desired_version", Integer, nullable=False),
    Column("sent_version", Integer, nullable=False, server_default="0"),
    Column("in_flight", Integer),
    UniqueConstraint("chat_id", "key"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("thread_id", BigInteger),
    # 0 urgent, 10 ordinary; lower goes first.
    Column("priority", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    # A card's row takes its payload from the card when it is sent, so that the newest state goes out.
    Column("payload", Json, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    # Real time, not the desk's: a moved clock must not hold back a retry.
    Column("not_before", Utc),
    # Parts of a long message that have been accepted already.
    Column("parts_done", Integer, nullable=False, server_default="0"),
    Column("message_id", BigInteger),
    Column("possibly_repeated", Boolean, nullable=False, server_default=false()),
    Column("card_id", BigInteger, ForeignKey("card.id", ondelete="CASCADE")),
    Column("tag", Words, nullable=False, server_default=""),
    Column("created_at", Utc, nullable=False),
    Column("sent_at", Utc),
    Column("error", Words),
    CheckConstraint("kind IN ('send', 'edit', 'photo', 'document', 'card')", name="kind"),
    CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed', 'dropped')", name="state"),
    Index(
        "ix_outbox_open",
        "chat_id",
        "priority",
        "id",
        sqlite_where=text("state IN ('queued', 'sending')"),
        postgresql_where=text("state IN ('queued', 'sending')"),
    ),
    Index(
        "ix_outbox_failed",
        "id",
        sqlite_where=text("state = 'failed'"),
        postgresql_where=text("state = 'failed'"),
    ),
    Index("ix_outbox_card_id", "card_id"),
    Index("ix_outbox_chat_id_message_id", "chat_id", "message_id"),
    Index("ix_outbox_tag", "tag", sqlite_where=text("tag <> ''"), postgresql_where=text("tag <> ''")),
    Index("ix_outbox_created_at", "created_at"),
)

throttle = Table(
    "throttle",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    # Real time, for the same reason.
    Column("until", Utc, nullable=False),
)
