"""User side: people write, edit, delete, react, vote, and add a bot by a start-group link."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from aiohttp import web

from bot.sandbox.accounts import ANONYMOUS_ADMIN, CHANNEL_BOT, User
from bot.sandbox.chats import Chat
from bot.sandbox.entities import find_entities, trim
from bot.sandbox.errors import BadInputError, NotKnownError
from bot.sandbox.files import KINDS
from bot.sandbox.formatting import checked_caption, checked_text
from bot.sandbox.membership import set_member, standing, start_private
from bot.sandbox.methods.media import media_fields
from bot.sandbox.methods.polls import vote
from bot.sandbox.posting import change, post, remove
from bot.sandbox.sim.body import Body, query_integer
from bot.sandbox.sim.view import as_seen, bot_at_other_end, chat_of, message_of, need_member
from bot.sandbox.world import World


async def list_messages(world: World, request: web.Request) -> Any:
    """GET /sim/chats/ID/messages[?after=MESSAGE_ID][&limit=][&bot=]: as members see them, oldest first."""
    chat_id = int(request.match_info["chat_id"])
    chat = chat_of(world, chat_id, query_integer(request, "user_id"))
    bot_id = world.bot_named(request.query["bot"]).id if "bot" in request.query else None
    bot_id = chat_id if chat_id in world.bots else bot_id
    after = query_integer(request, "after") or 0
    limit = query_integer(request, "limit")
    # Ids run without gaps, so the ones above `after` are found without looking at the rest.
    found = [
        message
        for number in range(after + 1, chat.last_message_id + 1)
        if (message := chat.messages.get(number)) is not None
        and not message.deleted
        and (bot_id is None or message.bot_id == bot_id)
    ]
    return [as_seen(message) for message in (found[-limit:] if limit else found)]


async def write(world: World, request: web.Request) -> Any:
    """POST /sim/messages {chat_id, from_id, text | photo | location | document | …, caption?, reply_to?,
    thread_id?, sender_chat?, bot?, media_group_id?} → the message.

    Files are {name, base64, mime_type?}; `sender_chat` equal to the chat posts as its anonymous admin,
    a channel's id posts as that channel.
    """
    body = await Body.read(request)
    from_id, chat_id = body.integer("from_id"), body.integer("chat_id")
    chat = chat_of(world, chat_id, from_id)
    sender, sender_chat = _identity(world, chat, from_id, body.maybe_integer("sender_chat"))
    content = content_of(world, body)
    bot_id = None
    if chat.owner is not None:
        bot_id = bot_at_other_end(world, chat, chat_id, body.values.get("bot"))
        if world.peer(chat.id, bot_id).blocked and not content.get("text", "").startswith("/start"):
            raise BadInputError(f"user {chat.id} has blocked this bot")
        start_private(world, chat.owner, bot_id)
    reply_id = body.maybe_integer("reply_to")
    message = post(
        world,
        chat,
        content,
        sender=sender,
        bot_id=bot_id,
        sender_chat=sender_chat,
        thread_id=_thread(chat, body.maybe_integer("thread_id")),
        reply_to=message_of(chat, reply_id) if reply_id is not None else None,
    )
    return as_seen(message)


def _identity(world: World, chat: Chat, from_id: int, as_chat: int | None) -> tuple[User, Chat | None]:
    if from_id == ANONYMOUS_ADMIN.id:
        return ANONYMOUS_ADMIN, chat
    if from_id != CHANNEL_BOT.id:
        sender = world.user(from_id)
        if sender.is_bot:
            raise BadInputError("bots write through the Bot API")
        _check_may_write(chat, sender)
        if as_chat is None:
            return sender, None
    if as_chat == chat.id:
        return ANONYMOUS_ADMIN, chat
    channel = world.chats.get(as_chat) if as_chat is not None else None
    if channel is None or channel.private:
        raise NotKnownError(f"no chat {as_chat} to write as")
    return CHANNEL_BOT, channel


def _check_may_write(chat: Chat, sender: User) -> None:
    need_member(chat, sender.id)
    if chat.migrated_to is not None:
        raise BadInputError(f"chat {chat.id} was upgraded to supergroup {chat.migrated_to}")
    if not chat.private and not chat.member(sender.id).may("can_send_messages"):
        raise BadInputError(f"user {sender.id} may not write in chat {chat.id}")


def _thread(chat: Chat, thread_id: int | None) -> int | None:
    if thread_id is None or (chat.forum and thread_id == 1):
        return None
    if thread_id not in chat.topics:
        raise NotKnownError(f"no topic {thread_id} in chat {chat.id}")
    return thread_id


def content_of(world: World, body: Body) -> dict[str, Any]:
    """Return the Message fields of what somebody writes."""
    text = body.maybe_text("text")
    if text is not None:
        text, _ = trim(text, [])
        checked_text(text)
        return _with_entities("text", "entities", text)
    content: dict[str, Any] = {}
    if (location := body.maybe_object("location")) is not None:
        content["location"] = _coordinates(location)
    if (contact := body.maybe_object("contact")) is not None:
        content["contact"] = contact
    for kind in KINDS:
        if (given := body.maybe_object(kind)) is not None:
            content.update(_file(world, kind, given))
    if not content:
        raise BadInputError("text, photo, document, location or another content is missing")
    if (caption := body.maybe_text("caption")) is not None:
        checked_caption(caption)
        content.update(_with_entities("caption", "caption_entities", caption.strip()))
    if (group := body.values.get("media_group_id")) is not None:
        content["media_group_id"] = str(group)
    return content


def _with_entities(name: str, entities_name: str, text: str) -> dict[str, Any]:
    entities = find_entities(text)
    return {name: text, entities_name: entities} if entities else {name: text}


def _coordinates(location: dict[str, Any]) -> dict[str, Any]:
    for name in ("latitude", "longitude"):
        value = location.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise BadInputError(f"location.{name} must be a number")
    return location


def _file(world: World, kind: str, given: dict[str, Any]) -> dict[str, Any]:
    if isinstance(given.get("file_id"), str):
        return media_fields(world.files.get(given["file_id"]), kind, given)
    try:
        data = base64.b64decode(given["base64"], validate=True)
    except (KeyError, TypeError, binascii.Error):
        raise BadInputError(f"{kind}.base64 must be the file in base64") from None
    name = str(given.get("name") or kind)
    mime = str(given.get("mime_type") or "application/octet-stream")
    return media_fields(world.files.put(kind, name, mime, data), kind, given)


async def edit(world: World, request: web.Request) -> Any:
    """POST /sim/edits {chat_id, message_id, from_id, text | caption}: a person edits an own message."""
    body = await Body.read(request)
    chat = chat_of(world, body.integer("chat_id"), body.integer("from_id"))
    message = message_of(chat, body.integer("message_id"))
    if message.sender_id != body.integer("from_id"):
        raise BadInputError("only one's own messages can be edited")
    name = "text" if "text" in message.json else "caption"
    text = body.text(name).strip()
    (checked_text if name == "text" else checked_caption)(text)
    entities_name = "entities" if name == "text" else "caption_entities"
    change(world, message, _with_entities(name, entities_name, text), without=(name, entities_name))
    return as_seen(message)


async def delete(world: World, request: web.Request) -> Any:
    """POST /sim/deletions {chat_id, message_id, from_id}: own messages, any as admin or in private."""
    body = await Body.read(request)
    from_id = body.integer("from_id")
    chat = chat_of(world, body.integer("chat_id"), from_id)
    message = message_of(chat, body.integer("message_id"))
    need_member(chat, from_id)
    if not (message.sender_id == from_id or chat.private or chat.member(from_id).admin):
        raise BadInputError(f"user {from_id} may not delete message {message.id}")
    remove(world, message)
    return {"deleted": message.id}


async def react(world: World, request: web.Request) -> Any:
    """POST /sim/reactions {chat_id, message_id, from_id, emoji | null}: message_reaction to admin bots."""
    body = await Body.read(request)
    user = world.user(body.integer("from_id"))
    chat = chat_of(world, body.integer("chat_id"), user.id)
    message = message_of(chat, body.integer("message_id"))
    need_member(chat, user.id)
    emoji = body.maybe_text("emoji")
    reaction = [{"type": "emoji", "emoji": emoji}] if emoji else []
    message.react(user.id, emoji)
    update = {
        "chat": chat.json,
        "message_id": message.id,
        "user": user.json,
        "date": world.clock.date(),
        "old_reaction": [],
        "new_reaction": reaction,
    }
    bot_ids = [message.bot_id] if message.bot_id is not None else chat.bot_ids
    for bot_id in bot_ids:
        if chat.private or chat.members[bot_id].admin:
            world.bots[bot_id].queue.push("message_reaction", update)
    shown = {"chat_id": chat.id, "message_id": message.id, "user_id": user.id, "reaction": reaction}
    world.events.publish("reaction", shown)
    return shown


async def cast_vote(world: World, request: web.Request) -> Any:
    """POST /sim/votes {chat_id, message_id, from_id, options:[0-based…]} → the message with its poll."""
    body = await Body.read(request)
    user = world.user(body.integer("from_id"))
    chat = chat_of(world, body.integer("chat_id"), user.id)
    message = message_of(chat, body.integer("message_id"))
    need_member(chat, user.id)
    poll = message.json.get("poll")
    choice = body.items("options")
    if poll is None or poll["is_closed"]:
        raise BadInputError("there is no open poll in this message")
    if not all(isinstance(number, int) and 0 <= number < len(poll["options"]) for number in choice):
        raise BadInputError("options must be numbers of the poll's options")
    vote(world, message, user.id, choice)
    return as_seen(message)


async def start_group(world: World, request: web.Request) -> Any:
    """POST /sim/startgroup {bot, chat_id, from_id, payload?}: adds the bot, writes "/start@bot payload"."""
    body = await Body.read(request)
    bot, user = world.bot_named(body.values.get("bot")), world.user(body.integer("from_id"))
    chat = chat_of(world, body.integer("chat_id"))
    _check_may_write(chat, user)
    if not chat.member(bot.id).present:
        set_member(world, chat, bot.user, standing("member"), actor=user)
    payload = body.maybe_text("payload")
    text = f"/start@{bot.username} {payload}" if payload else f"/start@{bot.username}"
    return as_seen(post(world, chat, _with_entities("text", "entities", text), sender=user))
