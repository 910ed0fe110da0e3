"""Conversations, votes and questions for the office."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add."""
    op.create_table(
        "conversation",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("thread_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "thread_id", "user_id", name=op.f("pk_conversation")),
    )
    op.create_index("ix_conversation_expires_at", "conversation", ["expires_at"])

    op.create_table(
        "feedback",
        sa.Column("id", ID, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("vote", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.CheckConstraint("vote IN (-1, 1)", name=op.f("ck_feedback_vote")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint(
            "chat_id", "message_id", "user_id", name=op.f("uq_feedback_chat_id_message_id_user_id")
        ),
    )

    op.create_table(
        "office_item",
        sa.Column("id", ID, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asker_chat_id", sa.BigInteger(), nullable=False),
        sa.Column("asker_thread_id", sa.BigInteger(), nullable=True),
        sa.Column("asker_user_id", sa.BigInteger(), nullable=False),
        sa.Column("asker_message_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("card_key", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("answered_at", TIME, nullable=True),
        sa.CheckConstraint("state IN ('open', 'answered')", name=op.f("ck_office_item_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_item")),
    )
    op.create_index(
        "ix_office_item_open",
        "office_item",
        ["created_at"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def downgrade() -> None:
    """Remove."""
    op.drop_table("office_item")
    op.drop_table("feedback")
    op.drop_table("conversation")
