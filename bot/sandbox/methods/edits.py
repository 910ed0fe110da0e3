"""Editing a bot's own messages, in a chat or sent through inline mode."""

from __future__ import annotations

from typing import Any

from bot.sandbox.access import find_message
from bot.sandbox.chats import Message
from bot.sandbox.errors import BadRequestError
from bot.sandbox.formatting import checked_text
from bot.sandbox.keyboards import inline_part, read_markup
from bot.sandbox.methods.call import Call, Handler
from bot.sandbox.methods.media import input_media
from bot.sandbox.posting import change

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
_MEDIA = ("photo", "video", "animation", "document", "audio")
_CAPTIONED = (*_MEDIA, "voice")


def _target(call: Call) -> Message:
    inline_id = call.params.text("inline_message_id")
    if inline_id:
        message = call.world.inline_messages.get(inline_id)
        if message is None or message.via_bot != call.bot.id:
            raise BadRequestError("MESSAGE_ID_INVALID")
        if message.deleted:
            raise BadRequestError("message to edit not found")
        return message
    chat = call.chat()
    message_id = call.params.integer("message_id")
    if message_id is None:
        raise BadRequestError("message identifier is not specified")
    message = find_message(chat, call.bot, message_id, "edit")
    own = message.sender_id == call.bot.id and not message.service
    if not own and not (chat.type == "channel" and chat.member(call.bot.id).has_right("can_edit_messages")):
        raise BadRequestError("message can't be edited")
    return message


def _edit(
    call: Call,
    message: Message,
    content: dict[str, Any],
    fields: tuple[str, ...],
    *,
    mark_edited: bool = True,
) -> Any:
    """Replace `fields` of a message by `content` and its keyboard; 400 when nothing changes."""
    keyboard = read_markup(call.params, private=message.chat.private)
    if keyboard is not None and inline_part(keyboard) is None:
        raise BadRequestError("inline keyboard expected")
    old = message.json
    same = all(old.get(name) == content.get(name) for name in fields)
    if same and old.get("reply_markup") == keyboard:
        raise BadRequestError(_NOT_MODIFIED)
    message.keyboard = keyboard
    if keyboard is not None:
        content = {**content, "reply_markup": keyboard}
    gone = (*fields, "reply_markup")
    change(call.world, message, content, without=gone, mark_edited=mark_edited, by_bot=True)
    return True if call.params.text("inline_message_id") else message.json


def edit_message_text(call: Call) -> Any:
    """Change the text (editMessageText); a keyboard not given again goes away."""
    message = _target(call)
    text, entities = call.formatted("text", "entities")
    checked_text(text)
    if "text" not in message.json:
        raise BadRequestError("there is no text in the message to edit")
    content: dict[str, Any] = {"text": text, "entities": entities} if entities else {"text": text}
    return _edit(call, message, content, ("text", "entities"))


def edit_message_caption(call: Call) -> Any:
    """Change or take away the caption (editMessageCaption)."""
    message = _target(call)
    if not any(kind in message.json for kind in _CAPTIONED):
        raise BadRequestError("there is no caption in the message to edit")
    return _edit(call, message, call.caption(), ("caption", "caption_entities"))


def edit_message_media(call: Call) -> Any:
    """Change the file and caption (editMessageMedia)."""
    message = _target(call)
    media = call.params.obj("media")
    if media is None:
        raise BadRequestError('parameter "media" is required')
    _, content = input_media(call, media, _MEDIA)
    if "text" in message.json:
        raise BadRequestError("message can't be edited")
    return _edit(call, message, content, (*_CAPTIONED, "caption", "caption_entities"))


def edit_message_reply_markup(call: Call) -> Any:
    """Change or take away the inline keyboard alone (editMessageReplyMarkup)."""
    return _edit(call, _target(call), {}, (), mark_edited=False)


METHODS: dict[str, Handler] = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageMedia": edit_message_media,
    "editMessageReplyMarkup": edit_message_reply_markup,
}
