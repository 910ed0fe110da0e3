"""Which chat a call means, and whether the bot may act there."""

from __future__ import annotations

from bot.sandbox.accounts import Bot
from bot.sandbox.chats import Chat, Message
from bot.sandbox.errors import BadRequestError, ChatMigratedError, ForbiddenError
from bot.sandbox.params import Params
from bot.sandbox.world import World


def find_chat(world: World, params: Params, name: str = "chat_id") -> Chat:
    """Return the chat that field `name` means: an id, or a public @username; BadRequestError when unknown."""
    value = params.values.get(name)
    if value is None or value == "":
        raise BadRequestError(f"{name} is empty")
    try:
        chat = world.chats.get(int(value))
    except (TypeError, ValueError):
        chat = world.chat_named(value) if isinstance(value, str) and value.startswith("@") else None
    if chat is None:
        if str(value).lstrip("-").isdigit() and int(value) in world.bots:
            raise ForbiddenError("bots can't send messages to bots")
        raise BadRequestError("chat not found")
    return chat


def reachable_chat(world: World, bot: Bot, params: Params, name: str = "chat_id") -> Chat:
    """Return the chat of a call when the bot is in it; in Telegram's words otherwise."""
    chat = find_chat(world, params, name)
    if chat.owner is not None:
        peer = chat.peers.get(bot.id)
        if peer is None or not peer.started:
            raise ForbiddenError("bot can't initiate conversation with a user")
        if peer.blocked:
            raise ForbiddenError("bot was blocked by the user")
        return chat
    if chat.migrated_to is not None:
        raise ChatMigratedError(chat.migrated_to)
    member = chat.members.get(bot.id)
    if member is None or not member.present:
        if member is not None and member.status == "kicked":
            raise ForbiddenError(f"bot was kicked from the {chat.type} chat")
        raise ForbiddenError(f"bot is not a member of the {chat.type} chat")
    return chat


def writable_chat(world: World, bot: Bot, params: Params, permission: str = "can_send_messages") -> Chat:
    """Return the chat of a call when the bot may post there."""
    chat = reachable_chat(world, bot, params)
    if chat.owner is not None:
        return chat
    member = chat.members[bot.id]
    if chat.type == "channel":
        if not member.has_right("can_post_messages"):
            raise BadRequestError("need administrator rights in the channel chat")
    elif not member.admin and not (member.may(permission) and chat.permissions.get(permission, True)):
        what = permission.removeprefix("can_send_").replace("_", " ").replace("other messages", "messages")
        what = "text messages" if permission == "can_send_messages" else what
        raise BadRequestError(f"not enough rights to send {what} to the chat")
    return chat


def need_right(chat: Chat, bot: Bot, right: str, purpose: str) -> None:
    """Raise BadRequestError "not enough rights to …" unless the bot has an administrator's right."""
    if not chat.member(bot.id).has_right(right):
        raise BadRequestError(f"not enough rights to {purpose}")


def find_message(chat: Chat, bot: Bot, message_id: int | None, purpose: str) -> Message:
    """Return a message the bot can name; BadRequestError "message to <purpose> not found" otherwise."""
    message = chat.messages.get(message_id) if message_id is not None else None
    if message is None or not message.seen_by(bot.id):
        raise BadRequestError(f"message to {purpose} not found")
    return message
