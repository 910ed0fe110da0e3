"""The last question of a person in a chat, kept ten minutes for follow-ups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from storage.tables import conversation
from storage.upsert import upsert

REMEMBERED = timedelta(minutes=10)
HAND_OVER_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """A question, what a follow-up to it refers to, the message it stood in, and the offered tasks."""

    question: str
    context: str
    message_id: int | None
    offered: tuple[str, ...]
    asked_at: datetime

    def is_fresh(self, now: datetime) -> bool:
        """Whether a follow-up may still refer to it."""
        return timedelta(0) <= now - self.asked_at < REMEMBERED


def recall(connection: Connection, *, chat_id: int, thread_id: int | None, user_id: int) -> Remembered | None:
    """What the person asked last in this chat and topic, however long ago."""
    row = connection.execute(
        select(conversation).where(
            conversation.c.chat_id == chat_id,
            conversation.c.thread_id == (thread_id or 0),
            conversation.c.user_id == user_id,
        )
    ).first()
    if row is None:
        return None
    return Remembered(
        question=row.question,
        context=row.answer.get("context", row.question),
        message_id=row.answer.get("message_id"),
        offered=tuple(row.answer.get("offered", ())),
        asked_at=row.expires_at - HAND_OVER_WITHIN,
    )


def remember(
    connection: Connection, said: Remembered, *, chat_id: int, thread_id: int | None, user_id: int
) -> None:
    """Replace what was remembered. The row is kept a day, so that a late tap still knows the question."""
    upsert(
        connection,
        conversation,
        {
            "chat_id": chat_id,
            "thread_id": thread_id or 0,
            "user_id": user_id,
            "question": said.question,
            "answer": {"context": said.context, "message_id": said.message_id, "offered": list(said.offered)},
            "expires_at": said.asked_at + HAND_OVER_WITHIN,
        },
        keys=("chat_id", "thread_id", "user_id"),
    )
