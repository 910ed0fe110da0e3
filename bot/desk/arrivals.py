"""Coming and going: being added, removed, moved; greeting; which chat is the office's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from bot.delivery.reply import Reply
from bot.desk.parts import OFFICE_CHAT, Parts, reply_to
from bot.messages import Incoming, Outgoing
from prompts import say
from storage import audit
from storage.chats import leave_chat, meet_chat, meet_person, move_chat
from storage.settings import get_value, put_value
from storage.tables import chat as chats


class Arrivals:
    """Keeps the table of chats and people true."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def joined(self, incoming: Incoming) -> Reply:
        """The bot can write in a chat: note it, and say in a group what it is for."""
        chat = incoming.chat
        if chat is None:
            return Reply()

        def change(connection: Connection, now: datetime) -> Iterable[Outgoing]:
            known = connection.execute(select(chats.c.state).where(chats.c.chat_id == chat.id)).scalar()
            meet_chat(connection, chat_id=chat.id, kind=chat.type, title=chat.title, now=now)
            # Becoming an admin of a group is no arrival.
            greet = chat.type != "private" and known != "active"
            return [reply_to(incoming, say("desk/hello"))] if greet else []

        return Reply(change=change)

    async def left(self, incoming: Incoming) -> Reply:
        """The bot was removed or blocked."""
        chat = incoming.chat
        if chat is None:
            return Reply()
        return Reply(change=lambda connection, now: leave_chat(connection, chat_id=chat.id, now=now))

    async def migrated(self, incoming: Incoming) -> Reply:
        """The group became a supergroup with another id."""
        chat, to = incoming.chat, incoming.migrated_to
        if chat is None or to is None:
            return Reply()

        def change(connection: Connection, now: datetime) -> None:
            move_chat(connection, old=chat.id, new=to, now=now)
            if get_value(connection, OFFICE_CHAT) == chat.id:
                put_value(connection, OFFICE_CHAT, to)

        return Reply(change=change)

    async def help(self, incoming: Incoming) -> Reply:
        """What one can do here."""
        private = incoming.chat is not None and incoming.chat.type == "private"
        return Reply(outgoing=(reply_to(incoming, say("desk/help", private=private)),))

    async def bind(self, incoming: Incoming) -> Reply:
        """A super admin makes this group the office's."""
        chat, sender = incoming.chat, incoming.sender
        if chat is None or sender is None:
            return Reply()
        allowed = sender.id in self._parts.admin_ids and not sender.anonymous
        if not allowed or chat.type == "private":
            return Reply(
                outgoing=(reply_to(incoming, say("desk/bind_refused", private=chat.type == "private")),)
            )

        def change(connection: Connection, now: datetime) -> Iterable[Outgoing]:
            put_value(connection, OFFICE_CHAT, chat.id)
            audit.append(connection, at=now, actor=f"user:{sender.id}", action="office.bound",
                         subject=f"chat:{chat.id}", chat_id=chat.id)  # fmt: skip
            return [reply_to(incoming, say("desk/bound_office"))]

        return Reply(change=change)

    def note(self, connection: Connection, incoming: Incoming, now: datetime) -> None:
        """Note who wrote and where; part of every message's transaction."""
        chat, sender = incoming.chat, incoming.sender
        if chat is not None and chat.type != "private":
            meet_chat(connection, chat_id=chat.id, kind=chat.type, title=chat.title, now=now)
        if sender is not None and not sender.anonymous and not sender.is_bot:
            private = chat is not None and chat.type == "private"
            meet_person(connection, user_id=sender.id, name=sender.name, username=sender.username,
                        private=private, now=now)  # fmt: skip
