"""Sending photos, documents and other files, and albums."""

from __future__ import annotations

import itertools
import time
from typing import Any

from bot.sandbox.access import writable_chat
from bot.sandbox.errors import BadRequestError
from bot.sandbox.files import StoredFile
from bot.sandbox.keyboards import read_markup
from bot.sandbox.methods.call import Call, Handler, caption_fields, formatted_field
from bot.sandbox.methods.sending import charge, post_as_bot, reply_target, send, thread_of
from bot.sandbox.params import Params

_PERMISSIONS = {
    "photo": "can_send_photos",
    "document": "can_send_documents",
    "voice": "can_send_voice_notes",
    "video": "can_send_videos",
    "video_note": "can_send_video_notes",
    "animation": "can_send_other_messages",
    "audio": "can_send_audios",
    "sticker": "can_send_other_messages",
}
_TYPE_NAMES = {
    "photo": "Photo",
    "document": "Document",
    "voice": "VoiceNote",
    "video": "Video",
    "video_note": "VideoNote",
    "animation": "Animation",
    "audio": "Audio",
    "sticker": "Sticker",
}
_ALBUMS = ("photo", "video", "document", "audio")
_MIXED = {"photo": "visual", "video": "visual"}
_album_numbers = itertools.count(time.time_ns() // 1000 * 10)


def _sender(kind: str) -> Handler:
    def send_file(call: Call) -> dict[str, Any]:
        chat = writable_chat(call.world, call.bot, call.params, _PERMISSIONS[kind])
        value = call.params.files.get(kind) or call.params.text(kind)
        if not value:
            raise BadRequestError(f"there is no {kind.replace('_', ' ')} in the request")
        caption = {} if kind in ("sticker", "video_note") else call.caption()
        stored = take_file(call, value, kind)
        return send(call, chat, {**media_fields(stored, kind, call.params.values), **caption})

    send_file.__doc__ = f"Send a file as {kind}."
    return send_file


def take_file(call: Call, value: Any, kind: str) -> StoredFile:
    """Return the file a field means: an upload, attach://NAME, or a file_id of the same kind.

    Addresses are refused as unreachable: this server has no network.
    """
    files = call.params.files
    if isinstance(value, str) and value.startswith("attach://"):
        value = files.get(value.removeprefix("attach://"))
        if value is None:
            raise BadRequestError("wrong file identifier/HTTP URL specified")
    if isinstance(value, str):
        if value.startswith(("http://", "https://")):
            raise BadRequestError("failed to get HTTP URL content")
        stored = call.world.files.get(value)
        if stored.kind != kind:
            raise BadRequestError(f"can't use file of type {_TYPE_NAMES[stored.kind]} as {_TYPE_NAMES[kind]}")
        return stored
    if not value.data:
        raise BadRequestError("file must be non-empty")
    stored = call.world.files.put(kind, value.file_name, value.mime_type, value.data)
    if kind == "photo" and not stored.width:
        raise BadRequestError("IMAGE_PROCESS_FAILED")
    return stored


def media_fields(stored: StoredFile, kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the Message fields that show a file; `given` may hold duration, width, title and such."""
    shown = stored.to_json()
    width, height = stored.width or _whole(given, "width"), stored.height or _whole(given, "height")
    if kind == "photo":
        return {"photo": [{**shown, "width": width or 640, "height": height or 480}]}
    if kind == "sticker":
        size = {"width": width or 512, "height": height or 512}
        return {"sticker": {**shown, **size, "type": "regular", "is_animated": False, "is_video": False}}
    if kind == "video_note":
        return {"video_note": {**shown, "length": width or 240, "duration": _whole(given, "duration")}}
    if kind != "voice":
        shown["file_name"] = stored.name
    shown["mime_type"] = stored.mime_type
    if kind != "document":
        shown["duration"] = _whole(given, "duration")
    if kind in ("video", "animation"):
        shown.update(width=width or 320, height=height or 240)
    if kind == "audio":
        shown.update((name, str(given[name])) for name in ("performer", "title") if given.get(name))
    if kind == "animation":
        document = {name: shown[name] for name in shown if name not in ("duration", "width", "height")}
        return {"animation": shown, "document": document}
    return {kind: shown}


def _whole(given: dict[str, Any], name: str) -> int:
    value = str(given.get(name) or "0")
    return int(value) if value.isdigit() else 0


def input_media(call: Call, media: Any, allowed: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """Return kind and Message fields of an InputMedia object; BadRequestError when it is none."""
    if not isinstance(media, dict):
        raise BadRequestError("can't parse InputMedia: expected an Object")
    kind = media.get("type")
    if kind not in allowed:
        raise BadRequestError(f"can't parse InputMedia: type must be one of {', '.join(allowed)}")
    if not isinstance(media.get("media"), str) or not media["media"]:
        raise BadRequestError("can't parse InputMedia: media not found")
    caption = caption_fields(*formatted_field(call.world, Params(media), "caption", "caption_entities"))
    return kind, {**media_fields(take_file(call, media["media"], kind), kind, media), **caption}


def send_media_group(call: Call) -> list[dict[str, Any]]:
    """Send an album of 2-10 photos and videos, or documents, or audio files (sendMediaGroup)."""
    chat = writable_chat(call.world, call.bot, call.params)
    media = call.params.array("media")
    if media is None:
        raise BadRequestError('parameter "media" is required')
    if not 2 <= len(media) <= 10:
        raise BadRequestError("media group must have 2-10 items")
    items = [input_media(call, item, _ALBUMS) for item in media]
    if len({_MIXED.get(kind, kind) for kind, _ in items}) > 1:
        odd = "document" if any(kind == "document" for kind, _ in items) else "audio"
        raise BadRequestError(f"{odd} can't be mixed with other media types")
    keyboard = read_markup(call.params, private=chat.private)
    if keyboard is not None:
        raise BadRequestError("reply markup can't be used in a media group")
    thread_id = thread_of(call, chat)
    reply_to = reply_target(call, chat, {})
    charge(call, chat, len(items))
    group = {"media_group_id": str(next(_album_numbers))}
    return [
        post_as_bot(call, chat, {**group, **fields}, thread_id=thread_id, reply_to=reply_to).json
        for _, fields in items
    ]


METHODS: dict[str, Handler] = {
    "sendPhoto": _sender("photo"),
    "sendDocument": _sender("document"),
    "sendVoice": _sender("voice"),
    "sendVideo": _sender("video"),
    "sendVideoNote": _sender("video_note"),
    "sendAnimation": _sender("animation"),
    "sendAudio": _sender("audio"),
    "sendSticker": _sender("sticker"),
    "sendMediaGroup": send_media_group,
}
