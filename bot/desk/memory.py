"""What was asked: the last question of a person in a chat for follow-ups, and questions with buttons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from storage.tables import asked, conversation
from storage.upsert import upsert

REMEMBERED = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question with buttons under its answer; ``offered`` are the task ids it was asked back with."""

    id: int
    chat_id: int
    thread_id: int | None
    user_id: int
    message_id: int | None
    question: str
    offered: tuple[str, ...]


def recall(
    connection: Connection, *, chat_id: int, thread_id: int | None, user_id: int, now: datetime
) -> str | None:
    """What a follow-up of this person in this chat and topic refers to; forgotten after ten minutes."""
    row = connection.execute(
        select(conversation.c.question, conversation.c.expires_at).where(
            conversation.c.chat_id == chat_id,
            conversation.c.thread_id == (thread_id or 0),
            conversation.c.user_id == user_id,
        )
    ).first()
    if row is None or not now < row.expires_at <= now + REMEMBERED:
        return None
    return str(row.question)


def remember(
    connection: Connection, context: str, *, chat_id: int, thread_id: int | None, user_id: int, now: datetime
) -> None:
    """Replace what the person's next follow-up refers to."""
    values = {
        "chat_id": chat_id,
        "thread_id": thread_id or 0,
        "user_id": user_id,
        "question": context,
        "answer": {},
        "expires_at": now + REMEMBERED,
    }
    upsert(connection, conversation, values, keys=("chat_id", "thread_id", "user_id"))


def note_asked(
    connection: Connection,
    question: str,
    *,
    chat_id: int,
    thread_id: int | None,
    user_id: int,
    message_id: int | None,
    offered: tuple[str, ...],
    now: datetime,
) -> int:
    """Keep a question that gets buttons, and return its id."""
    statement = insert(asked).values(
        chat_id=chat_id,
        thread_id=thread_id,
        user_id=user_id,
        message_id=message_id,
        question=question,
        offered=list(offered),
        asked_at=now,
    )
    return int(connection.execute(statement.returning(asked.c.id)).scalar_one())


def find_asked(connection: Connection, number: int, *, chat_id: int) -> Asked | None:
    """The question of that id, if it was asked in this chat."""
    row = connection.execute(select(asked).where(asked.c.id == number, asked.c.chat_id == chat_id)).first()
    if row is None:
        return None
    return Asked(
        id=row.id,
        chat_id=row.chat_id,
        thread_id=row.thread_id,
        user_id=row.user_id,
        message_id=row.message_id,
        question=row.question,
        offered=tuple(row.offered),
    )
