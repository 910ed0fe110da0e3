"""``Outgoing`` as Bot API calls. Whatever people wrote is escaped; nothing in it can become markup."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.delivery.transport import OutboxRow, Rejected
from bot.messages import InlineResult, Instant, Option, Outgoing
from bot.telegram.text import CAPTION_UNITS, MESSAGE_UNITS, escape, shorten, split

GENERAL_THREAD = 1
"""The General topic: sending with its id fails, sending without one goes there."""

CALLBACK_UNITS = 200
_NO_PREVIEW = {"is_disabled": True}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One Bot API call; ``files`` are uploaded under their parameter names."""

    method: str
    params: dict[str, Any]
    files: dict[str, Path] = field(default_factory=dict)


def render(row: OutboxRow, *, files_dir: Path, repeated_mark: str = "") -> list[Call]:
    """Return the calls that bring a row to its chat, in order; buttons are on the last one.

    ``repeated_mark`` is put before a text that may have arrived already. Raises Rejected for a file outside
    ``files_dir`` (an Outgoing names files of that folder).
    """
    outgoing = row.outgoing
    text = repeated_mark + outgoing.text if row.possibly_repeated and repeated_mark else outgoing.text
    if row.message_id is not None:
        return [_edit(outgoing, row.message_id, text)]
    if outgoing.card is not None:
        # A card is one message, whatever its length: it must stay editable as one.
        calls = [_send(outgoing, shorten(text, MESSAGE_UNITS))]
    else:
        calls = []
        for kind, name in (("photo", outgoing.photo), ("document", outgoing.document)):
            if name is not None:
                caption, text = _caption(text)
                calls.append(_upload(outgoing, kind, _file(files_dir, name), caption))
        if text or not calls:
            calls += [_send(outgoing, part) for part in split(text)]
    if outgoing.reply_to is not None:
        reply = {"message_id": outgoing.reply_to, "allow_sending_without_reply": True}
        calls[0].params["reply_parameters"] = reply
    if outgoing.options:
        calls[-1].params["reply_markup"] = _keyboard(outgoing.options)
    return calls


def render_instant(instant: Instant) -> Call | None:
    """Return the call that answers a tap or an inline query; None when it answers nothing."""
    if instant.tap_id is not None:
        params: dict[str, Any] = {"callback_query_id": instant.tap_id}
        if instant.text:
            params |= {"text": shorten(instant.text, CALLBACK_UNITS), "show_alert": instant.alert}
        return Call(method="answerCallbackQuery", params=params)
    if instant.inline_id is None:
        return None
    return Call(
        method="answerInlineQuery",
        params={
            "inline_query_id": instant.inline_id,
            "results": [_article(result) for result in instant.results[:50]],
            "cache_time": instant.cache_s,
            "is_personal": True,
        },
    )


def _send(outgoing: Outgoing, text: str) -> Call:
    params = _address(outgoing) | {
        "text": escape(text),
        "parse_mode": "HTML",
        "link_preview_options": _NO_PREVIEW,
    }
    return Call(method="sendMessage", params=params)


def _edit(outgoing: Outgoing, message_id: int, text: str) -> Call:
    params: dict[str, Any] = {
        "chat_id": outgoing.chat_id,
        "message_id": message_id,
        "text": escape(shorten(text, MESSAGE_UNITS)),
        "parse_mode": "HTML",
        "link_preview_options": _NO_PREVIEW,
        # Without it old buttons would stay under a new text.
        "reply_markup": _keyboard(outgoing.options),
    }
    return Call(method="editMessageText", params=params)


def _upload(outgoing: Outgoing, kind: str, path: Path, caption: str) -> Call:
    params = _address(outgoing)
    if caption:
        params |= {"caption": escape(caption), "parse_mode": "HTML"}
    return Call(method="sendPhoto" if kind == "photo" else "sendDocument", params=params, files={kind: path})


def _address(outgoing: Outgoing) -> dict[str, Any]:
    params: dict[str, Any] = {"chat_id": outgoing.chat_id}
    if outgoing.thread_id is not None and outgoing.thread_id != GENERAL_THREAD:
        params["message_thread_id"] = outgoing.thread_id
    if outgoing.silent:
        params["disable_notification"] = True
    if outgoing.protect:
        params["protect_content"] = True
    return params


def _caption(text: str) -> tuple[str, str]:
    """Return what goes under a file and what follows as messages of its own."""
    parts = split(text, CAPTION_UNITS)
    return parts[0], text[len(parts[0]) :].lstrip() if len(parts) > 1 else ""


def _keyboard(options: tuple[tuple[Option, ...], ...]) -> dict[str, Any]:
    return {"inline_keyboard": [[_button(option) for option in row] for row in options if row]}


def _button(option: Option) -> dict[str, str]:
    if option.url:
        return {"text": option.label, "url": option.url}
    return {"text": option.label, "callback_data": option.data or option.label}


def _article(result: InlineResult) -> dict[str, Any]:
    content = {
        "message_text": escape(shorten(result.text, MESSAGE_UNITS)),
        "parse_mode": "HTML",
        "link_preview_options": _NO_PREVIEW,
    }
    return {
        "type": "article",
        "id": result.id,
        "title": result.title,
        "description": result.description,
        "input_message_content": content,
    }


def _file(folder: Path, name: str) -> Path:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise Rejected("a file outside the files folder cannot be sent")
    return path
