"""What all sending methods share: topic, reply, keyboard, limits, then the message is posted."""

from __future__ import annotations

from typing import Any

from bot.sandbox.chats import Chat, Message
from bot.sandbox.entities import utf16_length
from bot.sandbox.errors import BadRequestError
from bot.sandbox.keyboards import read_markup
from bot.sandbox.methods.call import Call
from bot.sandbox.params import Params
from bot.sandbox.posting import post


def send(call: Call, chat: Chat, content: dict[str, Any]) -> dict[str, Any]:
    """Post `content` with the call's topic, reply and keyboard, and return it as the Bot API Message."""
    params = call.params
    keyboard = read_markup(params, private=chat.private)
    thread_id = thread_of(call, chat)
    reply_to = reply_target(call, chat, content)
    charge(call, chat)
    return post_as_bot(call, chat, content, keyboard=keyboard, thread_id=thread_id, reply_to=reply_to).json


def post_as_bot(call: Call, chat: Chat, content: dict[str, Any], **more: Any) -> Message:
    """Post a message of the calling bot; `more` as for `post`. Neither checked nor charged here."""
    return post(
        call.world,
        chat,
        content,
        sender=call.bot.user,
        bot_id=call.bot.id if chat.private else None,
        protect=call.params.flag("protect_content"),
        **more,
    )


def charge(call: Call, chat: Chat, messages: int = 1) -> None:
    """Count messages against the limits; TooManyRequestsError when they do not fit."""
    call.world.limiter.charge(call.bot.id, chat.id, is_group=chat.is_group, messages=messages)


def thread_of(call: Call, chat: Chat) -> int | None:
    """Return the checked message_thread_id; "message thread not found" also for 1, the General topic."""
    thread_id = call.params.integer("message_thread_id")
    if not thread_id:
        return None
    topic = chat.topics.get(thread_id)
    if topic is not None:
        if topic.closed and not chat.member(call.bot.id).has_right("can_manage_topics"):
            raise BadRequestError("TOPIC_CLOSED")
        return thread_id
    if chat.type == "supergroup" and not chat.forum and thread_id != 1 and thread_id in chat.messages:
        return thread_id
    raise BadRequestError("message thread not found")


def reply_target(call: Call, chat: Chat, content: dict[str, Any]) -> Message | None:
    """Return the message replied to; "message to be replied not found" unless the call allows that.

    A quotation is checked and added to `content`. Replies to messages of other chats are sent as no reply.
    """
    params = call.params
    given = params.obj("reply_parameters") if "reply_parameters" in params.values else None
    fields = Params(given) if given else params
    reply_id = fields.integer("message_id" if given else "reply_to_message_id")
    if not reply_id or (given and fields.text("chat_id") not in ("", str(chat.id))):
        return None
    found = chat.messages.get(reply_id)
    if found is None or not found.seen_by(call.bot.id):
        if fields.flag("allow_sending_without_reply"):
            return None
        raise BadRequestError("message to be replied not found")
    quote = fields.text("quote") if given else ""
    if quote:
        whole = found.json.get("text") or found.json.get("caption") or ""
        if quote not in whole:
            raise BadRequestError("QUOTE_TEXT_INVALID")
        position = utf16_length(whole[: whole.index(quote)])
        content["quote"] = {"text": quote, "position": position, "is_manual": True}
    return found
