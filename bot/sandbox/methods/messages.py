"""Sending text and small things, forwarding, copying, deleting, reacting."""

from __future__ import annotations

import secrets
from typing import Any

from bot.sandbox.access import find_message, reachable_chat, writable_chat
from bot.sandbox.chats import Chat, Message
from bot.sandbox.errors import ApiError, BadRequestError
from bot.sandbox.formatting import checked_text
from bot.sandbox.methods.call import Call, Handler, caption_fields
from bot.sandbox.methods.sending import charge, post_as_bot, send, thread_of
from bot.sandbox.posting import remove

CONTENT = (
    "text",
    "entities",
    "caption",
    "caption_entities",
    "link_preview_options",
    "photo",
    "document",
    "voice",
    "video",
    "video_note",
    "animation",
    "audio",
    "sticker",
    "location",
    "venue",
    "contact",
    "poll",
    "dice",
)
"""The fields of a Message that a copy or a forward takes along."""

_DELETE_FOR_ALL_S = 48 * 3600
_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


def send_message(call: Call) -> dict[str, Any]:
    """Send a text (sendMessage)."""
    chat = writable_chat(call.world, call.bot, call.params)
    text, entities = call.formatted("text", "entities")
    checked_text(text)
    content: dict[str, Any] = {"text": text, "entities": entities} if entities else {"text": text}
    values = call.params.values
    if "link_preview_options" in values and (options := call.params.obj("link_preview_options")):
        content["link_preview_options"] = options
    elif call.params.flag("disable_web_page_preview"):
        content["link_preview_options"] = {"is_disabled": True}
    return send(call, chat, content)


def send_location(call: Call) -> dict[str, Any]:
    """Send a point (sendLocation); degrees, radius in metres."""
    chat = writable_chat(call.world, call.bot, call.params)
    return send(call, chat, {"location": _location(call)})


def _location(call: Call) -> dict[str, Any]:
    latitude, longitude = call.params.number("latitude"), call.params.number("longitude")
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        raise BadRequestError("wrong latitude or longitude specified")
    location: dict[str, Any] = {"latitude": latitude, "longitude": longitude}
    if (radius := call.params.number("horizontal_accuracy")) is not None:
        location["horizontal_accuracy"] = radius
    if (period := call.params.integer("live_period")) is not None:
        location["live_period"] = period
    return location


def send_venue(call: Call) -> dict[str, Any]:
    """Send a place with a name (sendVenue)."""
    chat = writable_chat(call.world, call.bot, call.params)
    title, address = call.params.text("title"), call.params.text("address")
    if not title or not address:
        raise BadRequestError("venue title and address must be non-empty")
    location = _location(call)
    return send(
        call,
        chat,
        {"location": location, "venue": {"location": location, "title": title, "address": address}},
    )


def send_contact(call: Call) -> dict[str, Any]:
    """Send a phone number (sendContact)."""
    chat = writable_chat(call.world, call.bot, call.params)
    contact = {name: call.params.text(name) for name in ("phone_number", "first_name")}
    if not contact["phone_number"]:
        raise BadRequestError("phone number is invalid")
    if not contact["first_name"]:
        raise BadRequestError("contact first name must be non-empty")
    contact.update((name, value) for name in ("last_name", "vcard") if (value := call.params.text(name)))
    return send(call, chat, {"contact": contact})


def send_dice(call: Call) -> dict[str, Any]:
    """Send a die (sendDice)."""
    chat = writable_chat(call.world, call.bot, call.params, "can_send_other_messages")
    emoji = call.params.text("emoji") or "\N{GAME DIE}"
    return send(call, chat, {"dice": {"emoji": emoji, "value": 1 + secrets.randbelow(5)}})


def send_chat_action(call: Call) -> bool:
    """Show that the bot is typing or uploading (sendChatAction)."""
    chat = call.chat()
    action = call.params.text("action")
    if action not in _ACTIONS:
        raise BadRequestError("wrong parameter action in request")
    call.world.events.publish("action", {"chat_id": chat.id, "user_id": call.bot.id, "action": action})
    return True


def forward_message(call: Call) -> dict[str, Any]:
    """Forward one message (forwardMessage)."""
    source, chat = _source(call), writable_chat(call.world, call.bot, call.params)
    message = _forwardable(call, source, call.need_integer("message_id"))
    thread_id = thread_of(call, chat)
    charge(call, chat)
    return post_as_bot(call, chat, _forwarded(message), thread_id=thread_id).json


def forward_messages(call: Call) -> list[dict[str, int]]:
    """Forward 1-100 messages, leaving out what cannot be (forwardMessages)."""
    return _many(call, _forwarded, "forward")


def copy_messages(call: Call) -> list[dict[str, int]]:
    """Copy 1-100 messages, leaving out what cannot be (copyMessages)."""
    return _many(call, _content, "copy")


