"""Messages come into a chat here, and go from here to the bots that may see them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.accounts import Bot, User
from bot.sandbox.chats import Chat, Message
from bot.sandbox.keyboards import inline_part
from bot.sandbox.world import World


def post(
    world: World,
    chat: Chat,
    content: dict[str, Any],
    *,
    sender: User,
    bot_id: int | None = None,
    sender_chat: Chat | None = None,
    thread_id: int | None = None,
    reply_to: Message | None = None,
    keyboard: dict[str, Any] | None = None,
    via_bot: Bot | None = None,
    protect: bool = False,
    service: bool = False,
    quiet: bool = False,
) -> Message:
    """Put a message into a chat, tell the bots that may see it, and return it.

    `content` are the Message fields of its kind (text, photo, …). `bot_id` names the other end of a
    private chat. With `quiet` no bot is told.
    """
    message_id = chat.next_message_id()
    shown: dict[str, Any] = {"message_id": message_id}
    if chat.type == "channel":
        shown["sender_chat"] = chat.json
    else:
        shown["from"] = sender.json
        if sender_chat is not None:
            shown["sender_chat"] = sender_chat.json
    shown["chat"] = chat.json
    shown["date"] = world.clock.date()
    if thread_id is None and reply_to is not None:
        thread_id = _thread_of(chat, reply_to)
    if thread_id is not None:
        shown["message_thread_id"] = thread_id
        if thread_id in chat.topics:
            shown["is_topic_message"] = True
    if reply_to is not None:
        shown["reply_to_message"] = quoted(reply_to)
    if via_bot is not None:
        shown["via_bot"] = via_bot.user.json
    if protect:
        shown["has_protected_content"] = True
    shown.update(content)
    if (inline := inline_part(keyboard)) is not None:
        shown["reply_markup"] = inline
    message = Message(
        chat=chat,
        id=message_id,
        json=shown,
        sender_id=sender.id,
        bot_id=bot_id,
        via_bot=via_bot.id if via_bot else None,
        thread_id=thread_id,
        keyboard=keyboard,
        service=service,
    )
    chat.messages[message_id] = message
    if not quiet:
        deliver(world, message)
    world.events.publish("message.new", message)
    return message


def _thread_of(chat: Chat, reply_to: Message) -> int | None:
    if chat.forum:
        return reply_to.thread_id
    if chat.type == "supergroup":
        # Replies form threads in ordinary supergroups too, which is why a thread id alone proves no topic.
        return reply_to.thread_id or reply_to.id
    return None


def quoted(message: Message) -> dict[str, Any]:
    """Return a message as reply_to_message: without the message it replied to itself."""
    if "reply_to_message" not in message.json:
        return message.json
    return {name: value for name, value in message.json.items() if name != "reply_to_message"}


def service(world: World, chat: Chat, actor: User, content: dict[str, Any], **more: Any) -> Message:
    """Post a service message (something happened in the chat) in the name of `actor`."""
    return post(world, chat, content, sender=actor, service=True, **more)


def deliver(world: World, message: Message, *, edited: bool = False) -> None:
    """Queue a message for every bot that may see it, as the kind of update its chat calls for."""
    chat = message.chat
    if chat.type == "channel":
        kind = "edited_channel_post" if edited else "channel_post"
    else:
        kind = "edited_message" if edited else "message"
    for bot in audience(world, message):
        bot.queue.push(kind, message.json)


def audience(world: World, message: Message) -> list[Bot]:
    """Return the bots that may see a message: privacy mode, and never another bot's messages."""
    chat = message.chat
    if chat.private:
        bot_id = message.bot_id
        return [world.bots[bot_id]] if bot_id is not None and bot_id != message.sender_id else []
    if message.sender_id in world.bots and not message.service:
        return []
    return [world.bots[bot_id] for bot_id in chat.bot_ids if _sees(world.bots[bot_id], message)]


def _sees(bot: Bot, message: Message) -> bool:
    if message.sender_id == bot.id:
        return False
    member = message.chat.members[bot.id]
    if message.chat.type == "channel":
        return member.admin
    if message.service or not bot.privacy or member.admin or message.via_bot == bot.id:
        return True
    shown = message.json
    replied = shown.get("reply_to_message")
    if replied is not None and replied.get("from", {}).get("id") == bot.id and not _is_service(replied):
        return True
    command = _command(shown)
    if command is None:
        return False
    _, at, name = command.partition("@")
    return not at or name.lower() == bot.username.lower()


def _is_service(shown: dict[str, Any]) -> bool:
    # A topic's first message is the implicit reply target of everything in it.
    return "forum_topic_created" in shown


def _command(shown: dict[str, Any]) -> str | None:
    entities = shown.get("entities") or shown.get("caption_entities")
    if not entities or entities[0]["type"] != "bot_command" or entities[0]["offset"] != 0:
        return None
    text: str = shown.get("text") or shown.get("caption") or ""
    return text[: entities[0]["length"]]


def change(
    world: World,
    message: Message,
    content: dict[str, Any],
    *,
    without: tuple[str, ...] = (),
    mark_edited: bool = True,
    by_bot: bool = False,
) -> None:
    """Give a message new fields; its earlier form is kept, bots that see the chat are told.

    Nobody is told of a bot's own edits (`by_bot`). `without` are the fields that go away. A change of the
    keyboard alone is not marked as an edit.
    """
    message.edits.append(message.json)
    kept = {name: value for name, value in message.json.items() if name not in without}
    kept.update(content)
    if mark_edited:
        kept["edit_date"] = world.clock.date()
    message.json = kept
    if not by_bot:
        deliver(world, message, edited=True)
    world.events.publish("message.edited", message)


def remove(world: World, message: Message) -> None:
    """Delete a message; it stays known so that late taps on it can be told apart from nonsense."""
    message.deleted = True
    chat = message.chat
    if message.id in chat.pinned:
        chat.pinned.remove(message.id)
    world.events.publish("message.deleted", {"chat_id": chat.id, "message_id": message.id})
