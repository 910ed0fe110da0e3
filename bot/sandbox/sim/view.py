"""Messages and chats as the user side sees them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.chats import Chat, Message
from bot.sandbox.errors import BadInputError, NotKnownError
from bot.sandbox.files import KINDS
from bot.sandbox.world import World


def as_seen(message: Message) -> dict[str, Any]:
    """Return a Message with what only members see: any keyboard, earlier forms, addresses of files.

    Adds `edits` [{date, text | caption, reply_markup}], `files` [{kind, file_id, url, …}], where there are any
    `reactions` [{user_id, emoji}] and `votes` [{user_id, options}], and, in a private chat, `bot_id`;
    `reply_markup` is the keyboard of whatever kind.
    """
    shown = dict(message.json)
    if message.keyboard is not None:
        shown["reply_markup"] = message.keyboard
    shown["edits"] = [_earlier(form) for form in message.edits]
    shown["files"] = [_file(kind, message.json[kind]) for kind in KINDS if kind in message.json]
    if message.reactions:
        shown["reactions"] = [
            {"user_id": user_id, "emoji": emoji} for user_id, emoji in message.reactions.items()
        ]
    if message.votes:
        shown["votes"] = [
            {"user_id": user_id, "options": chosen} for user_id, chosen in message.votes.items()
        ]
    if message.bot_id is not None:
        shown["bot_id"] = message.bot_id
    return shown


def _earlier(form: dict[str, Any]) -> dict[str, Any]:
    fields = ("text", "caption", "reply_markup")
    kept: dict[str, Any] = {name: form[name] for name in fields if name in form}
    return {"date": form.get("edit_date", form["date"]), **kept}


def _file(kind: str, shown: Any) -> dict[str, Any]:
    one = shown[-1] if kind == "photo" else shown
    kept = ("file_id", "file_name", "mime_type", "file_size", "width", "height", "duration")
    return {
        "kind": kind,
        "url": f"/sim/files/{one['file_id']}",
        **{name: one[name] for name in kept if name in one},
    }


def chat_of(world: World, chat_id: int, from_id: int | None = None) -> Chat:
    """Return a chat by id; a bot's id means the private chat of `from_id` with that bot."""
    if chat_id in world.bots and from_id is not None:
        chat_id = from_id
    chat = world.chats.get(chat_id)
    if chat is None:
        raise NotKnownError(f"no chat {chat_id}")
    return chat


def bot_at_other_end(world: World, chat: Chat, chat_id: int, named: Any) -> int:
    """Return the bot a person's private message goes to.

    Named, or meant by `chat_id`, or the one last talked to, or the first there is.
    """
    if named is not None:
        return world.bot_named(named).id
    if chat_id in world.bots:
        return chat_id
    if chat.last_bot_id is not None:
        return chat.last_bot_id
    started = [bot_id for bot_id, peer in chat.peers.items() if peer.started]
    if started:
        return started[0]
    if not world.bots:
        raise BadInputError("no bot is there yet")
    return next(iter(world.bots))


def message_of(chat: Chat, message_id: int, *, deleted: bool = False) -> Message:
    """Return a message; deleted ones only if asked for."""
    message = chat.messages.get(message_id)
    if message is None or (message.deleted and not deleted):
        raise NotKnownError(f"no message {message_id} in chat {chat.id}")
    return message


def need_member(chat: Chat, user_id: int) -> None:
    """Raise BadInputError unless a person is in a chat."""
    inside = user_id == chat.id if chat.private else chat.member(user_id).present
    if not inside:
        raise BadInputError(f"user {user_id} is not in chat {chat.id}")