def _many(call: Call, make: Any, purpose: str) -> list[dict[str, int]]:
    source, chat = _source(call), writable_chat(call.world, call.bot, call.params)
    ids = _message_ids(call)
    thread_id = thread_of(call, chat)
    found: list[Message] = []
    for message_id in ids:
        try:
            found.append(_forwardable(call, source, message_id, purpose))
        except ApiError:
            # The method is documented to skip what is missing or protected.
            continue
    if not found:
        raise BadRequestError(f"there are no messages to {purpose}")
    charge(call, chat, len(found))
    return [
        {"message_id": post_as_bot(call, chat, make(message), thread_id=thread_id).id} for message in found
    ]


def _message_ids(call: Call) -> list[int]:
    ids = call.params.array("message_ids") or []
    if not ids:
        raise BadRequestError("message identifiers are not specified")
    if len(ids) > 100:
        raise BadRequestError("too many message identifiers")
    try:
        return [int(message_id) for message_id in ids]
    except (TypeError, ValueError):
        raise BadRequestError("invalid message identifier specified") from None


def copy_message(call: Call) -> dict[str, int]:
    """Send a message's content anew, without saying where it is from (copyMessage)."""
    source, chat = _source(call), writable_chat(call.world, call.bot, call.params)
    message = _forwardable(call, source, call.need_integer("message_id"), "copy")
    content = _content(message)
    if call.params.has("caption") and "text" not in content:
        content.pop("caption", None)
        content.pop("caption_entities", None)
        content.update(caption_fields(*call.formatted("caption", "caption_entities")))
    return {"message_id": send(call, chat, content)["message_id"]}


def _source(call: Call) -> Chat:
    return reachable_chat(call.world, call.bot, call.params, "from_chat_id")


def _forwardable(call: Call, source: Chat, message_id: int, purpose: str = "forward") -> Message:
    message = find_message(source, call.bot, message_id, purpose)
    if message.protected or message.service:
        raise BadRequestError(
            "message can't be copied" if purpose == "copy" else "message can't be forwarded"
        )
    return message


def _content(message: Message) -> dict[str, Any]:
    return {name: message.json[name] for name in CONTENT if name in message.json}


def _forwarded(message: Message) -> dict[str, Any]:
    shown = message.json
    origin: dict[str, Any] | None = shown.get("forward_origin")
    if origin is None:
        if message.chat.type == "channel":
            origin = {"type": "channel", "chat": message.chat.json, "message_id": message.id}
        elif "sender_chat" in shown:
            origin = {"type": "chat", "sender_chat": shown["sender_chat"]}
        else:
            origin = {"type": "user", "sender_user": shown["from"]}
        origin["date"] = shown["date"]
    return {"forward_origin": origin, **_content(message)}


def delete_message(call: Call) -> bool:
    """Delete a message for everybody (deleteMessage)."""
    chat = call.chat()
    message = find_message(chat, call.bot, call.need_integer("message_id"), "delete")
    _check_deletable(call, chat, message)
    remove(call.world, message)
    return True


def _check_deletable(call: Call, chat: Chat, message: Message) -> None:
    if chat.member(call.bot.id).has_right("can_delete_messages"):
        return
    own = message.sender_id == call.bot.id
    if not own and not chat.private:
        raise BadRequestError("message can't be deleted")
    if call.world.clock.date() - message.json["date"] > _DELETE_FOR_ALL_S:
        raise BadRequestError("message can't be deleted for everyone")


def delete_messages(call: Call) -> bool:
    """Delete 1-100 messages, leaving out what cannot be (deleteMessages)."""
    chat = call.chat()
    ids = _message_ids(call)
    for message_id in ids:
        message = chat.messages.get(message_id)
        if message is None or not message.seen_by(call.bot.id):
            continue
        _check_deletable(call, chat, message)
        remove(call.world, message)
    return True


def set_message_reaction(call: Call) -> bool:
    """Set or take away the bot's reaction (setMessageReaction); bots have one at most."""
    chat = call.chat()
    message = find_message(chat, call.bot, call.need_integer("message_id"), "react")
    reaction = call.params.array("reaction") or []
    if len(reaction) > 1:
        raise BadRequestError("REACTIONS_TOO_MANY")
    message.react(call.bot.id, str(reaction[0].get("emoji", "")) if reaction else None)
    call.world.events.publish(
        "reaction",
        {"chat_id": chat.id, "message_id": message.id, "user_id": call.bot.id, "reaction": reaction},
    )
    return True


METHODS: dict[str, Handler] = {
    "sendMessage": send_message,
    "sendLocation": send_location,
    "sendVenue": send_venue,
    "sendContact": send_contact,
    "sendDice": send_dice,
    "sendChatAction": send_chat_action,
    "forwardMessage": forward_message,
    "forwardMessages": forward_messages,
    "copyMessage": copy_message,
    "copyMessages": copy_messages,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "setMessageReaction": set_message_reaction,
}
