"""What follows when a chat is met, lost, or becomes another chat."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from storage.announce import announce
from storage.tables import asked, card, chat, conversation, office_item, outbox, person, throttle
from storage.upsert import insert_new, upsert

CHAT_MOVED = "chat moved"
"""Topic of ``(old_id, new_id)`` once a migration is committed."""


def meet_chat(connection: Connection, *, chat_id: int, kind: str, title: str, now: datetime) -> None:
    """Note that the bot can be heard in a chat."""
    values = {"chat_id": chat_id, "type": kind, "title": title, "state": "active", "seen_at": now}
    upsert(connection, chat, values, keys=("chat_id",))


def meet_person(
    connection: Connection, *, user_id: int, name: str, username: str | None, private: bool, now: datetime
) -> None:
    """Note who wrote; ``private`` says that it was in a private chat, so the bot may write back there."""
    values = {"user_id": user_id, "name": name, "username": username, "seen_at": now}
    if private:
        values["private_ok"] = True
    upsert(connection, person, values, keys=("user_id",))


def leave_chat(connection: Connection, *, chat_id: int, now: datetime) -> None:
    """Note that the bot was removed or blocked."""
    connection.execute(
        insert_new(connection, chat).values(
            chat_id=chat_id, type="group", title="", state="left", seen_at=now
        )
    )
    connection.execute(
        update(chat).where(chat.c.chat_id == chat_id, chat.c.state == "active").values(state="left")
    )
    if chat_id > 0:
        connection.execute(update(person).where(person.c.user_id == chat_id).values(private_ok=False))


def move_chat(connection: Connection, *, old: int, new: int, now: datetime) -> None:
    """Let everything that waits for group ``old`` go to supergroup ``new``; a second time changes nothing."""
    if old == new:
        return
    known = connection.execute(select(chat.c.title, chat.c.state).where(chat.c.chat_id == old)).first()
    title = known.title if known else ""
    connection.execute(
        insert_new(connection, chat).values(
            chat_id=new, type="supergroup", title=title, state="active", seen_at=now
        )
    )
    if known is None:
        connection.execute(
            insert(chat).values(
                chat_id=old, type="group", title="", state="migrated", migrated_to=new, seen_at=now
            )
        )
    else:
        connection.execute(
            update(chat).where(chat.c.chat_id == old).values(state="migrated", migrated_to=new)
        )
    waiting = outbox.c.state.in_(("queued", "sending"))
    connection.execute(update(outbox).where(outbox.c.chat_id == old, waiting).values(chat_id=new))
    taken = select(card.c.key).where(card.c.chat_id == new)
    # The old group's messages cannot be edited from the new one: its cards are sent afresh.
    connection.execute(
        update(card)
        .where(card.c.chat_id == old, card.c.key.not_in(taken))
        .values(chat_id=new, message_id=None)
    )
    taken_users = select(conversation.c.user_id).where(conversation.c.chat_id == new)
    connection.execute(
        update(conversation)
        .where(conversation.c.chat_id == old, conversation.c.user_id.not_in(taken_users))
        .values(chat_id=new)
    )
    connection.execute(update(asked).where(asked.c.chat_id == old).values(chat_id=new))
    connection.execute(
        update(office_item).where(office_item.c.asker_chat_id == old).values(asker_chat_id=new)
    )
    connection.execute(delete(throttle).where(throttle.c.chat_id == old))
    announce(connection, CHAT_MOVED, (old, new))
