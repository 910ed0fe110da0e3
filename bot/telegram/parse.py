"""A raw update as ``Incoming``: each is parsed alone, so a bad one harms only itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from telegram import CallbackQuery, ChatMember, ChatMemberUpdated, InlineQuery, Message, Update, User
from telegram import Chat as TelegramChat

from bot.messages import Chat, ChatType, Incoming, Sender
from bot.telegram.attachments import attachments
from bot.telegram.client import Me
from bot.telegram.wording import Wording, read_wording

_IN_CHAT = (ChatMember.OWNER, ChatMember.ADMINISTRATOR, ChatMember.MEMBER)
_CHAT_TYPES: dict[str, ChatType] = {
    "private": "private",
    "group": "group",
    "supergroup": "supergroup",
    "channel": "channel",
}


class Parser:
    """Reads updates meant for one bot. ``now`` dates what Telegram does not: taps and inline queries."""

    def __init__(self, me: Me, *, now: Callable[[], datetime]) -> None:
        self._me = me
        self._now = now

    def __call__(self, raw: dict[str, Any]) -> Incoming | None:
        """Return what the update means, or None when it means nothing to this bot (a command for another
        bot, another bot's message, a service message). Raises for what cannot be understood at all."""
        update = Update.de_json(raw)
        if update.callback_query is not None:
            return self._tap(update.update_id, update.callback_query)
        if update.inline_query is not None:
            return self._inline(update.update_id, update.inline_query)
        if update.my_chat_member is not None:
            return self._membership(update.update_id, update.my_chat_member)
        edited = update.edited_message is not None
        message = update.edited_message or update.message or update.channel_post
        return None if message is None else self._message(update.update_id, message, edited=edited)

    def _message(self, update_id: int, message: Message, *, edited: bool) -> Incoming | None:
        chat = _chat(message)
        if message.migrate_to_chat_id is not None:
            return _migrated(update_id, message, chat, to=message.migrate_to_chat_id)
        if message.migrate_from_chat_id is not None:
            old = Chat(id=message.migrate_from_chat_id, type="group", title=chat.title)
            return _migrated(update_id, message, old, to=chat.id)
        sender = _sender(message)
        if (sender.is_bot and not sender.anonymous) or self._is_me(message.via_bot):
            return None
        wording = read_wording(message, self._me)
        if wording.for_another_bot or not (_has_content(message) or wording.text):
            return None
        reply_to, reply_to_me = self._reply(message)
        return Incoming(
            update_id=update_id,
            kind="message",
            at=(message.edit_date if edited else None) or message.date,
            chat=chat,
            sender=sender,
            message_id=message.message_id,
            text=wording.text,
            command=wording.command,
            args=wording.args,
            to_me=_to_me(chat, wording, reply_to_me=reply_to_me),
            edited=edited,
            reply_to=reply_to,
            reply_to_me=reply_to_me,
            forwarded=message.forward_origin is not None,
            attachments=attachments(message),
            album_id=message.media_group_id,
        )

    def _reply(self, message: Message) -> tuple[int | None, bool]:
        """Return the message replied to, and whether it is ours. In a topic everything "replies" to the
        message that opened it; that is no reply."""
        replied = message.reply_to_message
        if replied is None or replied.forum_topic_created is not None:
            return None, False
        return replied.message_id, self._is_me(replied.from_user)

    def _tap(self, update_id: int, query: CallbackQuery) -> Incoming | None:
        message = query.message
        chat = None
        if isinstance(message, Message):
            chat = _chat(message)
        elif message is not None:  # too old or deleted: it comes without content
            chat = _plain(message.chat)
        return Incoming(
            update_id=update_id,
            kind="tap",
            at=self._now(),
            chat=chat,
            sender=_person(query.from_user),
            message_id=None if message is None else message.message_id,
            to_me=True,
            tap_id=query.id,
            tap_data=query.data or "",
        )

    def _inline(self, update_id: int, query: InlineQuery) -> Incoming:
        return Incoming(
            update_id=update_id,
            kind="inline",
            at=self._now(),
            sender=_person(query.from_user),
            text=query.query,
            to_me=True,
            inline_id=query.id,
        )

    def _membership(self, update_id: int, change: ChatMemberUpdated) -> Incoming:
        new = change.new_chat_member
        # A restricted bot that may not write is of no more use than an absent one.
        can_write = new.status in _IN_CHAT or bool(
            getattr(new, "is_member", False) and getattr(new, "can_send_messages", False)
        )
        return Incoming(
            update_id=update_id,
            kind="joined" if can_write else "left",
            at=change.date,
            chat=_plain(change.chat),
            sender=_person(change.from_user),
        )

    def _is_me(self, user: User | None) -> bool:
        return user is not None and user.id == self._me.id


def _migrated(update_id: int, message: Message, old: Chat, *, to: int) -> Incoming:
    return Incoming(update_id=update_id, kind="migrated", at=message.date, chat=old, migrated_to=to)


def _chat(message: Message) -> Chat:
    # Only a real topic's id is one: a reply in an ordinary supergroup carries a thread id as well.
    thread_id = message.message_thread_id if message.is_topic_message else None
    return _plain(message.chat, thread_id)


def _plain(chat: TelegramChat, thread_id: int | None = None) -> Chat:
    kind = _CHAT_TYPES.get(chat.type)
    if kind is None:
        raise ValueError(f"unknown type of chat: {chat.type!r}")
    return Chat(id=chat.id, type=kind, title=chat.title or chat.full_name or "", thread_id=thread_id)


def _sender(message: Message) -> Sender:
    """An anonymous admin speaks as the group, a channel as itself; neither is a person who may act."""
    speaker = message.sender_chat or (message.chat if message.from_user is None else None)
    if speaker is not None:
        return Sender(
            id=speaker.id, name=speaker.title or "", username=speaker.username, is_bot=False, anonymous=True
        )
    if message.from_user is None:
        raise ValueError("a message from nobody")
    return _person(message.from_user)


def _person(user: User) -> Sender:
    return Sender(id=user.id, name=user.full_name, username=user.username, is_bot=user.is_bot)


def _has_content(message: Message) -> bool:
    return message.text is not None or message.caption is not None or bool(message.effective_attachment)


def _to_me(chat: Chat, wording: Wording, *, reply_to_me: bool) -> bool:
    return chat.type == "private" or wording.command is not None or wording.mentioned or reply_to_me
